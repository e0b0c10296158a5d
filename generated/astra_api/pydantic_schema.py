# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""The models in pydantic and FastAPI; only imported when pydantic asks"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

import pydantic_core.core_schema as core
from pydantic_core import PydanticCustomError, ValidationError

from .base import Model
from .plans import plan_of

M = TypeVar("M", bound=Model)

_UNREADABLE = PydanticCustomError("unreadable", "The field is missing or cannot be read")

# The classes whose schemas are being made: one that holds itself is referred to by its name.
_ABOVE: ContextVar[frozenset[type[Model]]] = ContextVar("_ABOVE", default=frozenset())


def unread(model: Model, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in an object the fields are that raise when they are read"""
    origin = model._read_from()
    if origin is not None and origin.is_whole:
        return
    for field in plan_of(type(model)).fields:
        here = (*place, field.json_name)
        value = model._peek(field.name)
        if not model._has(field.name):
            yield here
        elif isinstance(value, Model):
            yield from unread(value, here)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, Model):
                    yield from unread(item, (*here, number))


def core_schema_of(kind: type[M], handler: Any) -> Any:
    """Checks the fields as pydantic does and that they can be read, keeps the unknown ones, serializes by to_dict()"""
    name = f"{kind.__module__}.{kind.__qualname__}:{id(kind)}"
    above = _ABOVE.get()
    if kind in above:
        return core.definition_reference_schema(name)
    token = _ABOVE.set(above | {kind})
    try:
        fields = {
            field.json_name: core.typed_dict_field(
                handler.generate_schema(field.hint), required=field.required
            )
            for field in plan_of(kind).fields
        }
    finally:
        _ABOVE.reset(token)

    def check(value: Any, check_fields: core.ValidatorFunctionWrapHandler) -> M:
        if isinstance(value, kind):
            found = value
        else:
            check_fields(value)
            found = kind.from_dict(value)
        places = list(unread(found))
        if places:
            raise ValidationError.from_exception_data(
                kind.__name__,
                [{"type": _UNREADABLE, "loc": place, "input": "[hidden]"} for place in places],
            )
        return found

    # The only name that pydantic shows of a validator is that of its function.
    check.__name__ = check.__qualname__ = kind.__name__

    def serialize(model: M, info: core.SerializationInfo) -> dict[str, Any]:
        return model.to_dict(mode="json" if info.mode == "json" else "python")

    def describe(schema: Any, inner: Any) -> Any:
        described = inner(schema)
        inner.resolve_ref_schema(described).update(title=kind.__name__, description=kind.__doc__)
        return described

    return core.no_info_wrap_validator_function(
        check,
        core.typed_dict_schema(fields, extra_behavior="allow"),
        ref=name,
        serialization=core.plain_serializer_function_ser_schema(serialize, info_arg=True),
        metadata={"pydantic_js_functions": [describe]},
    )
