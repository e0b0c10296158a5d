# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType
from ..models.user_status import UserStatus


@frozen(kw_only=True, eq=False, repr=False)
class UserIntent(Model):
    """A person submitted for verification."""

    id: str
    status: UserStatus
    """ Status of a user or user intent. `converted_to_user` is for intents alone; follow the user
    from there. """
    user_id: str | None = None
    """ Present once converted. """
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    preferred_first_name: str | None = field(default=None, repr=False)
    preferred_last_name: str | None = field(default=None, repr=False)
    preferred_pronouns: str | None = field(default=None, repr=False)
    kyc_type: KycType | None = None
    metadata: Metadata | None = None
    """ Only if it was given. """
    oauth_token_issued: bool | None = None
    """ In one early document; probably gone. """


from ..models.metadata import Metadata
