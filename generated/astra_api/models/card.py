# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model
from ..models.card_status import CardStatus


@frozen(kw_only=True, eq=False, repr=False)
class Card(Model):
    """A debit card."""

    id: str
    status: CardStatus
    """ Status of a card. Only an approved card can be used. """
    address_verified: bool | None = None
    card_company: str | None = None
    """ As in `Visa`. """
    card_type: str | None = None
    """ Values not known. """
    first_six_digits: str | None = None
    last_four_digits: str | None = None
    expiration_date: str | None = field(default=None, repr=False)
    """ `MM/YY` in requests; one later integration builds `YYYY/MM`. Hidden in a repr. """
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    street_line_1: str | None = field(default=None, repr=False)
    street_line_2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    zip_code: str | None = field(default=None, repr=False)
    pull_enabled: bool | None = None
    """ May be debited. """
    push_enabled: bool | None = None
    """ May be credited. """
    removed: bool | None = None
    review_status: CardStatus | None = None
    """ Present beside `status`. """
    review_reasons: list[str] | None = None
    """ Codes such as `C1001`. """
    created: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
