"""Arguments that have a list of values: `type`, `payment_type`, speeds and the like. Plain functions, no I/O.

A list that the spec marks as complete is checked before anything is sent. Any other list may lack values, so it only
serves for completion and in errors, and other text is sent as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, overload

from astra_api.literals import CLOSED, SENT_VALUES

from astra.errors import InvalidRequestError

Choices = Literal[
    "BankAccountType", "Frequency", "KycType", "PaymentType", "RoutineType", "SettlementMode", "SettlementSpeed"
]
_LONGEST: Final = 64


@overload
def choice(value: str, kind: Choices, *, argument: str) -> str: ...
@overload
def choice(value: str | None, kind: Choices, *, argument: str) -> str | None: ...
def choice(value: str | None, kind: Choices, *, argument: str) -> str | None:
    """Checks an argument that has a list of values; members of the API's enums and of your own `StrEnum` are text too.

    Args:
        value: what was given; None is an argument that was left out.
        kind: name of the enum in the spec.
        argument: name to use in errors.

    Returns:
        The plain text.

    Raises:
        InvalidRequestError: not text, blank, too long, or not in a list that is complete.
    """
    if value is None:
        return None
    known = SENT_VALUES[kind]
    listed = ", ".join(f'"{one}"' for one in known)
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidRequestError(f"{argument} must be one of {listed}, not {type(value).__name__}.", argument=argument)
    text = str.__str__(value)
    if text in known:
        return text
    is_word = bool(text.strip()) and text.isprintable() and len(text) <= _LONGEST
    if is_word and kind not in CLOSED:
        return text
    raise InvalidRequestError(
        f"{argument} must be one of {listed}, not {text[:_LONGEST]!a}."
        + did_you_mean(text, known)
        + (f' A value that is newer than this version goes into extra_body={{"{argument}": ...}}.' if is_word else ""),
        argument=argument,
    )


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Returns a sentence that names the value that was probably meant, going by letters and digits alone, or nothing.

    Args:
        text: what was given.
        known: what could have been given.
    """
    import difflib  # only an error needs it

    plain = {_plain(one): one for one in known}
    found = difflib.get_close_matches(_plain(text[:_LONGEST]), plain, n=1)
    return f' Did you mean "{plain[found[0]]}"?' if found else ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
