# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""The base of all models"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, KeysView, Mapping
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import attrs

from .errors import FieldDecodeError
from .origin import DEEPEST, TOO_DEEP, Context, Origin, loads
from .plans import Plan, plan_of
from .reading import build, decode

_UNREAD = object()
_PLAIN = frozenset((str, int, float, bool, NoneType, Decimal))


class Model:
    """A frozen attrs class with one attribute for each field of a JSON object

    A field that is missing, null or unreadable where the spec promises a value is not set: reading it raises
    (ResponseDecodeError when the object came through a call of the SDK, else FieldDecodeError), also through hasattr()
    and getattr() with a default, so that a broken answer never looks like an empty one. All else works on such an
    object. Fields that the spec does not know stay in to_dict() and additional_properties; attrs.evolve() and
    attrs.asdict() know the documented ones alone.
    """

    __slots__ = ("_origin",)
    _origin: Origin
    _plan: ClassVar[Plan | None] = None
    _json_names: ClassVar[Mapping[str, str]] = {}
    _items_name: ClassVar[str | None] = None
    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any], *, context: Context | None = None) -> Self:
        """Reads decoded JSON, of which it keeps a copy; null and absent are the same unless the spec tells them apart

        Raises:
            ValueError: it is nested deeper than 100 levels
        """
        return build(cls, to_plain(src_dict), Origin(context))

    @classmethod
    def from_json(cls, content: bytes | str, *, context: Context | None = None) -> Self:
        """Reads the JSON text of an object

        Raises:
            ValueError: it is not JSON, not an object, or nested deeper than 100 levels
        """
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        found = decode(cls, data, context)
        if found is not None:
            return found
        raw = loads(data)
        if not isinstance(raw, dict):
            raise ValueError(f"a {cls.__name__} is a JSON object, not {type(raw).__name__}")
        return cls.from_dict(raw, context=context)

    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]:
        """Returns the JSON object that this was read from, unknown fields included, as a copy

        Args:
            mode: "python" keeps what came, amounts as Decimal; "json" is for json.dumps(): amounts are text ("20.10"),
                and times that came without an offset have that of UTC
        """
        raw = self._raw()
        if mode == "python":
            return {name: to_plain(value) for name, value in raw.items()}
        values = {name: self._peek(attribute) for attribute, name in self._json_name_of().items()}
        return {name: _jsonable(value, values.get(name)) for name, value in raw.items()}

    def to_json(self) -> str:
        """Returns to_dict(mode="json") as JSON text"""
        return json.dumps(self.to_dict(mode="json"))

    def attach(self, context: Context) -> None:
        """Remembers the call that this, and all objects read with it, came from"""
        origin = self._read_from()
        if origin is None:
            raise ValueError("this object was made, not read")
        origin.context = context

    @property
    def context(self) -> Any:
        """The call that this came from, or None"""
        origin = self._read_from()
        return None if origin is None else origin.context

    @property
    def request_id(self) -> str | None:
        """Astra's request id of the answer that this came from, or None"""
        return None if self.context is None else self.context.request_id

    @property
    def replayed(self) -> bool:
        """Whether this was made by an earlier call under the same idempotency key: then nothing was sent for it now"""
        return bool(getattr(self.context, "replayed", False))

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The fields that the spec does not know"""
        known = plan_of(type(self)).known
        return {name: to_plain(value) for name, value in self._raw().items() if name not in known}

    def keys(self) -> KeysView[str]:
        """The names of the fields in the JSON object; with them dict(model) is to_dict()"""
        return self._raw().keys()

    def __iter__(self) -> Iterator[Any]:
        """The names of the fields, as keys(); the answer of a list gives its items instead"""
        return iter(self.keys())

    def __getitem__(self, name: str) -> Any:
        return to_plain(self._raw()[name])

    def __contains__(self, name: object) -> bool:
        return name in self._raw()

    def __eq__(self, other: object) -> bool:
        if (
            not isinstance(other, Model)
            or plan_of(type(other)).kind is not plan_of(type(self)).kind
        ):
            return NotImplemented
        return self is other or (
            self._values() == other._values() and self._unknown() == other._unknown()
        )

    def __hash__(self) -> int:
        values = [self._peek(name) for name in self._json_name_of()]
        # What cannot be read is compared by what came, where 1 equals True.
        readable = () if any(value is _UNREAD for value in values) else map(_hashable, values)
        return hash((plan_of(type(self)).kind, *readable))

    def __repr__(self) -> str:
        shown = []
        for attribute in attrs.fields(type(self)):
            value = self._peek(attribute.name)
            if value is _UNREAD:
                shown.append(f"{attribute.name}=[unreadable]")
            elif value is not None:
                shown.append(
                    f"{attribute.name}={value!r}"
                    if attribute.repr
                    else f"{attribute.name}=[hidden]"
                )
        # What is in a field that nobody knows may be a secret.
        shown += [f"{name}=..." for name in self._unknown()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        kind, origin = plan_of(type(self)).kind, self._read_from()
        if origin is not None:
            return _read_again, (kind, origin.raw_of(self), origin.context)
        return _make_again, (kind, {name: self._peek(name) for name in self._json_name_of()})

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .pydantic_schema import core_schema_of  # noqa: PLC0415

        return core_schema_of(cls, handler)

    def _read_from(self) -> Origin | None:
        """Where this was read from, or None when it was made"""
        return getattr(self, "_origin", None)

    def _json_name_of(self) -> Mapping[str, str]:
        return plan_of(type(self)).json_names

    def _peek(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            return _UNREAD

    def _has(self, name: str) -> bool:
        return self._peek(name) is not _UNREAD

    def _raw(self) -> Mapping[str, Any]:
        """The object's JSON, not to be changed"""
        origin = self._read_from()
        raw = self._made() if origin is None else origin.raw_of(self)
        if not isinstance(raw, Mapping):
            raise self._error("the object", f"is a JSON {type(raw).__name__}, not an object")
        return raw

    def _made(self) -> dict[str, Any]:
        """The JSON of an object that was made: what is None is left out unless it must be there, as null"""
        required = {
            field.name for field in attrs.fields(type(self)) if field.default is attrs.NOTHING
        }
        found = {name: self._peek(name) for name in self._json_name_of()}
        return {
            self._json_name_of()[name]: to_plain(value)
            for name, value in found.items()
            if value is not None or name in required
        }

    def _unknown(self) -> dict[str, Any]:
        """The JSON of the fields that the spec does not know, not to be changed"""
        origin = self._read_from()
        raw = None if origin is None else origin.raw_of(self)
        known = plan_of(type(self)).known
        return (
            {name: value for name, value in raw.items() if name not in known}
            if isinstance(raw, Mapping)
            else {}
        )

    def _values(self) -> list[Any]:
        """The values of all fields; one that cannot be read counts by what came"""
        values = [self._peek(name) for name in self._json_name_of()]
        origin = self._read_from()
        if origin is None or all(value is not _UNREAD for value in values):
            return values
        return [_UNREAD, origin.raw_of(self)]

    def _error(self, field: str, why: str) -> Exception:
        if self.context is not None:
            error: Exception = self.context.field_error(type(self).__name__, field, why)
            return error
        return FieldDecodeError(type(self).__name__, field, why)


def to_plain(value: Any, room: int = DEEPEST) -> Any:
    """Copies a value, or turns an argument into what JSON holds; a Decimal stays one

    Raises:
        ValueError: it is nested deeper than there is room for
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, Model):
        value = value._raw()
    if room == 0 and isinstance(value, (list, tuple, Mapping)):
        raise ValueError(TOO_DEEP)
    if isinstance(value, (list, tuple)):
        return [to_plain(item, room - 1) for item in value]
    if isinstance(value, Mapping):
        return {key: to_plain(item, room - 1) for key, item in value.items()}
    return value


def _jsonable(raw: Any, value: Any) -> Any:
    """A JSON value with its amounts as text and its times with an offset, given what was read from it"""
    if isinstance(value, Model) and isinstance(raw, Mapping):
        return value.to_dict(mode="json")
    if isinstance(raw, Mapping):
        return {name: _jsonable(item, None) for name, item in raw.items()}
    if isinstance(raw, (list, tuple)):
        values: Iterable[Any] = value if isinstance(value, list) else [None] * len(raw)
        return [_jsonable(item, inner) for item, inner in zip(raw, values, strict=True)]
    if isinstance(raw, str) and isinstance(value, datetime.datetime):
        return (
            raw
            if datetime.datetime.fromisoformat(raw).tzinfo
            else value.replace(tzinfo=datetime.UTC).isoformat()
        )
    if isinstance(value, Decimal) and raw is not None:
        return str(value)
    return str(raw) if isinstance(raw, Decimal) else raw


def _hashable(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, Mapping):
        return frozenset((name, _hashable(item)) for name, item in value.items())
    return value


def _read_again(kind: type[Model], raw: Any, context: Context | None) -> Model:
    return build(kind, raw, Origin(context))


def _make_again(kind: type[Model], values: dict[str, Any]) -> Model:
    return kind(**values)
