"""What the controls check and make up before they act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from astra.errors import InvalidRequestError
from astra.resources.choices import did_you_mean
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.intents import PREFERRED
from astra.sandbox.engine.tables import T, Table

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
            f"{name} is {value!r}; use one of {', '.join(choices)}.{did_you_mean(value, choices)}", argument=name
        )
    return value


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
