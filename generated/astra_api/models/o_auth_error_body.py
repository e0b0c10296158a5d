# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class OAuthErrorBody(Model):
    """Error body in the style of RFC 6749."""

    error: str | None = None
    """ Code, such as `invalid_grant`, `invalid_client` or `invalid_token`. """
    error_description: str | None = None
    """ The same in words. """
