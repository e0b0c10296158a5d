"""What a key of a user may be: the same for every store, so that what works in one works in all. Pure."""

from __future__ import annotations

from typing import Final

from astra.errors import InvalidRequestError

LONGEST_KEY: Final = 255
"""Characters of a key; the column of a SQL database holds no more."""


def check_user_key(key: object, *, argument: str = "key") -> str:
    """Returns a key under which every store can keep a user.

    Args:
        key: your key of the user.
        argument: name of the argument that it came in.

    Raises:
        InvalidRequestError: it is no text, empty, longer than 255 characters, or has characters that a database
            refuses.
    """
    if not isinstance(key, str):
        raise InvalidRequestError(
            f"{argument} must be text, not {type(key).__name__}: pass str(...) of an id, here and wherever you name "
            "the user.",
            argument=argument,
        )
    if f"{key}" != key:
        raise InvalidRequestError(
            f"{argument} is a {type(key).__name__}, which is one text and is written as another: pass plain text, such "
            "as the value of an enum's member.",
            argument=argument,
        )
    if not key.strip():
        raise InvalidRequestError(
            f"{argument} is empty: everybody whose id is missing would share one grant.", argument=argument
        )
    if len(key) > LONGEST_KEY:
        raise InvalidRequestError(
            f"{argument} has {len(key)} characters; at most {LONGEST_KEY} are kept.", argument=argument
        )
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in key):
        raise InvalidRequestError(
            f"{argument} has NUL or half of a surrogate pair, which no database keeps.", argument=argument
        )
    return key


def check_astra_user_id(astra_user_id: object) -> None:
    """Refuses what is no id of Astra's: None would be everybody whose id is not known, and a number is nobody's.

    Args:
        astra_user_id: Astra's id of a user; "" is nobody's.

    Raises:
        InvalidRequestError: it is no plain text.
    """
    if not isinstance(astra_user_id, str) or f"{astra_user_id}" != astra_user_id:
        raise InvalidRequestError(
            f"astra_user_id must be text, not {type(astra_user_id).__name__}.", argument="astra_user_id"
        )


def is_user_key(key: object) -> bool:
    """Whether `check_user_key` takes the key.

    Args:
        key: what a store has as a key; release 0.1.0 took any text.
    """
    try:
        check_user_key(key)
    except InvalidRequestError:
        return False
    return True
