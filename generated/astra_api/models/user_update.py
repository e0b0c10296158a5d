# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class UserUpdate(Model):
    """The change of a user. Only sent, never received."""

    email: str = field(repr=False)
    """ The new address. Hidden in a repr. """
