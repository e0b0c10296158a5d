# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_models,
    to_json,
)

if TYPE_CHECKING:
    from ..models.transfer_segment import TransferSegment


class TransferSegmentList(Model):
    """The legs of a transfer."""

    __slots__ = ()
    _fields = frozenset(
        (
            "count",
            "segments",
        )
    )

    def __init__(
        self,
        *,
        count: int | Unset = UNSET,
        segments: list[TransferSegment] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(count, Unset):
            data["count"] = to_json(count)
        if not isinstance(segments, Unset):
            data["segments"] = to_json(segments)
        self._data = data
        self._context = None

    @property
    def count(self) -> int | None:
        value: int | None = self._data.get("count")
        return value

    @property
    def segments(self) -> list[TransferSegment]:
        from ..models.transfer_segment import TransferSegment  # noqa: PLC0415

        return read_models(self, "segments", TransferSegment)
