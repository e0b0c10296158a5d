# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class TransferSegmentList(Model):
    """The legs of a transfer."""

    count: int | None = None
    segments: list[TransferSegment] = field(factory=list)
    """ Iterating the object gives these. """

    _items_name = "segments"

    def __iter__(self) -> Iterator[TransferSegment]:
        return iter(self.segments)

    def __len__(self) -> int:
        return len(self.segments)


from ..models.transfer_segment import TransferSegment
