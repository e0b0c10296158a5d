# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class IdentityTokenRequest(Model):
    """Form that trades a verification token for a grant. Only sent, never received."""

    token: str = field(repr=False)
    """ The verification token. Hidden in a repr. """
    user_consent_captured: str
    """ `true`: the partner collected the user's consent. """
