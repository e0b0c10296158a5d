# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class UserUpdate(Model):
    """The change of a user. Only sent, never received."""

    email: str
    """ The new address. """
