# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model
from ..models.settlement_speed import SettlementSpeed


@frozen(kw_only=True, eq=False, repr=False)
class AccountToAccountCapability(Model):
    """Limits of account-to-account payments."""

    max_settlement_speed: SettlementSpeed | None = None
    """ `T+4` when lowered. """
