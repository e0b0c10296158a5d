"""How what controls take and return crosses from one process to another: as JSON, and back by the annotated types."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from astra._json import is_array, is_object

BYTES = "$bytes"


def to_plain(value: Any) -> Any:
    """Returns a value as what `engine.encoding.dumps` can write; bytes become `{"$bytes": base64}`."""
    kind: type[Any] = value.__class__
    if attrs.has(kind):
        names = [field.name for field in attrs.fields(kind) if not field.name.startswith("_")]
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, bytes):
        return {BYTES: base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: to_plain(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value


def from_plain(value: Any, kind: Any = Any) -> Any:
    """Returns a value that `to_plain` made plain, as the type that an annotation names."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _from_union(value, arguments)
    if is_object(value):
        return _from_object(value, kind, arguments)
    if is_array(value):
        return [from_plain(item, arguments[0] if arguments else Any) for item in value]
    if kind in (float, Decimal):
        return kind(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    return value


def _from_object(value: dict[str, Any], kind: Any, arguments: tuple[Any, ...]) -> Any:
    if value.keys() == {BYTES}:
        return base64.b64decode(value[BYTES], validate=True)
    if isinstance(kind, type) and attrs.has(kind):
        hints = _hints_of(kind)
        return kind(**{name: from_plain(item, hints[name]) for name, item in value.items()})
    if get_origin(kind) is Counter:
        return Counter(value)
    inner = arguments[-1] if get_origin(kind) is dict else Any
    return {name: from_plain(item, inner) for name, item in value.items()}


def _from_union(value: Any, members: tuple[Any, ...]) -> Any:
    others = [member for member in members if member is not NoneType]
    if value is None or len(others) > 1:
        return float(value) if isinstance(value, Decimal) and float in others else from_plain(value)
    return from_plain(value, others[0])


@cache
def _hints_of(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)
