"""Compares one answer with the spec, and says by name what is different. Pure but for what it has told before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import msgspec
from astra_api.answers import ANSWERS, ENUMS, ERRORS, MAPS, OBJECTS, REQUIRED

from astra._json import is_array, is_object
from astra.drift.names import MANY_KEYS, MOST_KEYS, harmless

FIELD: Final = "field"
VALUE: Final = "value"
STATUS: Final = "status"
MISSING: Final = "missing"
ERROR: Final = "error shape"
DIFFERENT: Final = (FIELD, VALUE, STATUS, MISSING, ERROR)
"""The kinds of what the spec does not say."""

KNOWN_FIELD: Final = "known field"
KNOWN_VALUE: Final = "known value"
KNOWN_STATUS: Final = "known status"

DEEPEST: Final = 8
"""Objects in one another that are looked into."""


class Name(NamedTuple):
    """One name that an answer holds.

    Attributes:
        kind: see the constants of this module.
        place: where in the answer, in names of the spec: "transfers[]" or "".
        name: the field, value or status; words of the spec, or what `astra.drift.names` lets through.
        type: the JSON type of a field.
    """

    kind: str
    place: str
    name: str
    type: str = ""


Found = dict[Name, None]
_Look = Callable[[Any, Found], None]
_TYPES: Final[dict[Any, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
}


class Operation:
    """What is known of one operation's answers, and which of it has been told.

    Args:
        operation: its name.
    """

    def __init__(self, operation: str) -> None:
        statuses, kind = ANSWERS[operation]
        self._statuses = frozenset(statuses)
        self._told: set[int] = set()
        self._success = _look_of(kind, "", 0)
        self._errors = {name: _Object(name, name, 0) for name in ERRORS}

    def look(self, status: int, content: bytes) -> Found:
        """Says what an answer holds that the spec does not, and what of the spec is seen for the first time.

        Args:
            status: its HTTP status.
            content: its body.
        """
        found: Found = {}
        if status not in self._told:
            if status in self._statuses:
                self._told.add(status)
                found[Name(KNOWN_STATUS, "", str(status))] = None
            else:
                found[Name(STATUS, "", str(status))] = None
        is_success = 200 <= status < 300
        if is_success and self._success is None:
            return found
        try:
            body = msgspec.json.decode(content) if content.strip() else None
        except (ValueError, RecursionError):
            if not is_success:
                found[Name(ERROR, "", "not JSON")] = None
            return found
        if is_success and self._success is not None:
            # The oldest documents wrap every sample in a one-element list.
            self._success(body[0] if is_array(body) and len(body) == 1 else body, found)
        elif not is_success:
            self._look_at_error(body, found)
        return found

    def _look_at_error(self, body: Any, found: Found) -> None:
        if not is_object(body):
            found[Name(ERROR, "", "empty" if body is None else f"JSON {_type(body)}")] = None
            return
        names = body.keys()
        best = max(self._errors.values(), key=lambda kind: (len(kind.known & names), -len(kind.known - names)))
        if best.known & names:
            best(body, found)
        else:
            found[Name(ERROR, "", ", ".join(sorted(_shown(names))) or "{}")] = None


class _Object:
    """An object of the spec at a place."""

    def __init__(self, name: str, place: str, depth: int) -> None:
        self.known = frozenset(OBJECTS[name])
        self._name, self._place, self._depth = name, place, depth
        self._required = frozenset(REQUIRED.get(name, ()))
        self._is_map = name in MAPS
        self._seen: set[str] = set()
        self._inner: dict[str, _Look] | None = None

    def __call__(self, value: Any, found: Found) -> None:
        if not is_object(value):
            return
        names: Any = value.keys()
        if not names <= self._seen:
            self._compare(value, found)
        if not self._required <= names:
            for name in self._required - names:
                found[Name(MISSING, self._place, name)] = None
        inner = self._inner if self._inner is not None else self._open()
        for name, look in inner.items():
            child = value.get(name)
            if child is not None:
                look(child, found)

    def _compare(self, value: dict[str, Any], found: Found) -> None:
        fresh = value.keys() - self._seen
        for name in fresh & self.known:
            if value[name] is not None:  # a null says that the name is known, and not what it holds
                self._seen.add(name)
                found[Name(KNOWN_FIELD, self._place, name, _type(value[name]))] = None
        unknown = () if self._is_map else fresh - self.known
        types = {name: _type(value[name]) for name in unknown}
        for name in _shown(unknown):
            found[Name(FIELD, self._place, name, types.get(name, ""))] = None

    def _open(self) -> dict[str, _Look]:
        prefix = f"{self._place}." if self._place else ""
        looks = {name: _look_of(kind, f"{prefix}{name}", self._depth + 1) for name, kind in self._kinds()}
        self._inner = {name: look for name, look in looks.items() if look is not None}
        return self._inner

    def _kinds(self) -> Iterable[tuple[str, str]]:
        return OBJECTS[self._name].items()


def _look_of(kind: str, place: str, depth: int) -> _Look | None:
    if not kind or depth > DEEPEST:
        return None
    if kind.startswith("[]"):
        return _list_of(_look_of(kind[2:], f"{place}[]", depth))
    if kind.startswith("="):
        return _enum(kind[1:], place)
    return _Object(kind[2:], place, depth)


def _list_of(inner: _Look | None) -> _Look | None:
    if inner is None:
        return None

    def look(value: Any, found: Found) -> None:
        if type(value) is list:
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                inner(item, found)

    return look


def _enum(name: str, place: str) -> _Look:
    listed, seen = frozenset(ENUMS[name]), set[str]()

    def look(value: Any, found: Found) -> None:
        if type(value) is not str or value in seen:
            return
        if value in listed:
            seen.add(value)
            found[Name(KNOWN_VALUE, place, value)] = None
        else:
            found[Name(VALUE, place, harmless(value))] = None

    return look


def _shown(names: Iterable[str]) -> set[str]:
    given = list(names)
    return {MANY_KEYS} if len(given) > MOST_KEYS else {harmless(name) for name in given}


def _type(value: Any) -> str:
    return "null" if value is None else _TYPES.get(type(value), "")
