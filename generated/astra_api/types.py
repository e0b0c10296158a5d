# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains some shared types for properties, and the base of all models"""

from __future__ import annotations

from collections.abc import MutableMapping
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from attrs import define

from .base import Model
from .facts import ENUM_ALIASES
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
E = TypeVar("E", bound=StrEnum)


@define
class Response(Generic[T]):
    """A response from an endpoint"""

    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


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


__all__ = ["UNSET", "Context", "Model", "Response", "Unset", "open_member"]
