# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class BusinessPerson(Model):
    """A person of a business: its admin, its controller or a beneficial owner."""

    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    title: str | None = None
    """ Of a controller. """
    date_of_birth: datetime.date | None = field(default=None, repr=False)
    address1: str | None = field(default=None, repr=False)
    address2: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    postal_code: str | None = field(default=None, repr=False)
    ssn: str | None = field(default=None, repr=False)
