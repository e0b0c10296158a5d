"""`astra payments reconcile`: finds out what became of payments of unknown outcome. For cron, and for people."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, Final

import attrs
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from astra.cli.dates import parse_duration
from astra.cli.errors import FAILED, NOT_FOUND, fail
from astra.cli.options import JsonOption, err
from astra.cli.output import print_json, say
from astra.cli.payments.opening import Opened, client
from astra.cli.payments.options import StoreOption, print_advice
from astra.cli.payments.verdict import Run, judge
from astra.cli.table import show
from astra.payments import PaymentRecord, PaymentState, ReconcileReport
from astra.payments.advice import advise, last_look
from astra.payments.record import OPEN

NAMED: Final = 20
LISTED: Final = 1000
"""How many that are still uncertain are named with what to do, to people and to programs; the others are counted."""


def reconcile(
    store: StoreOption = None,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="Only the payment under this key.")] = None,
    user: Annotated[str | None, typer.Option(metavar="KEY", help="Only payments of this user, by your key.")] = None,
    older_than: Annotated[
        str | None, typer.Option(metavar="TIME", help="Leave out what was sent later than so long ago, e.g. 5m.")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(min=1, help="Seconds for all reads of one user; default: as long as it takes."),
    ] = None,
    may_be_empty: Annotated[
        bool, typer.Option("--may-be-empty", help="A store without payments is as it should be: nothing was paid yet.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Look for every payment of unknown outcome, and write down what became of it. Sends nothing but reads. For cron.

    Exit codes: 0 no outcome is unknown any more; 1 some still are, and it says who has to do what, or the store has
    no payments at all; 2 it could not run, 3 no answer. Safe to run on many hosts at once, and to end at any time.

    \b
    Examples:
      astra payments reconcile --older-than 5m
      astra payments reconcile --key payout-17
    """
    age = parse_duration(older_than) if older_than else timedelta(0)
    with client(store, quiet=as_json, with_grants=True) as (astra, found):
        oldest = found.oldest()
        if key is not None and next(found.select(key=key), None) is None:
            fail(f"the key {key!r} was never used: {found.where(key=key)}", code=NOT_FOUND)
        scope: dict[str, Any] = {"key": key, "user_key": user}
        total = sum(1 for _ in found.select(states=OPEN, **scope))
        columns = (TextColumn("looking for payments"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, disable=as_json or not err.is_terminal, transient=True) as bar:
            task = bar.add_task("", total=total)

            def tell(report: ReconcileReport) -> None:
                bar.update(task, completed=_seen(report))

            report = astra.payments.reconcile(key=key, user=user, older_than=age, timeout=timeout, progress=tell)
        left = list(islice(found.select(states=[PaymentState.UNCERTAIN], **scope), LISTED if as_json else NAMED))
        run = Run(
            left_out=max(total - _seen(report), 0),
            oldest=None if oldest is None else oldest.created,
            of_others=None if oldest is not None else found.where(),
        )
        verdict = judge(report, run, now=datetime.now(UTC), may_be_empty=may_be_empty)
        _print(report, run, verdict.problems, verdict.warnings, left, found, as_json=as_json)
    if verdict.exit_code:
        raise typer.Exit(FAILED)


def _seen(report: ReconcileReport) -> int:
    return report.made + report.refused + report.not_found + report.ambiguous + report.failed + report.in_progress


def _print(
    report: ReconcileReport,
    run: Run,
    problems: tuple[str, ...],
    warnings: tuple[str, ...],
    left: list[PaymentRecord],
    found: Opened,
    *,
    as_json: bool,
) -> None:
    now, reasons = datetime.now(UTC), dict(report.problems)
    if as_json:
        shown = attrs.asdict(report) | {"left_out": run.left_out}
        shown |= {"problems": list(problems), "warnings": list(warnings)}
        uncertain = [
            {"key": one.key, "operation": one.operation, "user_key": one.user_key, "sent": one.sent.isoformat()}
            | {"client_correlation_id": one.client_correlation_id, "detail": _detail(one, reasons)}
            | {"next": advise(one, now=now).to_dict()}
            for one in left
        ]
        print_json(shown | {"uncertain": uncertain, "ok": not problems} | found.fields)
        return
    sys.stdout.write(
        f"{report.made} made, {report.refused} refused, {report.not_found} not found, {report.ambiguous} ambiguous, "
        f"{report.failed} could not be looked for, {report.in_progress} being sent just now, {run.left_out} left out\n"
    )
    for one in left:
        sys.stdout.write(f"\n{show(one.key)}  {one.operation}, user {show(one.user_key)}\n")
        sys.stdout.write(f"{show(_detail(one, reasons))}\n")
        print_advice(advise(one, now=now))
    more = report.not_found + report.ambiguous + report.failed + run.left_out - len(left)
    if more > 0:
        sys.stdout.write(f"\nand {more} more: astra payments list --state uncertain\n")
    if left:
        sys.stdout.write("\n")
    for problem in problems:
        sys.stdout.write(f"PROBLEM: {show(problem)}\n")
    sys.stdout.flush()
    for warning in warnings:
        say(f"WARNING: {warning}")


def _detail(record: PaymentRecord, reasons: dict[str, str]) -> str:
    look = last_look(record)
    return reasons.get(record.key) or (look.detail if look else "nobody has looked for it yet")
