"""Which object of Astra's a call was about. Pure."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from astra._json import is_array, is_object

LONGEST_BODY: Final = 65_536
"""Bytes of an answer that are looked through for the id of what was made; such answers have some hundred."""

_ID_PARAMETER: Final = re.compile(r"\{(?:\w+_)?id\}")


def resource_id_of(template: str, path: str, *, made: bytes | None) -> str | None:
    """Returns the id of the object that a call made, changed or asked for.

    Args:
        template: the operation's path, for example "/v1/transfers/{id}".
        path: the path as it was sent.
        made: body of the answer to a write that succeeded; None for everything else.

    Returns:
        The id in the body, or else the last one in the path; None when there is none.
    """
    return (_in_body(made) if made is not None else None) or _in_path(template, path)


def _in_body(body: bytes) -> str | None:
    if len(body) > LONGEST_BODY:
        return None
    try:
        data: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if is_array(data) and len(data) == 1:
        (data,) = data
    found: object = data.get("id") if is_object(data) else None
    return found if isinstance(found, str) else None


def _in_path(template: str, path: str) -> str | None:
    parts = path.partition("?")[0].split("/")
    found = [parts[position] for position in _positions(template) if position < len(parts)]
    return unquote(found[-1]) if found else None


@lru_cache
def _positions(template: str) -> tuple[int, ...]:
    """Returns which parts of a path are ids."""
    # No other parameter is an id: that of /v1/bins is the beginning of a card number.
    return tuple(number for number, name in enumerate(template.split("/")) if _ID_PARAMETER.fullmatch(name))
