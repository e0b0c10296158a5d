# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class BookRoutineCreate(Model):
    """A transfer between two payment instruments. Only sent, never received."""

    name: str
    amount: Decimal | int
    """ US dollars. """
    source_id: str
    """ Originating payment instrument. """
    destination_id: str
    """ Receiving payment instrument. """
