# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

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
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    preferred_first_name: str | None = None
    preferred_last_name: str | None = None
    preferred_pronouns: str | None = None
    kyc_type: KycType | None = None
    metadata: Metadata | None = None
    """ Only if it was given. """
    oauth_token_issued: bool | None = None
    """ In one early document; probably gone. """


from ..models.metadata import Metadata
