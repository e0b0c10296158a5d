# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.transfer_status import TransferStatus


@frozen(kw_only=True, eq=False, repr=False)
class BatchTransfer(Model):
    """A daily settlement. No source shows its fields."""

    id: str | None = None
    amount: Decimal | None = None
    """ US dollars. """
    status: TransferStatus | None = None
    created: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    updated: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
