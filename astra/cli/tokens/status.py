"""`astra tokens status`: for people, and for monitoring."""

from __future__ import annotations

import sys
import time
from typing import Annotated, Any

import attrs
import typer

from astra.cli.dates import parse_duration
from astra.cli.errors import FAILED
from astra.cli.options import JsonOption, names
from astra.cli.output import print_json, say
from astra.cli.table import show
from astra.cli.tokens.opening import Opened, make_keyring, opened
from astra.cli.tokens.options import StoreOption, format_time
from astra.tokens.tally import Status, Tally, Thresholds, notes, problems

NAMED = 5


def status(
    store: StoreOption = None,
    due_after: Annotated[str, typer.Option(help="A grant is due when its tokens are so old.")] = "5d",
    dying_within: Annotated[str, typer.Option(help="A grant is dying when its refresh token ends so soon.")] = "2d",
    failing_from: Annotated[int, typer.Option(min=1, help="So many failures in a row need people.")] = 3,
    most_dead: Annotated[int, typer.Option(min=0, help="So many dead grants need nobody.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Count the grants: active, due, dying, dead, failing; and say what needs people. For monitoring. Nothing is sent.

    Exit codes: 0 all is well; 1 people are needed: grants are dying, dead (more than --most-dead), failing for
    long, damaged, or under a key that is not here, or all of them are other clients'; 2 it could not run, 3 no
    answer.

    \b
    Examples:
      astra tokens status
      astra tokens status --dying-within 3d --json > /dev/null || mail-the-team
    """
    thresholds = Thresholds(
        due_after=parse_duration(due_after).total_seconds(),
        dying_within=parse_duration(dying_within).total_seconds(),
        failing_from=failing_from,
        most_dead=most_dead,
    )
    with opened(store, quiet=as_json) as found:
        tally = _count(found, thresholds)
        counted = tally.status()
        others = {str(who): count for who, count in found.others().items()}
        sharing = [{"astra_user_id": who, "keys": found.bound.find_keys(who)} for who in tally.sharing[:NAMED]]
        where = "" if counted.total else found.where()
        strangers = None if counted.total else found.bound.of_others_only()
    wrong = [*problems(counted, thresholds), *([] if strangers is None else [strangers])]
    if as_json:
        shown = _describe(counted) | {"not_of_this_identity": others, "sharing": sharing, "problems": wrong}
        print_json(shown | {"notes": notes(counted), "ok": not wrong} | found.fields)
    else:
        _print(counted, others)
        for person in sharing:
            sys.stdout.write(f"  {show(person['astra_user_id'])}: {names([*map(str, person['keys'])])}\n")
        for note in notes(counted):
            sys.stdout.write(f"note: {show(note)}\n")
        for problem in wrong:
            sys.stdout.write(f"PROBLEM: {show(problem)}\n")
        if where:
            say(f"no grants: {where}")
    if wrong:
        raise typer.Exit(FAILED)


def _count(found: Opened, thresholds: Thresholds) -> Tally:
    keyring = make_keyring(found.keys) if found.keys else None
    tally = Tally(
        thresholds,
        now=time.time(),
        key_ids=keyring.ids if keyring else (),
        accepts_plain=keyring is not None and keyring.accepts_plain,
    )
    for batch in found.bound.batches():
        tally.add_unreadable(len(batch.unreadable))
        for grant in batch.grants:
            tally.add(grant)
    return tally


def _describe(counted: Status) -> dict[str, Any]:
    shown = attrs.asdict(counted)
    for name in ("first_end", "next_attempt"):
        shown[name] = None if shown[name] is None else format_time(shown[name])
    return shown


def _print(counted: Status, others: dict[str, int]) -> None:
    shown = _describe(counted)
    keys = shown.pop("keys")
    dead = shown.pop("dead")
    rows: dict[str, object] = shown | {"dead": sum(dead.values())} | {f"dead: {why}": dead[why] for why in sorted(dead)}
    rows |= {f"with the key {name}": count for name, count in sorted(keys.pop("by_key").items())}
    rows |= {"encrypted by 0.1.0 (Fernet)": keys["fernet"], "not encrypted": keys["plain"]}
    rows |= {f"of others: {who}": count for who, count in others.items()}
    width = max(map(len, rows)) + 2
    for name, value in rows.items():
        sys.stdout.write(f"{show(name.replace('_', ' ')):{width}}{show(value)}\n")
