"""What reading a class takes, found once from its annotations and kept on the class"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

import attrs
import msgspec

PLAIN = (str, int, bool)
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"  # as JSON writes it
_ODD_AMOUNT = rb'(?:%%s)"[ \t\n\r]*:[ \t\n\r]*"(?!%b")' % NUMBER.encode()


class FieldPlan(NamedTuple):
    """One field: its attribute, its name in JSON and its type"""

    name: str
    json_name: str
    hint: Any
    required: bool
    default: Callable[[], Any] | None  # what a missing or null field reads as, when that is not None
    set: Callable[[Any, Any], None]


Reader = Callable[[Any, Any], Any]


class Child(NamedTuple):
    """A field that holds a model, or a list of models"""

    name: str
    kind: type[Any]
    many: bool


class Plan:
    """How to read one class"""

    def __init__(self, kind: type[Any]) -> None:
        self.kind = kind
        self.json_names: dict[str, str] = {a.name: kind._json_names.get(a.name, a.name) for a in attrs.fields(kind)}
        self.known = frozenset(self.json_names.values())
        self.readers: tuple[tuple[FieldPlan, Reader], ...] | None = None  # made by the first build()

    @cached_property
    def fields(self) -> tuple[FieldPlan, ...]:
        """Every field of the class"""
        hints = get_type_hints(self.kind)
        return tuple(
            FieldPlan(
                name=a.name,
                json_name=self.json_names[a.name],
                hint=hints[a.name],
                required=a.default is attrs.NOTHING,
                default=_default_of(a),
                set=getattr(self.kind, a.name).__set__,  # the slot, which may be a base's
            )
            for a in attrs.fields(self.kind)
        )

    @cached_property
    def broken(self) -> type[Any]:
        """The class of an object that could not be read as a whole. It alone has a `__getattr__`, which would cost
        msgspec more for each field that did not come than decoding all those that did"""
        names = {"__slots__": (), "__getattr__": _tell, "__module__": self.kind.__module__, "_plan": self}
        return type(self.kind.__name__, (self.kind,), names)

    @cached_property
    def children(self) -> tuple[Child, ...]:
        """The fields that hold models; only used for a class that can be decoded at once"""
        found: list[Child] = []
        for field in self.fields:
            for member in members_of(field.hint):
                inner = get_args(member)[0] if get_origin(member) is list else member
                if is_model(inner):
                    found.append(Child(field.name, inner, inner is not member))
        return tuple(found)

    @cached_property
    def times(self) -> tuple[tuple[Callable[[Any], Any], Callable[[Any, Any], None]], ...]:
        """How to get and set each time"""
        chosen = [field for field in self.fields if datetime.datetime in members_of(field.hint)]
        return tuple((attrgetter(field.name), field.set) for field in chosen)

    @cached_property
    def amounts(self) -> tuple[tuple[Callable[[Any], Any], Callable[[Any, Any], None]], ...]:
        """How to get and set each amount"""
        chosen = [field for field in self.fields if Decimal in members_of(field.hint)]
        return tuple((attrgetter(field.name), field.set) for field in chosen)

    @cached_property
    def odd_amount(self) -> re.Pattern[bytes] | None:
        """What finds text that msgspec takes for an amount, here and below, and JSON would not; None without amounts"""
        found = self.amount_names(frozenset())
        # A name that ends in another one is found by that: with a single text to look for, the search is twice as fast.
        names = sorted(name for name in found if not any(name != end and name.endswith(end) for end in found))
        return re.compile(_ODD_AMOUNT % "|".join(names).encode()) if names else None

    def amount_names(self, above: frozenset[type[Any]]) -> frozenset[str]:
        """The names of the amounts here and below"""
        own = {field.name for field in self.fields if Decimal in members_of(field.hint)}
        below = above | {self.kind}
        children = [plan_of(child.kind) for child in self.children if child.kind not in below]
        return frozenset(own).union(*(plan.amount_names(below) for plan in children))

    @cached_property
    def decode(self) -> Callable[[bytes], Any] | None:
        """msgspec's decoder of the class, or None when it has to be read field by field"""
        return msgspec.json.Decoder(self.kind).decode if self.is_straight(frozenset()) else None

    def is_straight(self, above: frozenset[type[Any]]) -> bool:
        """Whether msgspec reads the class, and all below it, as we do"""
        below = above | {self.kind}
        return all(
            field.name == field.json_name and _is_straight(members_of(field.hint), below) for field in self.fields
        )


def _default_of(attribute: attrs.Attribute[Any]) -> Callable[[], Any] | None:
    default: Any = attribute.default
    if default is attrs.NOTHING or default is None:
        return None
    return default.factory if isinstance(default, attrs.Factory) else lambda: default  # type: ignore[arg-type]


def _is_straight(members: tuple[Any, ...], above: frozenset[type[Any]]) -> bool:
    if len(members) > 1:
        return False
    member = members[0]
    if get_origin(member) is list:
        (member,) = get_args(member)
        return member in PLAIN or (is_model(member) and _is_straight((member,), above))
    if is_model(member):
        return member in above or plan_of(member).is_straight(above)
    return member in (*PLAIN, Decimal, datetime.datetime, datetime.date) or (
        isinstance(member, type) and issubclass(member, StrEnum)
    )


def members_of(hint: Any) -> tuple[Any, ...]:
    """The types of an annotation, without None"""
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(member for member in members if member is not NoneType)


def is_model(hint: Any) -> bool:
    """Whether a type is one of the models"""
    return isinstance(hint, type) and attrs.has(hint)


def _tell(model: Any, name: str) -> Any:
    plan = plan_of(type(model))
    if name not in plan.json_names:
        raise AttributeError(f"{plan.kind.__name__!r} object has no attribute {name!r}")
    whole = model._origin.raw_of(model)
    if not isinstance(whole, Mapping):
        raise model._error(name, f"cannot be read: the object is a JSON {type(whole).__name__}")
    if plan.json_names[name] not in whole:
        raise model._error(name, "is missing")
    raw = whole[plan.json_names[name]]
    raise model._error(name, "is null" if raw is None else f"cannot be read from a value of type {type(raw).__name__}")


def plan_of(kind: type[Any]) -> Plan:
    """The plan of a class"""
    plan = kind.__dict__.get("_plan")
    if plan is None:
        plan = kind._plan = Plan(kind)
    return cast("Plan", plan)
