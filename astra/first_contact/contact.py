"""Sets out with credentials, comes back with a report and cassettes, and goes on where an earlier walk has ended."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from astra._spec import packed_spec
from astra.conformance.outcome import Busy, CannotTell, NoAnswer, ServerGone
from astra.conformance.remote import REFUSED, UNREACHABLE, UNUSABLE, Ask, WrongSetup, asking, with_user
from astra.conformance.run import CANNOT_BE_READ, without
from astra.conformance.target import Means, Target
from astra.conformance.world import World
from astra.errors import ConfigurationError
from astra.first_contact.cassettes import write
from astra.first_contact.intents import PAYMENT, PAYOUT, PROFILE, Journal, write_whole
from astra.first_contact.judge import Seen
from astra.first_contact.report import Report, make_report, read_report
from astra.first_contact.walk import Walk, go
from astra.sandbox.saving.lock import StateLock

REPORT: Final = "report.json"
CASSETTES: Final = "cassettes"
INTENTS: Final = "intents.json"
CUT_OFF: Final = "it was cut off before its end"
DONE_BY_READ: Final = "get_business_profile"
UNDONE: Final = 6
"""Exit status of a walk that left something changed, or does not know whether it did."""


@attrs.frozen(kw_only=True)
class Contact:
    """How a walk ended.

    Attributes:
        report: what was found out.
        files: cassettes that were written.
        left_out: why there are no cassettes; empty when there are.
        warnings: what it changed and could not take back, what nobody knows of, and what could not be read.
        code: exit status.
    """

    report: Report
    files: list[Path]
    left_out: str = ""
    warnings: Sequence[str] = ()
    code: int = 0


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


@contextlib.contextmanager
def one_walk(folder: Path) -> Generator[None]:
    """Keeps a second walk out of a folder: each would write its report over the other's, and pay what the other pays.

    Args:
        folder: where to write; it is made.

    Raises:
        WrongSetup: another walk is at it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = StateLock(folder / REPORT)
    except OSError as error:
        raise WrongSetup(f"{folder} cannot be written: {error.strerror}.", code=UNUSABLE) from None
    except ConfigurationError:
        raise WrongSetup(
            f"Another walk writes to {folder}. Wait for its end, or give this one another --folder.",
            code=UNUSABLE,
        ) from None
    try:
        yield
    finally:
        lock.release()


def journal_in(folder: Path) -> Journal:
    """Returns what earlier walks with a folder have begun to change.

    Raises:
        WrongSetup: what is there cannot be read.
    """
    file = folder / INTENTS
    try:
        return Journal(file)
    except (OSError, ValueError):
        raise WrongSetup(
            f"{file} cannot be read: it says what earlier walks have paid. Choose another --folder.", code=UNUSABLE
        ) from None


def planned(before: Report | None, journal: Journal, *, payments: bool) -> list[str]:
    """Returns what a walk will change, in its order, in words that follow "this".

    Args:
        before: the report of an earlier walk.
        journal: what earlier walks have begun.
        payments: whether money may be moved.
    """
    done = frozenset(before.done if before else ())

    def is_due(operation: str) -> bool:
        intent = journal.get(operation)
        return operation not in done if intent is None else not intent.is_settled

    made = ["makes a business profile that does not exist"] if is_due(PROFILE) and DONE_BY_READ not in done else []
    if not payments:
        return [*made, "moves no money"]
    begun = journal.get(PAYMENT)
    paid = [
        "pays a dollar to the user's other account, which is canceled" if is_due(PAYMENT) else "",
        "tries to cancel the dollar that was paid before" if begun and begun.state in ("begun", "made") else "",
        "pays a dollar to a card of the user" if is_due(PAYOUT) else "",
    ]
    return [*made, *(list(filter(None, paid)) or ["makes no payment, as both were made before"])]


def authorized(target: Target, ask: Ask) -> Target:
    """Lets a person authorize.

    Raises:
        WrongSetup: it did not come to tokens.
    """
    world = World(target, Means(authorize=asking(ask)))

    def shown(error: Exception) -> str:
        return without(str(error), world.secrets)

    try:
        code = world.code()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": target.redirect_uri}
        return with_user(world, form)
    except (NoAnswer, ServerGone, Busy) as error:
        raise WrongSetup(f"{target.base} cannot be reached: {shown(error)}.", code=UNREACHABLE) from None
    except CannotTell as error:
        raise WrongSetup(f"Nobody has authorized: {shown(error)}.", code=REFUSED) from None
    except WrongSetup as error:
        raise WrongSetup(shown(error), code=error.code) from None


def contact(
    target: Target,
    *,
    folder: Path,
    before: Report | None,
    payments: bool,
    batch_transfer: str | None,
    journal: Journal | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Contact:
    """Walks, and writes down what was found out after every step, so that little is lost when it is cut off.

    Args:
        target: the server, with a user if there is one.
        folder: where to write; it is made.
        before: the report of an earlier walk.
        payments: whether money may be moved.
        batch_transfer: id of a batch transfer, if one is known.
        journal: what earlier walks have begun; by default what the folder says.
        pause: waits so many seconds.

    Raises:
        WrongSetup: what earlier walks have begun cannot be read.
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = World(target, Means(payments=payments), pause=pause)
    done = frozenset(before.done if before else ())
    journal = journal or journal_in(folder)
    walk = Walk(world, packed_spec(), payments=payments, batch_transfer=batch_transfer, skip=done, journal=journal)

    def keep(ended: str) -> Report:
        report = report_of(walk, base=target.base, before=before, ended=ended)
        write_whole(folder / REPORT, json.dumps(report.to_dict(), indent=2) + "\n")
        return report

    ended = without(go(walk, each=partial(keep, CUT_OFF)), world.secrets)
    report = keep(ended)
    left = journal.warnings()
    code = UNDONE if left else REFUSED if walk.is_refused else UNREACHABLE if ended else 0
    made = Contact(report=report, files=[], warnings=[*left, *walk.troubles], code=code)
    recorded = [one for one in world.exchanges if not any(one is other for other in walk.unrecorded)]
    try:
        return attrs.evolve(made, files=write(folder / CASSETTES, recorded, secrets=world.secrets))
    except ConfigurationError as error:
        return attrs.evolve(made, left_out=str(error))


def report_of(walk: Walk, *, base: str, before: Report | None, ended: str) -> Report:
    """Returns the report of a walk. An answer that cannot be read is left out of it, and takes no other one along."""

    def judged(seen: Sequence[Seen]) -> Report:
        return make_report(packed_spec(), seen, base=base, told=walk.told, left=walk.left, before=before, ended=ended)

    try:
        return judged(walk.seen)
    except CANNOT_BE_READ:
        good: list[Seen] = []
        for one in walk.seen:
            try:
                judged([*good, one])
            except CANNOT_BE_READ as error:
                walk.left.setdefault(one.operation, f"its answer cannot be read ({type(error).__name__})")
            else:
                good.append(one)
        return judged(good)
