# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model
from ..models.dispute_status import DisputeStatus


@frozen(kw_only=True, eq=False, repr=False)
class Chargeback(Model):
    """A chargeback of a card transfer."""

    cb_id: str | None = None
    """ The `resource_id` of its webhooks. """
    action_status: str | None = None
    """ Free text, such as `Open - Merchant debited` or `Documentation received`. """
    dispute_status: DisputeStatus | None = None
    status_date: str | None = None
    exception_code: str | None = None
    exception_date: str | None = None
    exception_description: str | None = None
    exception_id: str | None = None
    exception_type: str | None = None
    exception_settled_amount: Decimal | None = None
    """ US dollars. """
    original_creation_date: str | None = None
    original_processed_date: str | None = None
    original_settled_amount: Decimal | None = None
    """ US dollars. """
    merchant_reference_id: str | None = None
    network_id: str | None = None
    user_id: str | None = None
    created: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    updated: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
