# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PhoneNumberUpdate(Model):
    """The new phone number. Only sent, never received."""

    phone: str = field(repr=False)
    """ As in `+15557771234`. Hidden in a repr. """
