"""Sets out with credentials, comes back with a report and cassettes, and goes on where an earlier walk has ended."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Final

import attrs

from astra.conformance.outcome import CannotTell, NoAnswer, ServerGone
from astra.conformance.remote import REFUSED, UNREACHABLE, UNUSABLE, Ask, WrongSetup, asking, with_user
from astra.conformance.target import Means, Target
from astra.conformance.wire import Exchange
from astra.conformance.world import World
from astra.errors import ConfigurationError
from astra.first_contact.cassettes import write
from astra.first_contact.report import Report, make_report, read_report
from astra.first_contact.spec import packed_spec
from astra.first_contact.walk import Walk, go

REPORT: Final = "report.json"
CASSETTES: Final = "cassettes"


@attrs.frozen(kw_only=True)
class Contact:
    """How a walk ended.

    Attributes:
        report: what was found out.
        files: cassettes that were written.
        left_out: why there are no cassettes; empty when there are.
    """

    report: Report
    files: list[Path]
    left_out: str = ""


def earlier(folder: Path, *, base: str) -> Report | None:
    """Returns the report of an earlier walk in a folder, or None.

    Raises:
        WrongSetup: what is there cannot be read, or is about another server.
    """
    file = folder / REPORT
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise WrongSetup(f"{file} cannot be read. Choose another --folder.", code=UNUSABLE) from None
    found = read_report(text)
    if found is None:
        raise WrongSetup(f"{file} is no report of a first contact. Choose another --folder.", code=UNUSABLE)
    if found.base != base:
        raise WrongSetup(f"{file} is about {found.base}, not about {base}. Choose another --folder.", code=UNUSABLE)
    return found


def authorized(target: Target, ask: Ask) -> Target:
    """Lets a person authorize.

    Raises:
        WrongSetup: it did not come to tokens.
    """
    world = World(target, Means(authorize=asking(ask)))
    try:
        code = world.code()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": target.redirect_uri}
        return with_user(world, form)
    except (NoAnswer, ServerGone) as error:
        raise WrongSetup(f"{target.base} cannot be reached: {error}.", code=UNREACHABLE) from None
    except CannotTell as error:
        raise WrongSetup(f"Nobody has authorized: {error}.", code=REFUSED) from None


def contact(
    target: Target,
    *,
    folder: Path,
    before: Report | None,
    payments: bool,
    batch_transfer: str | None,
) -> Contact:
    """Walks, and writes down what was found out.

    Args:
        target: the server, with a user if there is one.
        folder: where to write; it is made.
        before: the report of an earlier walk.
        payments: whether money may be moved.
        batch_transfer: id of a batch transfer, if one is known.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = World(target, Means(payments=payments))
    done = frozenset(before.done if before else ())
    walk = Walk(world, packed_spec(), payments=payments, batch_transfer=batch_transfer, skip=done)
    ended = go(walk)
    report = make_report(
        packed_spec(), walk.seen, base=target.base, told=walk.told, left=walk.left, before=before, ended=ended
    )
    fresh = folder / f".{REPORT}.{secrets.token_hex(4)}"
    fresh.write_text(json.dumps(report.to_dict(), indent=2) + "\n", encoding="utf-8")
    fresh.replace(folder / REPORT)
    return recorded(report, world.exchanges, folder)


def recorded(report: Report, exchanges: list[Exchange], folder: Path) -> Contact:
    """Writes the cassettes, if what writes them is there."""

    try:
        return Contact(report=report, files=write(folder / CASSETTES, exchanges))
    except ConfigurationError as error:
        return Contact(report=report, files=[], left_out=str(error))
