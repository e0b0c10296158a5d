"""User intents: what you know of a person before Astra knows the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Unpack

from astra_api.api.user_intents import create_user_intent, get_user_intent
from astra_api.literals import KycTypeLiteral
from astra_api.models import KycType, Metadata, UserIntent, UserIntentCreate, UserIntentCreated

from astra._secret import hide
from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.choices import choice
from astra.resources.inputs import check_metadata, day, require


class AsyncUserIntents(AsyncResource):
    """User intents of your client. The identity check starts with one; the person becomes a user by authorizing."""

    async def create(
        self,
        *,
        email: str,
        phone: str,
        first_name: str,
        last_name: str,
        address1: str,
        city: str,
        state: str,
        postal_code: str,
        address2: str | None = None,
        date_of_birth: date | str | None = None,
        ssn: str | None = None,
        ip_address: str | None = None,
        kyc_type: KycTypeLiteral | KycType | None = None,
        preferred_first_name: str | None = None,
        preferred_last_name: str | None = None,
        preferred_pronouns: str | None = None,
        metadata: Mapping[str, str] | None = None,
        **options: Unpack[CallOptions],
    ) -> UserIntentCreated:
        """Submits a person's data. Not repeatable: each call makes another intent, and an email may have three.

        Args:
            email: at most three intents per address.
            phone: "+15557771234", able to receive SMS; the sandbox has test numbers.
            first_name: legal first name.
            last_name: legal last name.
            address1: street and number.
            city: city.
            state: two letters.
            postal_code: five digits.
            address2: flat, floor; left out when None, since Astra refuses null.
            date_of_birth: YYYY-MM-DD or a date; needed for "verified" and "unverified".
            ssn: last four or all nine digits; needed for "verified", unless Astra delegates KYC to you.
            ip_address: the person's own public address.
            kyc_type: "verified", "unverified" or "receive-only"; others than "verified" need an approved program.
            preferred_first_name: how to address the person.
            preferred_last_name: how to address the person.
            preferred_pronouns: how to address the person.
            metadata: up to 25 pairs, keys of 64, values of 256 characters; nothing sensitive. Comes back in webhooks.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The new intent's id; other fields only if Astra sends them. Fetch it for its status.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            BadRequestError: see `field_errors`.
            AstraError: as every call.

        Astra's reference: post_v1-user-intent.

        Example:
            intent = await astra.user_intents.create(
                email="sir.edmund.hillary@example.com", phone="+15557771234", first_name="Edmund",
                last_name="Hillary", address1="123 Astra Ave", city="Palo Alto", state="CA", postal_code="94304",
                date_of_birth="1919-07-20", ssn="9999", ip_address="203.0.113.7")
        """
        ssn = hide(ssn)  # this frame may be printed with its locals
        body = UserIntentCreate(
            email=email,
            phone=phone,
            first_name=first_name,
            last_name=last_name,
            address1=address1,
            address2=address2,
            city=city,
            state=state,
            postal_code=postal_code,
            date_of_birth=day(date_of_birth, argument="date_of_birth"),
            ssn=ssn,
            ip_address=ip_address,
            kyc_type=choice(kyc_type, "KycType", argument="kyc_type"),
            preferred_first_name=preferred_first_name,
            preferred_last_name=preferred_last_name,
            preferred_pronouns=preferred_pronouns,
            metadata=None if metadata is None else Metadata.from_dict(check_metadata(metadata)),
        )
        return await self._call(create_user_intent, UserIntentCreated, body=body, options=options)

    async def get(self, user_intent_id: str, **options: Unpack[CallOptions]) -> UserIntent:
        """Fetches an intent, its status, and the user's id once the person has authorized.

        Args:
            user_intent_id: Astra's id of the intent.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The intent.

        Raises:
            NotFoundError: no such intent.
            AstraError: as every call.

        Astra's reference: get_v1-user-intent-id.

        Example:
            intent = await astra.user_intents.get("1a908838d703473ab52e6884c001e447")
            print(intent.status, intent.user_id)
        """
        return await self._call(
            get_user_intent, UserIntent, require(user_intent_id, argument="user_intent_id"), options=options
        )
