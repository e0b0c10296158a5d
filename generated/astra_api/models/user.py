# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType
from ..models.user_status import UserStatus


@frozen(kw_only=True, eq=False, repr=False)
class User(Model):
    """A user. Which fields come beyond these is not known."""

    id: str
    status: UserStatus
    """ Status of a user or user intent. `converted_to_user` is for intents alone; follow the user
    from there. """
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    kyc_type: KycType | None = None
