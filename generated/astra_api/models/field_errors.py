# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
)


class FieldErrors(Model):
    """Messages by field. A value may be a text, a list of texts or an object."""

    __slots__ = ()
    _fields = frozenset(())

    def __init__(
        self,
    ) -> None:
        data: dict[str, Any] = {}
        self._data = data
        self._context = None
