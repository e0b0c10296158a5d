"""`astra tokens refresh` and `keep-alive`."""

from __future__ import annotations

import random
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import attrs
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from astra.cli.dates import parse_duration
from astra.cli.options import JsonOption, err, print_fields
from astra.cli.output import print_json
from astra.cli.signals import stop_on_signal
from astra.cli.table import show
from astra.cli.tokens.opening import Opened, client
from astra.cli.tokens.options import StoreOption, describe
from astra.tokens.keep_alive import KeepAliveReport

if TYPE_CHECKING:
    from astra import Astra


def refresh(
    key: Annotated[str, typer.Argument(help="Your key of the user.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refresh one grant now.

    Exit codes: 0 done, 2 it could not run, 3 no answer, 5 the user has to authorize again, 7 there is no such
    grant.

    \b
    Examples:
      astra tokens refresh customer-42
    """
    with client(store, check=False, quiet=as_json) as (astra, found):
        print_fields(describe(astra.tokens.refresh(key)) | {"store": found.place}, as_json=as_json)


def keep_alive(
    store: StoreOption = None,
    older_than: Annotated[str, typer.Option(help="Refresh what was not refreshed for so long.")] = "5d",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Refreshes per second at most.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Refreshes under way at once.")] = 8,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and run again and again.")] = False,
    interval: Annotated[str, typer.Option(help="With --watch: pause between runs, give or take a tenth.")] = "1h",
    as_json: JsonOption = False,
) -> None:
    """Refresh every grant that is due, so that no refresh token dies of old age. Safe to run on many hosts at once.

    Exit codes: 0 all is well, 1 something failed or somebody has to authorize again, 2 it could not run, 3 no
    answer. SIGTERM and SIGINT end it within a second; what is refreshed by then is saved. With --watch that is exit
    code 0.

    \b
    Examples:
      astra tokens keep-alive
      astra tokens keep-alive --rate 5 --concurrency 4
      astra tokens keep-alive --watch --interval 1h
    """
    age, pause = parse_duration(older_than), parse_duration(interval).total_seconds()
    with stop_on_signal() as stop, client(store, quiet=as_json) as (astra, found):
        while True:
            report = _one_run(astra, age, rate=rate, concurrency=concurrency, stop=stop, quiet=as_json)
            print_report(report, found, as_json=as_json)
            # Jitter keeps hosts that were started together from waking together each time.
            if not watch or stop.wait(pause * random.uniform(0.9, 1.1)):  # noqa: S311 - not a secret
                break
    if watch and stop.is_set():
        return
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _one_run(
    astra: Astra, age: timedelta, *, rate: float | None, concurrency: int, stop: threading.Event, quiet: bool
) -> KeepAliveReport:
    now = astra.tokens.clock()
    due = astra.tokens.store.count_due(refreshed_before=now - age.total_seconds(), now=now)
    columns = (
        TextColumn("keeping grants alive"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=due, rate="0")

        def tell(report: KeepAliveReport) -> None:
            done = report.refreshed + report.skipped + report.failed + report.needs_reauthorization
            bar.update(task, completed=done, rate=f"{report.rate:.0f}")

        return astra.tokens.keep_alive(
            older_than=age, rate=rate, concurrency=concurrency, progress=tell, stop=stop.is_set
        )


def print_report(report: KeepAliveReport, found: Opened, *, as_json: bool) -> None:
    """Prints what a run did.

    Args:
        report: of the run.
        found: where it ran.
        as_json: for programs.
    """
    if as_json:
        print_json(attrs.asdict(report) | {"ok": report.ok, "exit_code": report.exit_code} | found.fields)
        return
    out = Console(highlight=False)
    colour = "red" if report.exit_code else "green"
    line = (
        f"[{colour}]{report.refreshed} refreshed, {report.skipped} skipped, {report.failed} failed, "
        f"{report.needs_reauthorization} need re-authorization[/{colour}]"
        f" in {report.seconds:.1f} s ({report.rate:.0f}/s)"
    )
    out.print(line, soft_wrap=True)  # a mail of cron, or a log, has no width
    details: list[str] = []
    if report.errors:
        details.append(", ".join(f"{name}: {count}" for name, count in report.errors.items()))
        details.append("whose: astra tokens list --state failing")
        details.append("the whole error of one, and what to do: astra tokens refresh KEY")
    if report.needs_reauthorization:
        details.append("who has to authorize again: astra tokens list --state dead")
    if report.doubted:
        details.append(
            f"{report.doubted} refused, which is not believed: they were not marked dead, and are tried again later"
        )
    if report.forgotten:
        details.append(f'{report.forgotten} deleted: kept under a made-up key ("pending-..."), past their lifetime')
    if report.ended_early:
        details.append(f"ended early: {report.ended_early}")
    for detail in details:
        out.print(f"  {show(detail)}", markup=False, soft_wrap=True)
    sys.stdout.flush()
