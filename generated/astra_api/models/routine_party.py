# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class RoutineParty(Model):
    """One end of a routine."""

    id: str
    """ Account, card or payment instrument. """
    user_id: str | None = None
    """ Owner of the destination. """
