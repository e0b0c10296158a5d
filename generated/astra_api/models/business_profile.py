# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType
from ..models.user_status import UserStatus


@frozen(kw_only=True, eq=False, repr=False)
class BusinessProfile(Model):
    """A business profile. Beyond the id, an echo of what was sent is assumed."""

    id: str
    phone: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    user_id: str | None = None
    kyb_type: KycType | None = None
    business_info: BusinessInfo | None = None
    business_admin: BusinessPerson | None = None
    business_controller: BusinessPerson | None = None
    beneficial_owners: list[BusinessPerson] = field(factory=list)
    status: UserStatus | None = None


from ..models.business_info import BusinessInfo
from ..models.business_person import BusinessPerson
