"""From the values of a row to a grant, for every store that keeps rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from astra.errors import UnreadableGrantError
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.stores.base import Batch

FIELDS: Final = (
    "access_token",
    "access_expires_at",
    "refresh_token",
    "refresh_expires_at",
    "astra_user_id",
    "version",
    "state",
    "refreshed_at",
    "generation",
    "failures",
    "next_attempt_at",
    "dead_since",
    "dead_reason",
)
"""What is stored of a grant beside its identity and key."""

_NUMBERS: Final = frozenset({"access_expires_at", "refresh_expires_at", "refreshed_at", "next_attempt_at"})
_COUNTS: Final = frozenset({"version", "generation", "failures"})
_OPTIONAL: Final = frozenset({"astra_user_id", "dead_reason"})


def read_row(identity: Identity, key: str, values: Sequence[object], *, is_text: bool = True) -> Grant:
    """Makes a grant of what a store holds for it.

    Args:
        identity: whose row.
        key: your key of the user.
        values: what is stored, in the order of `FIELDS`.
        is_text: whether the store has the key as text.

    Raises:
        UnreadableGrantError: a value is not what it should be.
    """
    row: Mapping[str, object] = dict(zip(FIELDS, values, strict=True))
    wrong = [] if is_text else ["key"]
    wrong += [name for name, value in row.items() if not _is_right(name, value)]
    if wrong:
        raise UnreadableGrantError(
            f"The token store holds no grant for {key!r} ({identity}): its {wrong[0]} is damaged. Nothing was sent. "
            "Put it right or delete it (astra tokens forget).",
            user_key=key,
        )
    known: dict[str, Any] = dict(row)
    return Grant(key=key, identity=identity, **known)


def read_rows(identity: Identity, rows: Iterable[Sequence[object]], *, limit: int | None = None) -> Batch:
    """Makes a batch of rows, each of which begins with its key.

    Args:
        identity: whose rows.
        rows: what is stored: key, then the values in the order of `FIELDS`.
        limit: how many were asked for; when there are fewer, it is the last batch.
    """
    grants: list[Grant] = []
    unreadable: list[UnreadableGrantError] = []
    last: str | None = None
    is_text = True
    for row in rows:
        last, is_text = str(row[0]), isinstance(row[0], str)  # SQLite may have a blob, which comes after all text
        try:
            grants.append(read_row(identity, last, row[1:], is_text=is_text))
        except UnreadableGrantError as error:
            unreadable.append(error)
    is_full = limit is not None and len(grants) + len(unreadable) >= limit
    return Batch(grants=grants, unreadable=unreadable, after=last if is_full and is_text else None)


def values_of(grant: Grant) -> tuple[Any, ...]:
    """What is stored of a grant, in the order of `FIELDS`.

    Args:
        grant: the grant.
    """
    return tuple(getattr(grant, name) for name in FIELDS)


def _is_right(name: str, value: object) -> bool:
    if name in _NUMBERS or (name == "dead_since" and value is not None):
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if name in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "state":
        return value in ("active", "dead")
    if value is None:
        return name in _OPTIONAL or name == "dead_since"
    return isinstance(value, str) and (value.isascii() or _is_whole(value))


def _is_whole(text: str) -> bool:
    """Whether a text is one: stores read bytes that are none as halves of surrogate pairs."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
