"""Where a model came from: the answer's bytes, the call, and for each object the JSON that it was made of"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, NoReturn, Protocol

import msgspec

from .plans import Plan, plan_of

MISSING: Final[Any] = object()
DEEPEST: Final = 100
TOO_DEEP: Final = f"the JSON is nested deeper than {DEEPEST} levels"
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_TEXT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"')


class Context(Protocol):
    """What a model may know of the call that it came from"""

    @property
    def request_id(self) -> str | None: ...

    def field_error(self, model: str, field: str, why: str) -> Exception: ...


class Origin:
    """Shared by all objects of one answer; the bytes are decoded again only when somebody asks for the JSON"""

    __slots__ = ("_columns", "_content", "_kind", "_raws", "context")

    def __init__(self, context: Context | None) -> None:
        self.context = context
        self._raws: dict[int, Any] | None = {}
        self._content = b""
        self._kind: type[Any] = object
        self._columns: list[list[int]] = []

    def remember(self, model: object, raw: Any) -> None:
        """Keeps the JSON of an object that was read field by field"""
        if self._raws is not None:
            self._raws[id(model)] = raw

    def remember_bytes(self, kind: type[Any], content: bytes, columns: list[list[int]]) -> None:
        """Keeps the bytes of an answer and the identities of its objects, in the order of `columns_of`"""
        self._kind, self._content, self._columns, self._raws = kind, content, columns, None

    @property
    def is_whole(self) -> bool:
        """Whether all objects were decoded at once, so that each of their fields can be read"""
        return bool(self._columns)

    def raw_of(self, model: object) -> Any:
        """Returns the JSON of one object; it must not be changed"""
        # An id names one object for as long as it lives, and only living objects of this origin are asked for.
        if self._raws is None:
            self._raws = self._located()
        return self._raws[id(model)]

    def _located(self) -> dict[int, Any]:
        raws: dict[int, Any] = {}
        columns = columns_of(plan_of(self._kind), [loads(self._content)], _raw_child)
        for ids, (_, column) in zip(self._columns, columns, strict=True):
            raws.update(zip(ids, column, strict=True))
        return raws


Child = Callable[[str], Callable[[Any], Any]]


def columns_of(plan: Plan, column: list[Any], child: Child) -> Iterator[tuple[Plan, list[Any]]]:
    """Walks all objects below some objects of one class, a class at a time: objects and JSON alike, in one order"""
    yield plan, column
    for name, kind, many in plan.children:
        values = [value for value in map(child(name), column) if value is not None]
        found = [item for items in values for item in items] if many else values
        if found:
            yield from columns_of(plan_of(kind), found, child)


def model_child(name: str) -> Callable[[Any], Any]:
    """How `columns_of` goes from a model to a part of it"""
    return attrgetter(name)


def _raw_child(name: str) -> Callable[[Any], Any]:
    return lambda raw: raw.get(name)


def loads(content: bytes) -> Any:
    """Decodes JSON, numbers with a fraction as Decimal; a number that no type can hold stays text

    Raises:
        ValueError: it is not JSON, or nested too deeply
    """
    try:
        return _DECODER.decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        pass
    try:
        # The standard library also takes half a surrogate pair, a byte order mark and UTF-16. Bytes that are no text
        # become halves of pairs too: nothing else would tell two ids apart that differ in them.
        text = content.decode(json.detect_encoding(content), "surrogateescape")
        return json.loads(text, parse_float=_exact, parse_int=_whole, parse_constant=_refuse)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def is_deep(content: bytes) -> bool:
    """Whether JSON may be nested deeper than DEEPEST: for certain not when False"""
    brackets = content.translate(None, _NO_BRACKETS)
    if len(brackets) <= 2 * DEEPEST:
        return False
    # What is left may be brackets in text.
    return _left_of(brackets) != b"" and _left_of(_TEXT.sub(b"", content).translate(None, _NO_BRACKETS)) != b""


def _left_of(brackets: bytes) -> bytes:
    for _ in range(DEEPEST // 2):
        # One level, or two.
        fewer = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    return brackets


def _exact(text: str) -> Any:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def _whole(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return text


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
