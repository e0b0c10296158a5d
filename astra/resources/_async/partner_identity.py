"""Partner identity: telling Astra that you have verified a person yourself (trusted authentication)."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.partner_identity import create_identity_verification
from astra_api.models import IdentityVerification, IdentityVerificationCreate, ProviderData

from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.inputs import exactly_one, require_or_none


class AsyncPartnerIdentity(AsyncResource):
    """Trusted authentication. Astra has to enable your client for it."""

    async def create_verification(
        self,
        *,
        user_intent_id: str | None = None,
        business_profile_id: str | None = None,
        user_id: str | None = None,
        provider: str | None = None,
        provider_customer_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> IdentityVerification:
        """Gets a session token, good for one minute and one use.

        Use it in `oauth.authorize_url(session_token=...)`, which then skips the SMS step, or in
        `oauth.exchange_identity_token`, which needs no page at all.

        Args:
            user_intent_id: a person who is not a user yet; an integrator sends that of one who is, too.
            business_profile_id: a business that is not a user yet.
            user_id: an existing user.
            provider: older configurations only.
            provider_customer_id: older configurations only: the customer's id in your own system.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The session token, in `.token`.

        Raises:
            InvalidRequestError: not exactly one of the three ids, or one that is no id.
            AstraError: as every call.

        Astra's reference: post_v1-partner-identity-verification.

        Example:
            verification = await astra.partner_identity.create_verification(user_intent_id=intent.id)
        """
        one = exactly_one(user_intent_id=user_intent_id, business_profile_id=business_profile_id, user_id=user_id)
        customer = require_or_none(provider_customer_id, argument="provider_customer_id")
        body = IdentityVerificationCreate(
            user_intent_id=one.get("user_intent_id"),
            business_profile_id=one.get("business_profile_id"),
            user_id=one.get("user_id"),
            provider=provider,
            provider_data=None if customer is None else ProviderData(customer_id=customer),
        )
        return await self._call(create_identity_verification, IdentityVerification, body=body, options=options)
