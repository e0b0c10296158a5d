"""Narrowing of decoded JSON, in one place, so that both type checkers agree on what it holds."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tells whether decoded JSON is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tells whether decoded JSON is an array."""
    return isinstance(value, list)
