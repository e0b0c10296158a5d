# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class TokenResponse(Model):
    """Tokens of one user. There is no lifetime of the refresh token in it; that is ten days."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    """ A new one on every call. Hidden in a repr. """
    expires_in: int | None = None
    """ Lifetime of the access token in seconds. An old sample says 864000, the text two hours. """
    token_type: str | None = None
    """ `Bearer`. """
