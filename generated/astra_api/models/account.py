# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class Account(Model):
    """A bank account. Balances and nickname have been seen in 2021 only."""

    id: str
    official_name: str | None = None
    name: str | None = None
    nickname: str | None = None
    mask: str | None = None
    """ Last digits. """
    institution_name: str | None = None
    institution_logo: str | None = None
    """ A URL or the data. """
    type: str | None = None
    """ Kind, such as `depository`. """
    subtype: str | None = None
    """ Plaid's words, such as `checking`, `savings`, `money market` or `credit card`. """
    current_balance: Decimal | None = None
    """ US dollars. """
    available_balance: Decimal | None = None
    """ US dollars. """
    last_balance_update_on: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
    connection_status: str | None = None
    """ Values not known. """
