"""Business profiles: what you know of a business before its person authorizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from astra_api.api.business_profiles import create_business_profile, get_business_profile
from astra_api.literals import KycTypeLiteral
from astra_api.models import BusinessInfo, BusinessPerson, BusinessProfile, BusinessProfileCreate, KycType

from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.choices import choice
from astra.resources.inputs import require, require_or_none


class AsyncBusinessProfiles(AsyncResource):
    """Business profiles of your client. They prefill the hosted business form; reviews take a day or two."""

    async def create(
        self,
        *,
        phone: str,
        business_info: Mapping[str, Any],
        business_admin: Mapping[str, Any],
        business_controller: Mapping[str, Any] | None = None,
        beneficial_owners: Sequence[Mapping[str, Any]] | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        email: str | None = None,
        user_id: str | None = None,
        kyb_type: KycTypeLiteral | KycType | None = None,
        **options: Unpack[CallOptions],
    ) -> BusinessProfile:
        """Submits a business. At most three profiles per phone number.

        Args:
            phone: of the business user, "+15557771234".
            business_info: business_type ("llc", "soleProprietorship", ...), business_name, ein, address and so on.
            business_admin: first_name, last_name, email, date_of_birth, address and so on.
            business_controller: as the admin, with title; required unless the business is a sole proprietorship.
            beneficial_owners: persons as above.
            first_name: of the business user.
            last_name: of the business user.
            email: of the business user.
            user_id: an existing Astra user.
            kyb_type: "verified" (Astra's default), "unverified" or "receive-only".
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The new profile; `id` is certain, the rest only if Astra echoes it.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            BadRequestError: see `field_errors`.
            AstraError: as every call.

        Astra's reference: post_v1-business-profile.

        Example:
            profile = await astra.business_profiles.create(
                phone="+15557771234",
                business_info={"business_type": "llc", "business_name": "Everest LLC", "ein": "12-3456789"},
                business_admin={"first_name": "Edmund", "last_name": "Hillary"},
                business_controller={"first_name": "Edmund", "last_name": "Hillary", "title": "CEO"})
        """
        body = BusinessProfileCreate(
            phone=phone,
            business_info=BusinessInfo.from_dict(business_info),
            business_admin=BusinessPerson.from_dict(business_admin),
            business_controller=None if business_controller is None else BusinessPerson.from_dict(business_controller),
            beneficial_owners=None
            if beneficial_owners is None
            else [BusinessPerson.from_dict(owner) for owner in beneficial_owners],
            first_name=first_name,
            last_name=last_name,
            email=email,
            user_id=require_or_none(user_id, argument="user_id"),
            kyb_type=choice(kyb_type, "KycType", argument="kyb_type"),
        )
        return await self._call(create_business_profile, BusinessProfile, body=body, options=options)

    async def get(self, business_profile_id: str, **options: Unpack[CallOptions]) -> BusinessProfile:
        """Fetches a business profile.

        Args:
            business_profile_id: Astra's id of the profile.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The profile.

        Raises:
            NotFoundError: no such profile.
            AstraError: as every call.

        Astra's reference: get_v1-business-profile-business-profile-id.

        Example:
            profile = await astra.business_profiles.get("bp_1")
        """
        return await self._call(
            get_business_profile,
            BusinessProfile,
            require(business_profile_id, argument="business_profile_id"),
            options=options,
        )
