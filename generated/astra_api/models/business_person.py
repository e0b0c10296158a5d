# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class BusinessPerson(Model):
    """A person of a business: its admin, its controller or a beneficial owner."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    title: str | None = None
    """ Of a controller. """
    date_of_birth: datetime.date | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    ssn: str | None = field(default=None, repr=False)
