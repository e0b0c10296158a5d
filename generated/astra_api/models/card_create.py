# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardCreate(Model):
    """A card by its number. In 2022 no address was needed. Only sent, never received."""

    card_number: str = field(repr=False)
    card_security_code: str = field(repr=False)
    expiration_date: str
    """ `MM/YY`. """
    first_name: str
    last_name: str
    street_line_1: str
    """ Of the billing address. """
    city: str
    state: str
    """ US state. """
    zip_code: str
    street_line_2: str | None = None
    added_by_user: bool | None = None
    """ True for an external card, false (when left out) for one that the client issued. """
