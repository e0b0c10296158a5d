# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.grant_type import GrantType


@frozen(kw_only=True, eq=False, repr=False)
class TokenRequest(Model):
    """Form of the token endpoint. Only sent, never received."""

    grant_type: GrantType | str
    """ OAuth grants that the token endpoint takes. """
    code: str | None = field(default=None, repr=False)
    """ Authorization code from the redirect. Lives several minutes and works once. Hidden in a
    repr. """
    refresh_token: str | None = field(default=None, repr=False)
    """ Refresh token. May be used again until it expires. Hidden in a repr. """
    redirect_uri: str | None = None
    """ Must equal a registered one. Documented for both grants; a refresh without it has been seen
    to work. """
