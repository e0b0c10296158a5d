# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType


@frozen(kw_only=True, eq=False, repr=False)
class BusinessProfileCreate(Model):
    """A business to be verified. The spelling of nested fields follows an integration's field names.
    Only sent, never received."""

    phone: str = field(repr=False)
    """ Of the business user. Hidden in a repr. """
    business_info: BusinessInfo
    """ A business. """
    business_admin: BusinessPerson
    """ A person of a business: its admin, its controller or a beneficial owner. """
    first_name: str | None = field(default=None, repr=False)
    """ Of the business user. Hidden in a repr. """
    last_name: str | None = field(default=None, repr=False)
    """ Of the business user. Hidden in a repr. """
    email: str | None = field(default=None, repr=False)
    """ Of the business user. Hidden in a repr. """
    user_id: str | None = None
    """ An existing Astra user. """
    kyb_type: KycType | str | None = None
    """ How far a person or business is verified. """
    business_controller: BusinessPerson | None = None
    """ A person of a business: its admin, its controller or a beneficial owner. """
    beneficial_owners: list[BusinessPerson] | None = None


from ..models.business_info import BusinessInfo
from ..models.business_person import BusinessPerson
