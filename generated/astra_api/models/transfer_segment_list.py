# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class TransferSegmentList(Model):
    """The legs of a transfer."""

    count: int | None = None
    segments: list[TransferSegment] = field(factory=list)


from ..models.transfer_segment import TransferSegment
