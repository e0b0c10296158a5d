# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class AccountToCardCapability(Model):
    """Limits of gross-debit payouts to cards."""

    is_eligible: bool | None = None
    """ False when lowered. """
