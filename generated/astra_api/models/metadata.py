# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
)


class Metadata(Model):
    """Up to 25 pairs. Keys of 1 to 64 characters from `a-zA-Z0-9_.-`, values of 1 to 256. No personal
    data."""

    __slots__ = ()
    _fields = frozenset(())

    def __init__(
        self,
    ) -> None:
        data: dict[str, Any] = {}
        self._data = data
        self._context = None
