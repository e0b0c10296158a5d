# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardToCardCapability(Model):
    """Limits of card-to-card payments."""

    transfer_count_limit: int | None = None
    """ Transfers a day; 1 when lowered. How no limit is written is not known. """
