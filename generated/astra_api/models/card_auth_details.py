# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardAuthDetails(Model):
    """Risk assessment and recommendation. No source shows its fields."""

    card_id: str | None = None
    risk_level: str | None = None
    recommendation: str | None = None
