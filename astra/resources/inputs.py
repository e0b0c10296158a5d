"""Checks of arguments, only where Astra's documents are certain. Plain functions, no I/O."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from astra.errors import InvalidRequestError

_CLEAR_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CORRELATION_LIMITS: Mapping[str, int] = {"debit": 8, "ach": 80, "instant": 140}
_METADATA_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def require(value: str, *, argument: str) -> str:
    """Refuses an id that would turn the path into another one: an empty one into that of the whole list, dots into
    that of what is above it.

    Raises:
        InvalidRequestError: no text, empty, "." or "..".
    """
    given = cast("object", value)
    if not isinstance(given, str):
        hint = ": pass its .id" if hasattr(type(given), "id") else ""
        raise InvalidRequestError(f"{argument} must be text, not {type(given).__name__}{hint}.", argument=argument)
    if not value:
        raise InvalidRequestError(f"{argument} is empty.", argument=argument)
    if value in (".", ".."):
        raise InvalidRequestError(f"{argument} must be an id, not {value!r}.", argument=argument)
    return value


def exactly_one(**named: str | None) -> dict[str, str]:
    """Returns the one argument that was given.

    Raises:
        InvalidRequestError: none, or more than one.
    """
    given = {name: value for name, value in named.items() if value}
    if len(given) != 1:
        raise InvalidRequestError(f"Give exactly one of {', '.join(named)}; {len(given)} were given.")
    return given


def check_correlation_id(value: str | None, *, rail: str, exact: int | None = None) -> None:
    """Checks a `client_correlation_id`, which ends up in statement texts.

    Args:
        value: the id, or None.
        rail: "debit", "ach" or "instant"; each has its own limit (8, 80, 140 characters).
        exact: the length it must have, where the documents demand one.

    Raises:
        InvalidRequestError: too long, of the wrong length, or not alphanumeric.
    """
    if value is None:
        return
    if not (value.isascii() and value.isalnum()):
        raise InvalidRequestError(
            "client_correlation_id must be letters and digits only.", argument="client_correlation_id"
        )
    if exact is not None and len(value) != exact:
        raise InvalidRequestError(
            f"client_correlation_id must have exactly {exact} characters here, not {len(value)}.",
            argument="client_correlation_id",
        )
    limit = CORRELATION_LIMITS[rail]
    if len(value) > limit:
        raise InvalidRequestError(
            f"client_correlation_id may have {limit} characters on this rail ({rail}), not {len(value)}.",
            argument="client_correlation_id",
        )


def new_correlation_id() -> str:
    """Makes an id that fits every rail: eight characters, none of which look alike."""
    return "".join(secrets.choice(_CLEAR_LETTERS) for _ in range(8))


def rail_of(payment_type: str, speed: str | None) -> str:
    """Returns the rail that limits the correlation id; unknown payment types get the widest limit."""
    if payment_type == "debit":
        return "debit"
    if speed == "real-time" or payment_type != "ach":
        return "instant"
    return "ach"


def check_metadata(value: Mapping[str, str]) -> dict[str, str]:
    """Checks metadata: 25 pairs, keys of 1 to 64 of `[A-Za-z0-9_.-]`, values of 1 to 256 characters.

    Raises:
        InvalidRequestError: a check fails.
    """
    if len(value) > 25:
        raise InvalidRequestError(f"metadata may have 25 pairs, not {len(value)}.", argument="metadata")
    for key, text in value.items():
        if not _METADATA_KEY.fullmatch(key):
            raise InvalidRequestError(
                f"metadata key {key!r} must be 1 to 64 letters, digits, '_', '.' or '-'.", argument="metadata"
            )
        if not 1 <= len(text) <= 256:
            raise InvalidRequestError(f"metadata[{key!r}] must have 1 to 256 characters.", argument="metadata")
    return dict(value)


def pad_account_number(value: str) -> str:
    """Pads an account number to seven digits with zeros, as Astra's documents ask.

    Raises:
        InvalidRequestError: not 1 to 17 digits. The number itself is not shown.
    """
    if not (value.isascii() and value.isdigit() and len(value) <= 17):
        raise InvalidRequestError("account_number must be up to 17 digits.", argument="account_number")
    return value.rjust(7, "0")


def day(value: date | str | None, *, argument: str) -> str | None:
    """Returns a date as YYYY-MM-DD.

    Raises:
        InvalidRequestError: the text is not a date of that form.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise InvalidRequestError(f"{argument} must be YYYY-MM-DD, not {value!r}.", argument=argument) from None


def start(value: date | str | None) -> str | None:
    """Returns a start date or moment in ISO 8601; the documents show both, and a moment carries its offset.

    Raises:
        InvalidRequestError: a datetime without a time zone.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequestError("start_date must have a time zone, or be a plain date.", argument="start_date")
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
