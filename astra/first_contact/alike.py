"""How likely two names, or a name and what stands under another one, are the same thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from astra._json import is_array, is_object

ALIKE: Final = 0.6
"""From here on a name is taken for another one, because of what stands under it."""

SAME_WORDS: Final = 0.95
SILENT: Final = frozenset({"has", "is"})
"""Words that change nothing: `has_more` is `more`."""

ROLES: Final = frozenset({"amount", "code", "date", "id", "name", "number", "reason", "status", "type"})
"""Words that say which of several things about one thing a field is."""

SAME_VALUE: Final = 1.0
LISTED_VALUE: Final = 0.9
COMMON: Final = frozenset({"id", "user", "type", "date", "code", "number"})
"""Words that say little about what a field is."""

SHORTEST_FACT: Final = 5


def words_of(name: str) -> frozenset[str]:
    """Returns the words of a name in whatever case, without the s of a plural."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return frozenset(word.removesuffix("s") if len(word) > 3 else word for word in re.findall(r"[a-z0-9]+", split))


def are_same(mine: str, other: str) -> bool:
    """Tells whether two names have the same words, in whatever case and number. What is merely alike may be another
    field beside it: a `source_type` is no `source_id`."""
    left, right = words_of(mine) - SILENT, words_of(other) - SILENT
    return left == right and bool(left)


def are_of_two_kinds(mine: str, other: str) -> bool:
    """Tells whether two names say that they are different things about the same, such as its id and its type."""
    left, right = words_of(mine) & ROLES, words_of(other) & ROLES
    return bool(left and right) and left != right


def likeness(mine: str, other: str) -> float:
    """Returns how alike two names are, from 0 to 1; shared words count for more than shared letters."""
    left, right = words_of(mine), words_of(other)
    if left == right:
        return SAME_WORDS
    shared = left & right
    words = 0.95 * 2 * len(shared) / (len(left) + len(right)) if shared - COMMON else 0.0
    return max(words, 0.9 * SequenceMatcher(None, mine.lower(), other.lower()).ratio() if len(mine) > 3 else 0.0)


def kind_of(value: object) -> str:
    """Returns the JSON type of a value, an integer being a number."""
    if is_object(value):
        return "object"
    if is_array(value):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    return "null" if value is None else "string" if isinstance(value, str) else "number"


def fits(values: Collection[object], *, kinds: Collection[str], of_format: str) -> bool:
    """Tells whether what stands under a name can be what the spec says of another."""
    given = [value for value in values if value is not None]
    if kinds and any(kind_of(value) not in kinds for value in given):
        return False
    return of_format != "date-time" or all(isinstance(value, str) and is_time(value) for value in given)


def is_time(text: str) -> bool:
    """Tells whether a text is a date, with or without a time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def of_value(
    name: str,
    other: str,
    values: Collection[object],
    *,
    listed: Collection[str],
    facts: Mapping[str, Collection[object]],
) -> float:
    """Returns how much what stands under another name speaks for it being `name`.

    Args:
        name: of the spec.
        other: the other name.
        values: what stands under the other name, in all answers.
        listed: values that the spec lists for `name`.
        facts: what is known to stand under names of the spec, because it was sent, or is the id that was asked for.
    """
    given = [value for value in values if value is not None]
    if not given:
        return 0.0
    known = facts.get(name, ())
    if all(isinstance(value, str) and len(value) >= SHORTEST_FACT and value in known for value in given):
        return SAME_VALUE
    if all(is_object(value) or (isinstance(value, float) and value % 1) for value in given):
        return SAME_VALUE if all(value in known for value in given) else 0.0
    if are_of_two_kinds(name, other):
        return 0.0
    return LISTED_VALUE if listed and any(isinstance(value, str) and value in listed for value in given) else 0.0
