# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains some shared types for properties, and the base of all models"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

from attrs import define

from .errors import FieldDecodeError
from .facts import ENUM_ALIASES, SECRET_FIELDS


class Unset:
    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

T = TypeVar("T")
M = TypeVar("M", bound="Model")
E = TypeVar("E", bound=StrEnum)


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


class Context(Protocol):
    """What a model may know of the call that it came from"""

    @property
    def request_id(self) -> str | None: ...

    def field_error(self, model: str, field: str, raw: object) -> Exception: ...


class Model:
    """A read-only view of a JSON object; a missing or null field reads as None, a missing or null list as []"""

    __slots__ = ("_context", "_data")
    _fields: frozenset[str] = frozenset()
    _context: Context | None
    _data: Any  # dict[str, Any]; Any spares every getter a cast

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Makes a view of decoded JSON, without a copy when it is a dict"""
        self = object.__new__(cls)
        self._data = src_dict if type(src_dict) is dict else dict(src_dict)
        self._context = None
        return self

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON object, with unknown fields, as it was read"""
        data: dict[str, Any] = self._data
        return data

    def attach(self, context: Context) -> None:
        """Remembers the call that this came from"""
        self._context = context

    @property
    def context(self) -> Any:
        """The call that this came from, or None"""
        return self._context

    @property
    def request_id(self) -> str | None:
        """Astra's request id of the answer that this came from, or None"""
        return None if self._context is None else self._context.request_id

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The fields that the spec does not know"""
        known = self._fields
        return {name: value for name, value in self._data.items() if name not in known}

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(self._data == other._data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_masked(name, value)!r}" for name, value in self._data.items())
        return f"{type(self).__name__}({shown})"


class _Hidden:
    __slots__ = ()

    def __repr__(self) -> str:
        return "[hidden]"


def _masked(name: str, value: Any) -> Any:
    if name in SECRET_FIELDS and value is not None:
        return _Hidden()
    if isinstance(value, dict):
        return {key: _masked(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked("", item) for item in value]
    return value


def open_member(kind: type[E], value: object) -> E | None:
    """Makes a member for a value that the spec does not know, or finds the one it is another spelling of"""
    if not isinstance(value, str):
        return None
    alias = ENUM_ALIASES.get(kind.__name__, {}).get(value)
    if alias is not None:
        return kind(alias)
    member = str.__new__(kind, value)
    member._name_ = "UNKNOWN_VALUE"
    member._value_ = value
    return member


def to_json(value: Any) -> Any:
    """Turns an argument into what JSON holds; a Decimal stays one"""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


def _unreadable(model: Model, name: str, raw: object) -> Exception:
    kind = type(model).__name__
    if model._context is not None:
        return model._context.field_error(kind, name, raw)
    return FieldDecodeError(kind, name, raw)


def read_decimal(model: Model, name: str) -> Any:
    """Reads an amount; never through a binary fraction that prints differently"""
    raw = model._data.get(name)
    kind = type(raw)
    if raw is None or kind is Decimal:
        return raw
    if kind is int:
        return Decimal(raw)
    try:
        if kind is float or kind is str:
            found = Decimal(str(raw))
            if found.is_finite():
                return found
    except ArithmeticError:
        pass
    raise _unreadable(model, name, raw) from None


def read_datetime(model: Model, name: str) -> Any:
    """Reads a time; one without a zone is UTC"""
    raw = model._data.get(name)
    if raw is None:
        return None
    try:
        found = datetime.datetime.fromisoformat(raw)
    except (TypeError, ValueError):
        raise _unreadable(model, name, raw) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=datetime.UTC)


def read_date(model: Model, name: str) -> Any:
    """Reads a day, also from a time"""
    raw = model._data.get(name)
    if raw is None:
        return None
    try:
        return datetime.datetime.fromisoformat(raw).date()
    except (TypeError, ValueError):
        raise _unreadable(model, name, raw) from None


def read_bool(model: Model, name: str) -> Any:
    """Reads a boolean, also from the strings "True" and "False" """
    raw = model._data.get(name)
    if raw is None or raw is True or raw is False:
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    raise _unreadable(model, name, raw)


def read_enum(model: Model, name: str, kind: type[E]) -> Any:
    """Reads an enum; an unknown value is kept"""
    raw = model._data.get(name)
    if raw is None:
        return None
    try:
        # The lookup alone is a fifth of the price of calling the class, which any other value still takes.
        return kind._value2member_map_.get(raw) or kind(raw)
    except (TypeError, ValueError):
        raise _unreadable(model, name, raw) from None


def read_model(model: Model, name: str, kind: type[M]) -> Any:
    """Reads an object"""
    raw = model._data.get(name)
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise _unreadable(model, name, raw)
    found = kind.from_dict(raw)
    found._context = model._context
    return found


def read_models(model: Model, name: str, kind: type[M]) -> list[M]:
    """Reads a list of objects"""
    raw = model._data.get(name)
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise _unreadable(model, name, raw)
    context, new = model._context, object.__new__
    found: list[M] = []
    for item in raw:
        if type(item) is not dict:
            raise _unreadable(model, name, item)
        view = new(kind)
        view._data = item
        view._context = context
        found.append(view)
    return found


def read_list(model: Model, name: str) -> Any:
    """Reads a list of plain values"""
    raw = model._data.get(name)
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise _unreadable(model, name, raw)
    return raw


def read_union(model: Model, name: str, kind: type[M]) -> Any:
    """Reads an object, or any other value as it is"""
    raw = model._data.get(name)
    return read_model(model, name, kind) if isinstance(raw, dict) else raw


__all__ = ["UNSET", "Context", "Model", "Response", "Unset", "open_member", "to_json"]
