# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class PhoneNumberChangeRequest(Model):
    """A change of phone number that was asked for. No source shows its fields."""

    id: str | None = None
    phone: str | None = field(default=None, repr=False)
    status: str | None = None
    """ Values not known. """
    created: datetime.datetime | None = None
    """ May come without an offset; read as UTC. """
