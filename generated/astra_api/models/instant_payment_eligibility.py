# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class InstantPaymentEligibility(Model):
    """A bank and the instant rails that reach it. No source shows its fields."""

    routing_number: str | None = None
    institution_name: str | None = None
    participant_id: str | None = None
    rtp: bool | None = None
    fednow: bool | None = None
