"""Which names may be written down. Pure.

The key of an object, and the value at a place where the spec lists values, come from the network: either may be a
token, a number of an account or a person. What is written down has to read like a word that a programmer chose.
"""

from __future__ import annotations

import re
from typing import Final

NOT_SHOWN: Final = "(not shown)"
"""Stands for what does not read like the name of a field or of a status."""

MANY_KEYS: Final = "(many keys)"
"""Stands for the unknown keys of an object that has so many that it is a map, whose keys are data."""

MOST_KEYS: Final = 12
"""Unknown keys of one object, from which on it is a map."""

LONGEST: Final = 64
_INNER: Final = r"(?:[A-Z][a-z]{2,20}|Id|To|Of|In|On|By|At|No|Is)"
_WORD: Final = rf"(?:[A-Z]{{1,12}}|[A-Z]?[a-z]{{1,20}}{_INNER}{{0,4}}(?:[A-Z]{{2,3}})?)[0-9]{{0,2}}"
_NAME: Final = re.compile(rf"{_WORD}(?:[_-](?:{_WORD}|[0-9]{{1,2}})){{0,9}}")
_TOKEN: Final = re.compile(
    r"(?:sk|pk|rk|tok|ghp|gho|xox[a-z]|(?:[a-z]{2,10}[_-])?(?:live|test|sandbox|production))[_-].*|[a-f]{8,}", re.I
)
"""How the best known issuers begin their tokens, and letters that are hexadecimal digits."""
_DIGITS: Final = 3
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def harmless(name: object) -> str:
    """Returns a name as it may be written down.

    It has at most 64 characters of A-Z, a-z, 0-9, "_" and "-": words of letters in the case in which programmers
    write them, each with at most two digits behind it, and three digits in all. A key with a blank, an "@", a dot as in
    an account's or a domain's name, a longer number, or letters and digits in turns as in an id, is not shown; nor is
    what begins as the tokens of well-known issuers do.

    Args:
        name: the key or the value.
    """
    if not isinstance(name, str) or len(name) > LONGEST or not _NAME.fullmatch(name) or _TOKEN.fullmatch(name):
        return NOT_SHOWN
    return name if sum(map(str.isdigit, name)) <= _DIGITS else NOT_SHOWN


def harmless_id(request_id: str | None) -> str | None:
    """Returns a request id that looks like one; None for any other text of that header.

    Args:
        request_id: as it came.
    """
    return request_id if request_id and _REQUEST_ID.fullmatch(request_id) else None
