# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class AddressChangeRequest(Model):
    """A change of address that was asked for. No source shows its fields."""

    id: str | None = None
    status: str | None = None
    """ Values not known. """
