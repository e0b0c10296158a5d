# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""From JSON to models: at once by msgspec where all is as the spec says, else field by field"""

from __future__ import annotations

import datetime
import re
from collections import deque
from collections.abc import Callable, Mapping
from decimal import Context as Arithmetic
from decimal import Decimal
from enum import StrEnum
from itertools import repeat
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin

import msgspec

from .origin import MISSING, Context, Origin, columns_of, is_deep, model_child
from .plans import NUMBER, FieldPlan, Plan, Reader, is_model, members_of, plan_of

if TYPE_CHECKING:
    from .base import Model

M = TypeVar("M", bound="Model")
T = TypeVar("T")

_NUMBER: Final = re.compile(NUMBER)
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[4-7]")
_LARGEST_EXPONENT: Final = 18
_LARGEST_AMOUNT_EXPONENT: Final = 100
_CENT: Final = Decimal("0.01")
# Adding to an aware time costs a quarter of replace(tzinfo=UTC).
_EPOCH: Final = datetime.datetime(2000, 1, 1)  # noqa: DTZ001
_EPOCH_UTC: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def decode(kind: type[M], content: bytes, context: Context | None = None) -> M | None:
    """Decodes an answer that is in every field as the spec says; None when it is not, or is no JSON at all"""
    plan = plan_of(kind)
    if plan.decode is None:
        return None
    try:
        model: M = plan.decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if is_deep(content) or has_odd_amount(plan, content):
        return None
    origin = Origin(context)
    ids: list[list[int]] = []
    for part, column in columns_of(plan, [model], model_child):
        if not _settle(part, column, origin):
            return None
        ids.append(list(map(id, column)))
    origin.remember_bytes(kind, content, ids)
    return model


def has_odd_amount(plan: Plan, content: bytes) -> bool:
    """Whether an amount is text that is no number of JSON, such as "2_0", or might be, under an escaped name"""
    if plan.odd_amount is None:
        return False
    is_escaped = b"\\" in content and _ESCAPED_LETTER.search(content) is not None
    return is_escaped or plan.odd_amount.search(content) is not None


def _settle(plan: Plan, column: list[Any], origin: Origin) -> bool:
    """Does to objects of one class what msgspec does not: their origin, UTC, no NaN"""
    deque(map(_set_origin(plan.kind), column, repeat(origin)), maxlen=0)
    for get, set_ in plan.times:
        for model in column:
            time = get(model)
            if time is not None and time.tzinfo is None:
                set_(model, _EPOCH_UTC + (time - _EPOCH))
    for get, set_ in plan.amounts:
        for model in column:
            amount = get(model)
            if amount is None:
                continue
            if not _is_sane(amount):
                return False
            if not amount.same_quantum(_CENT):
                set_(model, with_cents(amount))
    return True


def build(kind: type[M], raw: Any, origin: Origin) -> M:
    """Makes a model field by field. A field that cannot be read is not set, and tells so when it is read"""
    plan = plan_of(kind)
    if plan.readers is None:
        plan.readers = tuple((field, _reader(field.hint)) for field in plan.fields)
    is_object = isinstance(raw, dict)
    found: list[tuple[FieldPlan, Any]] = []
    for field, reader in plan.readers if is_object else ():
        value = raw.get(field.json_name, MISSING)
        if value is MISSING:
            if field.required:
                continue
            value = None
        if value is None and field.default is not None:
            value = field.default()
        try:
            found.append((field, reader(value, origin)))
        except (ValueError, TypeError, ArithmeticError):
            continue
    whole = is_object and len(found) == len(plan.readers)
    model: M = object.__new__(plan.kind if whole else plan.broken)
    for field, value in found:
        field.set(model, value)
    _set_origin(kind)(model, origin)
    origin.remember(model, raw)
    return model


def _reader(hint: Any) -> Reader:
    """Makes what reads a value as one of the types of an annotation, or raises an error of whatever type"""
    models = [member for member in members_of(hint) if is_model(member)]
    # Text is the last to be tried: whatever comes as text is text.
    readers = [
        _member_reader(member)
        for member in sorted(members_of(hint), key=lambda member: member is str)
    ]
    may_be_null = hint is Any or NoneType in get_args(hint)

    def read(raw: Any, origin: Origin) -> Any:
        if raw is None:
            if may_be_null:
                return None
            raise ValueError("null")
        if len(models) > 1 and isinstance(raw, dict):
            return max(
                (build(member, raw, origin) for member in models),
                key=lambda model: _fit(model, raw),
            )
        for reader in readers:
            try:
                return reader(raw, origin)
            except (ValueError, TypeError, ArithmeticError):
                continue
        raise ValueError("none of its types")

    return read


def _fit(model: Model, raw: dict[str, Any]) -> tuple[int, int]:
    """How well a model fits what it was made of: few unreadable fields first, then many known ones"""
    plan = plan_of(type(model))
    unread = sum(1 for field in plan.fields if not model._has(field.name))
    return -unread, len(plan.known & raw.keys())


def _member_reader(member: Any) -> Reader:
    if is_model(member):
        return lambda raw, origin: build(member, _checked(raw, dict), origin)
    if get_origin(member) is list:
        (inner,) = get_args(member)
        if is_model(inner):
            # An item that is no object is a model of which nothing can be read, so that it spoils no page.
            return lambda raw, origin: [build(inner, item, origin) for item in _checked(raw, list)]
        read = _reader(inner)
        return lambda raw, origin: [read(item, origin) for item in _checked(raw, list)]
    if member is Any:
        return lambda raw, _: raw
    if isinstance(member, type) and issubclass(member, StrEnum):
        return lambda raw, _: member(raw)
    reader = _READERS.get(member)
    if reader is None:
        return lambda raw, _: msgspec.convert(raw, member)
    return lambda raw, _: reader(raw)


def _checked(raw: Any, kind: type[T]) -> T:
    if not isinstance(raw, kind):
        raise ValueError("another type")
    return raw


def _text(raw: Any) -> str:
    """Text, also from a number: some ids come as numbers"""
    if isinstance(raw, (str, int, float, Decimal)) and not isinstance(raw, bool):
        return str(raw)
    raise ValueError("no text")


def with_cents(amount: Decimal) -> Decimal:
    """The same number with two decimals at least: 20 and 20.0 become 20.00, and 20.001 stays"""
    # A context of our own, wide enough for every amount: the one of the program may be narrow, and may trap.
    wide = Arithmetic(prec=_LARGEST_AMOUNT_EXPONENT + 4, traps=[])
    padded = wide.quantize(amount, _CENT)
    return padded if padded == amount else amount


def _is_sane(amount: Decimal) -> bool:
    """Whether it is a number, of a size with which one can calculate: int() of 1e1000000 takes minutes"""
    return amount.is_finite() and abs(amount.adjusted()) <= _LARGEST_AMOUNT_EXPONENT


def amount_of(raw: Any) -> Decimal:
    """An amount with two decimals at least; never through a binary fraction that prints differently

    Raises:
        ValueError: it is neither a number nor the text of one, as JSON writes it, or it is of absurd size
    """
    if isinstance(raw, (str, int, float, Decimal)) and not isinstance(raw, bool):
        if isinstance(raw, str) and not _NUMBER.fullmatch(raw):
            raise ValueError("no number of JSON")
        found = raw if isinstance(raw, Decimal) else Decimal(str(raw))
        if _is_sane(found):
            return with_cents(found)
    raise ValueError("no amount")


def _whole(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    # The size comes first: int() of 1e1000000 takes minutes.
    found = Decimal(raw) if isinstance(raw, float) else _checked(raw, Decimal)
    if (
        not found.is_finite()
        or found.adjusted() > _LARGEST_EXPONENT
        or found != found.to_integral_value()
    ):
        raise ValueError("no whole number")
    return int(found)


def _truth(raw: Any) -> bool:
    """A boolean, also from the words "True" and "False" """
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if isinstance(raw, bool):
        return raw
    raise ValueError("no boolean")


def _time(raw: Any) -> datetime.datetime:
    """A time; one without a zone is UTC"""
    time = raw if isinstance(raw, datetime.datetime) else datetime.datetime.fromisoformat(raw)
    return time if time.tzinfo is not None else time.replace(tzinfo=datetime.UTC)


def _day(raw: Any) -> datetime.date:
    """A day, also from a time"""
    if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
        return raw
    return _time(raw).date()


_READERS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    str: _text,
    int: _whole,
    bool: _truth,
    Decimal: amount_of,
    datetime.datetime: _time,
    datetime.date: _day,
}


def _set_origin(kind: type[Any]) -> Callable[[Any, Origin], None]:
    return kind._origin.__set__  # type: ignore[no-any-return]
