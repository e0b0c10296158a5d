# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains some shared types for properties, and the base of all models"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Generic, Literal, TypeVar

from attrs import define

from .base import Model
from .open_enum import OpenEnum
from .origin import Context


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


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


__all__ = ["UNSET", "Context", "Model", "OpenEnum", "Response", "Unset"]
