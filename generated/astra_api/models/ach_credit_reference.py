# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class AchCreditReference(Model):
    """The ACH credit that funds a payout, as earlier integrations named it. Only sent, never received."""

    type: str | None = None
    """ `ach_credit`. """
    addenda: str | None = None
    """ Text by which Astra finds the credit. """
