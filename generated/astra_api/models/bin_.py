# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class Bin(Model):
    """What is known about a BIN."""

    bin: str | None = None
    card_brand: str | None = None
    card_type: str | None = None
    interchange_category: str | None = None
    issuer_name: str | None = None
    settlement_network: str | None = None
