# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..types import (
    Model,
    to_json,
)


class ProcessorToken(Model):
    """A Plaid processor token."""

    __slots__ = ()
    _fields = frozenset(("processor_token",))

    def __init__(
        self,
        *,
        processor_token: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["processor_token"] = to_json(processor_token)
        self._data = data
        self._context = None

    @property
    def processor_token(self) -> str:
        value: str = self._data.get("processor_token")
        return value
