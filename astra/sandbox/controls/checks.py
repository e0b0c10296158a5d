"""What the controls check and make up before they act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from astra.errors import InvalidRequestError
from astra.resources.choices import did_you_mean
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.intents import PREFERRED
from astra.sandbox.engine.tables import T, Table

P = TypeVar("P")

MOST_ON_PAGE: Final = 1000
MOST_SEEDED: Final = 1_000_000
PROFILE: Final = {
    "first_name": "Edmund",
    "last_name": "Hillary",
    "address1": "123 Astra Ave",
    "address2": "Apt 456",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
    "date_of_birth": "1919-07-20",
    "ssn_last_four": "9999",
}
PROFILE_FIELDS: Final = frozenset({*PROFILE, *PREFERRED, "email", "phone", "ip_address"})


def find(table: Table[T], id: str, kind: str) -> T:
    """Returns a record by id.

    Raises:
        InvalidRequestError: there is none.
    """
    record = table.get(id)
    if record is None:
        raise InvalidRequestError(f"The sandbox has no {kind} {id!r}.")
    return record


def check_choice(name: str, value: str, choices: Sequence[str]) -> str:
    """Returns a value of a list.

    Raises:
        InvalidRequestError: it is not in the list.
    """
    if value not in choices:
        raise InvalidRequestError(
            f"{name} is {value!r}; use one of {', '.join(choices)}.{did_you_mean(str(value), choices)}", argument=name
        )
    return value


def kinds_to_link(accounts: int) -> tuple[str, ...]:
    """Returns which of a person's two bank accounts are meant by a number of them.

    Raises:
        InvalidRequestError: it is not 0, 1 or 2.
    """
    return ("checking", "savings")[: check_number("accounts", accounts, most=2)]


def check_number(name: str, number: int, *, least: int = 0, most: int) -> int:
    """Returns a number of things.

    Raises:
        InvalidRequestError: it is none, or out of bounds.
    """
    if type(number) is not int or not least <= number <= most:
        raise InvalidRequestError(f"{name} must be {least} to {most}, not {number!r:.80}.", argument=name)
    return number


def check_limit(limit: int) -> int:
    """Returns how many items a page may have, if that is 1 to 1000."""
    return check_number("limit", limit, least=1, most=MOST_ON_PAGE)


def page_of(
    items: Sequence[P], *, fits: Callable[[P], bool], id_of: Callable[[P], str], after: str | None, limit: int
) -> list[P]:
    """Returns the first items that fit, behind one that was seen.

    Args:
        items: all that is kept, oldest first.
        fits: tells which are wanted.
        id_of: gives the id of an item.
        after: id of the last one that was seen, or None to begin with the oldest.
        limit: how many.

    Raises:
        InvalidRequestError: the limit cannot be, or what was seen is not kept any more.
    """
    check_limit(limit)
    start = 0
    if after is not None:
        seen = [number for number, item in enumerate(items) if id_of(item) == after]
        if not seen:
            raise InvalidRequestError(
                f"{after!r} is not among what is kept: begin again without it, or keep more.", argument="after"
            )
        start = seen[-1] + 1
    return [item for item in items[start:] if fits(item)][:limit]


def make_profile(engine: Engine, given: Mapping[str, str]) -> dict[str, Any]:
    """Returns a person's data, made up where nothing is given.

    Raises:
        InvalidRequestError: a name is not one of a person's fields.
    """
    if unknown := given.keys() - PROFILE_FIELDS:
        known = ", ".join(sorted(PROFILE_FIELDS))
        raise InvalidRequestError(f"A person has no {', '.join(sorted(unknown))}; use some of {known}.")
    number = engine.state.seq
    made = {"email": f"person{number}@example.com", "phone": f"+1555{number % 10_000_000:07d}"}
    return {**PROFILE, **made, **given}
