# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class AddressChange(Model):
    """The parts of the address that change. No empty strings, no nulls. Only sent, never received."""

    address1: str | None = field(default=None, repr=False)
    address2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    """ Two letters. Hidden in a repr. """
    postal_code: str | None = field(default=None, repr=False)
    """ Five digits. Hidden in a repr. """
