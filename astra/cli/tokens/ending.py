"""`astra tokens forget` and `revive`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from astra.cli.dates import parse_time
from astra.cli.errors import FAILED, NOT_FOUND, fail
from astra.cli.options import JsonOption, YesOption, ask, names
from astra.cli.output import print_json, say
from astra.cli.tokens.opening import Opened, client
from astra.cli.tokens.options import StoreOption
from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens.policy import can_refresh

if TYPE_CHECKING:
    from astra import Astra
    from astra.tokens import Grant


def forget(
    key: Annotated[str | None, typer.Argument(help="Your key of the user.")] = None,
    astra_user: Annotated[
        str | None, typer.Option(help="Instead of a key: all keys of this Astra user.", metavar="ID")
    ] = None,
    unreadable: Annotated[
        bool,
        typer.Option("--without-keys", help="Also what no key opens: its access token lives on, two hours at most."),
    ] = False,
    store: StoreOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Delete grants here, and end their access tokens. The person has to authorize again.

    Astra has no call to revoke a token, so each is ended by a refresh whose answer is thrown away. Exit codes: 0
    done, 7 there is no such grant, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra tokens forget customer-42
      astra tokens forget --astra-user 78f309c66b114f4d5909aa04db438fde --yes
    """
    if (key is None) == (astra_user is None):
        raise typer.BadParameter("Name exactly one: a KEY, or --astra-user ID.")
    with client(store, check=False, quiet=as_json) as (astra, found):
        keys = [key] if key is not None else list(astra.tokens.find_keys(astra_user or ""))
        readable = [_is_there(found, one, unreadable=unreadable) for one in keys]
        if not keys or readable == [None]:
            whom = repr(key) if key is not None else f"the Astra user {astra_user!r}"
            fail(f"no grant for {whom}: {found.where()}", code=NOT_FOUND)
        if not yes:
            whose = "" if astra_user is None else f", all keys of the Astra user {astra_user!r}"
            question = f"Delete the grant of {names(keys, most=50)}{whose}? The person will have to authorize again."
            ask(question)
        forgotten = [one for one in keys if astra.tokens.forget(one)]
    for one, is_readable in zip(keys, readable, strict=True):
        if is_readable is False:
            say(f"the access token of {one!r} could not be ended: it lives on, two hours at most")
    if as_json:
        print_json({"forgotten": forgotten} | found.fields)
    else:
        sys.stdout.write(f"forgotten: {names(forgotten, most=50) or 'none'}\n")
    if not forgotten:
        fail("somebody else forgot them meanwhile")


def _is_there(found: Opened, key: str, *, unreadable: bool) -> bool | None:
    """Whether a grant is there and can be read; None: it is not there."""
    try:
        return True if found.bound.load(key) is not None else None
    except UnreadableGrantError:
        return False
    except ConfigurationError as error:
        if unreadable:
            return False
        raise ConfigurationError(
            f"{error} Nothing was deleted: without its keys the access token cannot be ended. To delete the grant all "
            "the same pass --without-keys."
        ) from None


def revive(
    key: Annotated[str | None, typer.Argument(help="Your key of the user.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Instead of a key: all that were marked dead since then, e.g. 2d or 2026-11-20.", metavar="TIME"
        ),
    ] = None,
    store: StoreOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring back grants that were marked dead by mistake: they are tried again. Nothing is sent now.

    One that is really dead is found dead again at its next refresh. Exit codes: 0 done, also if none was dead, 1
    the grant of this KEY cannot be brought back, 7 there is none, 2 it could not run, 3 no answer.

    \b
    Examples:
      astra tokens revive customer-42
      astra tokens revive --since 2d
    """
    if (key is None) == (since is None):
        raise typer.BadParameter("Name exactly one: a KEY, or --since TIME.")
    now = datetime.now(UTC)
    earliest = None if since is None else parse_time(since, now=now)
    if earliest is not None and earliest > now:
        raise typer.BadParameter(f"{since!r} is in the future.")
    with client(store, quiet=as_json) as (astra, found):
        if key is not None:
            _check_dead(astra, found, key)
            dead, revivable = 1, 1
        else:
            dead, revivable = _count(astra, earliest)
        if not yes and revivable:
            past = f" {dead - revivable} more are past their lifetime and stay dead." if dead > revivable else ""
            what = f"the grant of {key!r}" if key is not None else f"{revivable} grants"
            ask(f"Bring {what} back?{past}")
        revived: Sequence[str] = ()
        if revivable:
            revived = astra.tokens.revive(key) if key is not None else astra.tokens.revive(since=earliest)
        stay = max(dead - len(revived), 0)
        if as_json:
            print_json({"revived": len(revived), "stay_dead": stay, "keys": list(revived)} | found.fields)
        else:
            sys.stdout.write(f"{len(revived)} brought back, {stay} stay dead\n")
            if not dead:
                say(f"no grant was marked dead since then: {found.where()}")
    if key is not None and not revived:
        raise typer.Exit(FAILED)


def _is_revivable(astra: Astra, grant: Grant) -> bool:
    return can_refresh(grant.revived(), now=astra.tokens.clock(), settings=astra.tokens.settings)


def _check_dead(astra: Astra, found: Opened, key: str) -> None:
    grant = astra.tokens.get(key)
    if grant is None:
        fail(f"no grant for {key!r}: {found.where()}", code=NOT_FOUND)
    if grant.state != "dead":
        fail(f"the grant of {key!r} is not dead")
    if not _is_revivable(astra, grant):
        fail(f"the grant of {key!r} is past its lifetime: the person has to authorize again")


def _count(astra: Astra, earliest: datetime | None) -> tuple[int, int]:
    """How many were marked dead since then, and how many of them can be brought back."""
    dead = revivable = 0
    for grant in astra.tokens.list(state="dead"):
        if earliest is None or (grant.dead_since or 0.0) >= earliest.timestamp():
            dead += 1
            revivable += _is_revivable(astra, grant)
    return dead, revivable
