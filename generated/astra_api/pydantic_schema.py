# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""The models in pydantic and FastAPI; only imported when pydantic asks"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, TypeVar

import pydantic_core.core_schema as core

from .base import Model
from .plans import plan_of

M = TypeVar("M", bound=Model)

# The classes whose schemas are being made: one that holds itself is referred to by its name.
_ABOVE: ContextVar[frozenset[type[Model]]] = ContextVar("_ABOVE", default=frozenset())


def core_schema_of(kind: type[M], handler: Any) -> Any:
    """Checks the fields as pydantic does, keeps the unknown ones, and serializes by to_dict()"""
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
            return value
        check_fields(value)
        return kind.from_dict(value)

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
