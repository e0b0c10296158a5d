# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class IdentityVerificationCreate(Model):
    """Names the user by exactly one of the three ids. Only sent, never received."""

    user_intent_id: str | None = None
    """ Of a person who is no user yet; a converted one, too, has been sent in production
    (observed). """
    business_profile_id: str | None = None
    """ Of a business that is no user yet. """
    user_id: str | None = None
    """ Of an existing user. """
    client_id: str | None = None
    """ Shown by a knowledge article of 2025, absent from the newest page. """
    provider: str | None = None
    """ Older configuration. """
    provider_data: ProviderData | None = None
    """ What the older configuration of trusted authentication asked for. Only sent, never received. """


from ..models.provider_data import ProviderData
