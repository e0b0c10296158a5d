"""`astra tokens rotate-keys`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from astra.cli.errors import FAILED
from astra.cli.options import JsonOption, YesOption, ask, err
from astra.cli.output import print_json, say
from astra.cli.table import harmless
from astra.cli.tokens.opening import make_keyring, opened
from astra.cli.tokens.options import PlainOption, StoreOption
from astra.config import read_environment

if TYPE_CHECKING:
    from astra.tokens.stores.keyring import Keyring
    from astra.tokens.stores.rotation import KeyUsage


def rotate_keys(
    store: StoreOption = None, accept_plain: PlainOption = False, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Encrypt all tokens, of all environments and clients, anew with the first key of ASTRA_TOKEN_KEYS.

    Safe while others work. One that was interrupted goes on where it was. Exit codes: 0 all are under the first key,
    1 some could not be opened and are as they were, 2 nothing could be done.

    \b
    Examples:
      astra tokens rotate-keys
      astra tokens rotate-keys --accept-plain --yes
    """
    keyring = make_keyring(read_environment().token_keys, accept_plain=accept_plain)
    from astra.tokens.stores.rotation import RotationReport, count_keys
    from astra.tokens.stores.rotation import rotate_keys as rotate

    with opened(store, everybody=True, check=False, quiet=as_json) as found:
        usage = count_keys(found.base)
        if not yes and usage.by_key.get(keyring.ids[0], 0) < usage.total:
            say(_describe_keys(usage, keyring))
            ask(f"Encrypt them all with the key {keyring.ids[0]}?")
        columns = (TextColumn("encrypting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=err, disable=as_json or not err.is_terminal, transient=True) as bar:
            task = bar.add_task("", total=usage.total)

            def tell(done: RotationReport) -> None:
                bar.update(task, completed=min(usage.total, done.encrypted + done.current + done.failed))

            report = rotate(found.base, keyring, progress=tell)
        after = count_keys(found.base)
    if as_json:
        shown = {"encrypted": report.encrypted, "failed": report.failed, "keys": attrs.asdict(after)}
        print_json(shown | {"store": found.place})
    else:
        sys.stdout.write(f"{report.encrypted} grants encrypted with the key {keyring.ids[0]}\n")
        sys.stdout.write(harmless(_describe_keys(after, keyring)) + "\n")
        for reason in report.reasons:
            say(reason)
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
