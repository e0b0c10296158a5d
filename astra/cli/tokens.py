"""`astra tokens`: look at grants, refresh them, keep them alive. No command ever prints a token.

Exit codes, for cron: see `astra.cli.errors`. A user who has to authorize again makes `refresh` exit with 1, and
`keep-alive` with `--strict`.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from astra.cli.dates import parse_duration
from astra.cli.errors import FAILED, Group, fail
from astra.cli.table import align
from astra.config import build_settings, read_environment
from astra.errors import ConfigurationError
from astra.tokens import BoundStore, Grant, Identity, open_store
from astra.tokens.keep_alive import KeepAliveReport

if TYPE_CHECKING:
    from astra import Astra
    from astra.tokens.stores.keyring import Keyring
    from astra.tokens.stores.rotation import KeyUsage

app = typer.Typer(cls=Group, no_args_is_help=True, help="Look at grants, refresh them, keep them alive.")
COLUMNS = {
    "user key": "key",
    "state": "state",
    "Astra user": "astra_user_id",
    "refreshed": "refreshed_at",
    "access token until": "access_expires_at",
    "refresh token until": "refresh_expires_at",
}
out = Console()
err = Console(stderr=True)


StoreOption = Annotated[
    str | None, typer.Option("--store", help="URL of the token store; default: ASTRA_TOKEN_STORE.", metavar="URL")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def find_url(url: str | None) -> str:
    """The token store's URL of the option or the environment."""
    url = url or read_environment().token_store
    if not url or url == "memory://":
        raise ConfigurationError("Which token store? Set ASTRA_TOKEN_STORE or pass --store, e.g. sqlite:///tokens.db")
    return url


def find_identity() -> Identity:
    """Whose grants: those of the client that the environment describes."""
    found = read_environment()
    if not found.client_id:
        raise ConfigurationError(
            "Whose grants? Set ASTRA_CLIENT_ID, and ASTRA_ENVIRONMENT or ASTRA_BASE_URL as your programs have them."
        )
    settings = build_settings(
        found.client_id, "unused", environment=found.environment or "sandbox", base_url=found.base_url
    )
    return Identity.of(settings.destination, found.client_id)


def find_store(url: str | None) -> BoundStore:
    """Opens the store of the option or the environment, as the environment's client sees it."""
    return open_store(find_url(url)).for_identity(find_identity(), keys=read_environment().token_keys)


@contextmanager
def client(url: str | None) -> Generator[Astra, None, None]:
    """A client of the environment's settings over that store."""
    from astra import Astra

    with Astra.from_env(token_store=find_url(url)) as astra:
        yield astra


def format_time(seconds: float) -> str:
    """Returns a time as people and programs read it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe(grant: Grant) -> dict[str, Any]:
    """What may be shown of a grant: everything but its tokens."""
    return {
        "key": grant.key,
        "state": grant.state,
        "astra_user_id": grant.astra_user_id,
        "refreshed_at": format_time(grant.refreshed_at),
        "access_expires_at": format_time(grant.access_expires_at),
        "refresh_expires_at": format_time(grant.refresh_expires_at),
        "version": grant.version,
    }


@app.command("list")
def list_grants(
    store: StoreOption = None,
    state: Annotated[str | None, typer.Option(help="Only these: active or dead.")] = None,
    older_than: Annotated[str | None, typer.Option(help="Only those refreshed longer ago, e.g. 5d.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List grants, without their tokens."""
    before = datetime.now(UTC).timestamp() - parse_duration(older_than).total_seconds() if older_than else None
    with find_store(store) as opened:
        found = (grant for grant in opened.iterate(state=state) if before is None or grant.refreshed_at < before)
        if as_json:
            for grant in found:
                sys.stdout.write(json.dumps(describe(grant)) + "\n")
            return
        rows = [[describe(grant)[column] for column in COLUMNS.values()] for grant in found]
        sys.stdout.write(align(list(COLUMNS), rows))


@app.command()
def show(
    key: Annotated[str, typer.Argument(help="Your key of the user.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one grant, without its tokens."""
    with find_store(store) as opened:
        grant = opened.load(key)
    if grant is None:
        fail(f"no grant for {key!r}")
    _print(describe(grant), as_json=as_json)


@app.command()
def refresh(
    key: Annotated[str, typer.Argument(help="Your key of the user.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Refresh one grant now."""
    with client(store) as astra:
        _print(describe(astra.tokens.refresh(key)), as_json=as_json)


@app.command()
def forget(
    key: Annotated[str, typer.Argument(help="Your key of the user.")],
    store: StoreOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete one grant here. The user has to authorize again."""
    if not yes:
        typer.confirm(f"Delete the grant of {key!r}? The user will have to authorize again.", abort=True)
    with find_store(store) as opened:
        known = opened.delete(key)
    if not known:
        fail(f"no grant for {key!r}")


@app.command("rotate-keys")
def rotate_keys(
    store: StoreOption = None,
    accept_plain: Annotated[
        bool,
        typer.Option("--accept-plain", help="Also encrypt tokens that are not encrypted yet."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Encrypt all tokens, of all environments and clients, anew with the first key of ASTRA_TOKEN_KEYS.

    Safe while others work. One that was interrupted goes on where it was. Exit codes: 0 all are under the first key,
    1 some could not be opened and are as they were, 2 nothing could be done.
    """
    keys = read_environment().token_keys
    if not keys:
        raise ConfigurationError("Set ASTRA_TOKEN_KEYS: the new key first, then the former ones, with commas.")
    from astra.tokens.stores.keyring import PLAIN, Keyring
    from astra.tokens.stores.rotation import RotationReport, count_keys
    from astra.tokens.stores.rotation import rotate_keys as rotate

    keyring = Keyring([*keys, PLAIN] if accept_plain and keys[-1] != PLAIN else keys)
    with open_store(find_url(store)) as opened:
        usage = count_keys(opened)
        if not yes:
            err.print(_describe_keys(usage, keyring), highlight=False, markup=False)
            typer.confirm(f"Encrypt them all with the key {keyring.ids[0]}?", abort=True, err=True)
        columns = (TextColumn("encrypting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, disable=as_json or not err.is_terminal, transient=True) as bar:
            task = bar.add_task("", total=usage.total)

            def tell(done: RotationReport) -> None:
                bar.update(task, completed=min(usage.total, done.encrypted + done.current + done.failed))

            report = rotate(opened, keyring, progress=tell)
        after = count_keys(opened)
    if as_json:
        shown = {"encrypted": report.encrypted, "failed": report.failed, "keys": attrs.asdict(after)}
        sys.stdout.write(json.dumps(shown) + "\n")
    else:
        out.print(f"{report.encrypted} grants encrypted with the key {keyring.ids[0]}", highlight=False)
        out.print(_describe_keys(after, keyring), highlight=False, markup=False)
        for reason in report.reasons:
            err.print(reason, highlight=False, markup=False)
    if report.failed or report.missed:
        raise typer.Exit(FAILED)


def _describe_keys(usage: KeyUsage, keyring: Keyring) -> str:
    """How many grants are under which key, one line each."""
    lines = [
        f"{count} with the key {name}" + ("" if name in keyring.ids else ", which is not in ASTRA_TOKEN_KEYS")
        for name, count in sorted(usage.by_key.items(), key=lambda item: -item[1])
    ]
    if usage.fernet:
        lines.append(f"{usage.fernet} in the format of release 0.1.0 (Fernet)")
    if usage.plain:
        lines.append(f"{usage.plain} not encrypted")
    if usage.unreadable:
        lines.append(f"{usage.unreadable} damaged")
    return "\n".join(lines or ["no grants"])


@app.command("keep-alive")
def keep_alive(
    store: StoreOption = None,
    older_than: Annotated[str, typer.Option(help="Refresh what was not refreshed for so long.")] = "5d",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Refreshes per second at most.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Refreshes under way at once.")] = 8,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and run again and again.")] = False,
    interval: Annotated[str, typer.Option(help="With --watch: pause between runs, give or take a tenth.")] = "1h",
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a user has to authorize again.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Refresh every grant that is due, so that no refresh token dies of old age. Safe to run on many hosts at once."""
    age, pause = parse_duration(older_than), parse_duration(interval).total_seconds()
    with client(store) as astra, _stop_on_signal() as stop:
        while True:
            report = _one_run(astra, age, rate=rate, concurrency=concurrency, stop=stop, quiet=as_json)
            _print_report(report, as_json=as_json)
            # Jitter keeps hosts that were started together from waking together each time.
            if not watch or stop.wait(pause * random.uniform(0.9, 1.1)):  # noqa: S311 - not a secret
                break
    if watch and stop.is_set():
        return
    if not report.ok or (strict and report.needs_reauthorization):
        raise typer.Exit(FAILED)


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


@contextmanager
def _stop_on_signal() -> Generator[threading.Event, None, None]:
    """SIGTERM and SIGINT let the grants under way finish and be saved."""
    stop = threading.Event()
    former: dict[int, Any] = {}

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    with suppress(ValueError):  # not in the main thread: the caller decides when to stop
        for number in (signal.SIGTERM, signal.SIGINT):
            former[number] = signal.signal(number, handle)
    try:
        yield stop
    finally:
        for caught, handler in former.items():
            signal.signal(caught, handler)


def _print_report(report: KeepAliveReport, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(attrs.asdict(report) | {"ok": report.ok}) + "\n")
        sys.stdout.flush()
        return
    colour = "green" if report.ok else "red"
    line = (
        f"[{colour}]{report.refreshed} refreshed, {report.skipped} skipped, {report.failed} failed, "
        f"{report.needs_reauthorization} need re-authorization[/{colour}]"
        f" in {report.seconds:.1f} s ({report.rate:.0f}/s)"
    )
    out.print(line, highlight=False)
    if report.errors:
        out.print("  " + ", ".join(f"{name}: {count}" for name, count in report.errors.items()), highlight=False)
    if report.ended_early:
        out.print(f"  ended early: {report.ended_early}", highlight=False)


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(row) + "\n")
        return
    for name, value in row.items():
        out.print(f"{name:20} {'' if value is None else value}", highlight=False)
