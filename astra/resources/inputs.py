"""Checks of arguments, only where Astra's documents are certain. Plain functions, no I/O."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from astra.errors import InvalidRequestError
from astra.money import Percent, to_percent

_CLEAR_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CORRELATION_LIMITS: Mapping[str, int] = {"debit": 8, "ach": 80, "instant": 140}
_METADATA_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


LONGEST_ID: Final = 512
LONGEST_KEY: Final = 255


def is_text(value: object) -> bool:
    """Tells whether an argument is text, whatever its annotation says."""
    return isinstance(value, str)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def require(value: str, *, argument: str) -> str:
    """Checks an id. The text of the error never shows it: it may be a token.

    An empty id would turn a path into that of the whole list, and dots into that of what is above it.

    Args:
        value: the id.
        argument: name to use in errors.

    Raises:
        InvalidRequestError: not text, empty, blank, "." or "..", blanks around it, a character that cannot be printed,
            or more than 512 characters.
    """
    if not is_text(value):
        # Of an object that came incomplete, hasattr() raises: the class is asked.
        tip = "; pass its .id" if hasattr(type(value), "id") else ""
        raise InvalidRequestError(
            f"{argument} must be an id as text, not {type(value).__name__}{tip}.", argument=argument
        )
    if not value.strip():
        raise InvalidRequestError(f"{argument} is {'blank' if value else 'empty'}.", argument=argument)
    if value in (".", ".."):
        raise InvalidRequestError(f"{argument} must be an id, not {value!r}.", argument=argument)
    if len(value) > LONGEST_ID:
        raise InvalidRequestError(
            f"{argument} must be an id of at most {LONGEST_ID} characters, not {len(value)}.", argument=argument
        )
    if not value.isprintable():
        raise InvalidRequestError(
            f"{argument} has a character that no id has: a control character, a line break or half of a character.",
            argument=argument,
        )
    if value != value.strip():
        raise InvalidRequestError(f"{argument} has blanks around it.", argument=argument)
    return value


def require_or_none(value: str | None, *, argument: str) -> str | None:
    """Checks an id that may be left out.

    Raises:
        InvalidRequestError: as `require`.
    """
    return None if value is None else require(value, argument=argument)


def exactly_one(**named: str | None) -> dict[str, str]:
    """Returns the one id that was given.

    Raises:
        InvalidRequestError: none, more than one, or one that is no id.
    """
    given = {name: require(value, argument=name) for name, value in named.items() if value is not None}
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
    if not (is_text(value) and value.isascii() and value.isalnum()):
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


def check_idempotency_key(value: str) -> str:
    """Checks an idempotency key.

    Raises:
        InvalidRequestError: no text, not 1 to 255 characters, a character that cannot be printed, or blanks around it.
    """
    if not is_text(value):
        raise InvalidRequestError(
            f"idempotency_key must be text, not {type(value).__name__}.", argument="idempotency_key"
        )
    if not 1 <= len(value) <= LONGEST_KEY:
        raise InvalidRequestError(
            f"idempotency_key must have 1 to {LONGEST_KEY} characters, not {len(value)}.", argument="idempotency_key"
        )
    if not value.isprintable() or value != value.strip():
        raise InvalidRequestError(
            "idempotency_key has blanks around it, or a character that cannot be printed.", argument="idempotency_key"
        )
    return value


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
    if not _is_mapping(value):
        raise InvalidRequestError(f"metadata must be a mapping, not {type(value).__name__}.", argument="metadata")
    if len(value) > 25:
        raise InvalidRequestError(f"metadata may have 25 pairs, not {len(value)}.", argument="metadata")
    for key, text in value.items():
        if not (is_text(key) and _METADATA_KEY.fullmatch(key)):
            raise InvalidRequestError(
                f"metadata key {_shown(key)} must be 1 to 64 letters, digits, '_', '.' or '-'.", argument="metadata"
            )
        if not is_text(text):
            raise InvalidRequestError(
                f"metadata[{key!r}] must be text, not {type(text).__name__}.", argument="metadata"
            )
        if not 1 <= len(text) <= 256:
            raise InvalidRequestError(f"metadata[{key!r}] must have 1 to 256 characters.", argument="metadata")
    return dict(value)


def pad_account_number(value: str) -> str:
    """Pads an account number to seven digits with zeros, as Astra's documents ask.

    Raises:
        InvalidRequestError: not 1 to 17 digits. The number itself is not shown.
    """
    if not (is_text(value) and value.isascii() and value.isdigit() and len(value) <= 17):
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
    except (ValueError, TypeError):
        # The value is not shown: it is somebody's date of birth.
        raise InvalidRequestError(f"{argument} must be a date, or text as YYYY-MM-DD.", argument=argument) from None


def start(value: date | str | None) -> str | None:
    """Returns a start date or moment in ISO 8601; the documents show both, and a moment carries its offset.

    Raises:
        InvalidRequestError: a datetime without a time zone, or neither a date nor text in ISO 8601.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequestError("start_date must have a time zone, or be a plain date.", argument="start_date")
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        if value is not None:
            datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise InvalidRequestError(
            'start_date must be a date, a datetime, or text in ISO 8601 such as "2026-05-04".', argument="start_date"
        ) from None
    return value


def fee_percent(value: Percent | None) -> Decimal | None:
    """Checks a `debit_fee_percent` that may be left out.

    Raises:
        InvalidRequestError: as `astra.money.to_percent`.
    """
    return None if value is None else to_percent(value, argument="debit_fee_percent")


def _shown(value: object) -> str:
    return ascii(value[:80]) if isinstance(value, str) else f"of type {type(value).__name__}"
