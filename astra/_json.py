"""What is done to JSON values everywhere: narrowing, so that both type checkers agree, and leaving out nulls."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tells whether decoded JSON is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tells whether decoded JSON is an array."""
    return isinstance(value, list)


def drop_none(**fields: Any) -> dict[str, Any]:
    """Leaves out what was not given, because several operations of Astra refuse nulls."""
    return {name: value for name, value in fields.items() if value is not None}
