# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class AddressChange(Model):
    """The parts of the address that change. No empty strings, no nulls. Only sent, never received."""

    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    """ Two letters. """
    postal_code: str | None = None
    """ Five digits. """
