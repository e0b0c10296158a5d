# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.payment_type import PaymentType
from ..models.routine_type import RoutineType
from ..models.transfer_status import TransferStatus


@frozen(kw_only=True, eq=False, repr=False)
class Transfer(Model):
    """One movement of money, made by a routine. The source of truth for a payment."""

    id: str
    amount: Decimal
    """ US dollars. """
    status: TransferStatus
    """ Status of a transfer. The page of the cancellation writes `canceled`, integrations
    `cancelled`. """
    routine_id: str | None = None
    routine_name: str | None = None
    routine_type: RoutineType | None = None
    client_correlation_id: str | None = None
    source_id: str | None = None
    destination_id: str | None = None
    destination_user_id: str | None = None
    payment_type: PaymentType | None = None
    initiated: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    updated: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    estimated_clearing_date: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    astra_settlement_reason: str | None = None
    """ Values not known. """
    failure_reason: str | None = None
    """ Values not known. """
    chargeback: Chargeback | None = None


from ..models.chargeback import Chargeback
