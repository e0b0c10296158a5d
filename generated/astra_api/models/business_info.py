# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.business_type import BusinessType


@frozen(kw_only=True, eq=False, repr=False)
class BusinessInfo(Model):
    """A business."""

    business_type: BusinessType | None = None
    """ Legal form of a business. Only two of the values are known. """
    business_name: str | None = None
    ein: str | None = field(default=None, repr=False)
    """ Tax id, seen as `12-3456789`. Hidden in a repr. """
    doing_business_as: str | None = None
    phone: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    website: str | None = None
