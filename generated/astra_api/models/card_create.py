# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class CardCreate(Model):
    """A card by its number. In 2022 no address was needed. Only sent, never received."""

    card_number: str = field(repr=False)
    card_security_code: str = field(repr=False)
    expiration_date: str = field(repr=False)
    """ `MM/YY`; one later integration builds `YYYY/MM`. Hidden in a repr. """
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    street_line_1: str = field(repr=False)
    """ Of the billing address. Hidden in a repr. """
    city: str = field(repr=False)
    state: str = field(repr=False)
    """ US state. Hidden in a repr. """
    zip_code: str = field(repr=False)
    street_line_2: str | None = field(default=None, repr=False)
    added_by_user: bool | None = None
    """ True for an external card, false (when left out) for one that the client issued. """
