# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class ProviderData(Model):
    """What the older configuration of trusted authentication asked for. Only sent, never received."""

    customer_id: str | None = None
    """ Id in the partner's own system, for `GET /v1/customers/{id}` there, which Astra then called.
    The time in its answer is `lastAuthenticationTime` on the page of 2023,
    `last_authentication_time` (observed) in an integration. """
