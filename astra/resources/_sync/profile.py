# Derived from astra/resources/_async/profile.py by scripts/unasync.py: edit that file.
"""The profile of a user, and the changes that Astra allows to it."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Unpack

from astra._names import model_in_our_names
from astra._secret import hide
from astra.errors import InvalidRequestError
from astra.http.calls import CallOptions
from astra.resources._sync.base import Resource
from astra.resources.choices import choice
from astra.resources.inputs import day, require_or_none
from astra_api.api.users import (
    get_user,
    list_phone_number_change_requests,
    request_address_change,
    request_phone_number_update,
    update_user,
    upgrade_kyc_type,
)
from astra_api.literals import KycTypeLiteral
from astra_api.models import (
    AddressChange,
    AddressChangeRequest,
    KycType,
    KycUpgrade,
    PhoneNumberChangeRequest,
    PhoneNumberChangeRequestList,
    PhoneNumberUpdate,
    User,
    UserUpdate,
)


class Profile(Resource):
    """The user's own data at Astra."""

    def get(self, **options: Unpack[CallOptions]) -> User:
        """Fetches the user's profile, and with it Astra's id of the user.

        Args:
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user.

        Raises:
            AstraError: as every call.

        Astra's reference: get_v1-user.

        Example:
            profile = user.profile.get()
            print(profile.id, profile.status)
        """
        ask = partial(self._call, get_user, User, options=options)
        return ask() if self._owner is None else self._owner.learn_from(ask)

    def update(self, *, email: str, user_id: str | None = None, **options: Unpack[CallOptions]) -> User:
        """Changes the user's email address, the only field that Astra lets you change directly.

        The third change within 365 days lowers the user's capabilities.

        Args:
            email: the new address.
            user_id: Astra's id of the user; None asks Astra for it first.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user. A `user_updated` webhook follows.

        Raises:
            BadRequestError: Astra refused the address.
            AstraError: as every call.

        Astra's reference: patch_v1-users-user-id.

        Example:
            user.profile.update(email="new@example.com")
        """
        body = UserUpdate(email=email)
        return self._call(
            update_user,
            User,
            self._user_id(require_or_none(user_id, argument="user_id")),
            body=body,
            options=options,
        )

    def upgrade_kyc_type(
        self,
        *,
        kyc_type: KycTypeLiteral | KycType,
        ssn: str | None = None,
        date_of_birth: date | str | None = None,
        **options: Unpack[CallOptions],
    ) -> User:
        """Raises the user's KYC level: to "verified", or from "receive-only" to "unverified".

        Args:
            kyc_type: "verified" or "unverified", the new level; a lower one is refused by Astra.
            ssn: last four or all nine digits, when the new level needs it.
            date_of_birth: YYYY-MM-DD, when the new level needs it.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The user.

        Raises:
            InvalidRequestError: the level is none, or the date is not YYYY-MM-DD; nothing was sent.
            BadRequestError: not an upgrade, or data is missing.
            AstraError: as every call.

        Astra's reference: post_v1-upgrade-kyc-type.

        Example:
            user.profile.upgrade_kyc_type(kyc_type="verified", ssn="9999", date_of_birth="1919-07-20")
        """
        ssn = hide(ssn)  # this frame may be printed with its locals
        body = KycUpgrade(
            kyc_type=choice(kyc_type, "KycType", argument="kyc_type"),
            ssn=ssn,
            date_of_birth=day(date_of_birth, argument="date_of_birth"),
        )
        return self._call(upgrade_kyc_type, User, body=body, options=options)

    def request_phone_number_update(self, *, phone: str, **options: Unpack[CallOptions]) -> PhoneNumberChangeRequest:
        """Asks Astra to change the user's phone number. One request per 30 days; a person reviews it.

        Args:
            phone: the new number, "+15557771234".
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The change request.

        Raises:
            BadRequestError: a request was made within the last 30 days.
            AstraError: as every call.

        Astra's reference: post_v1-request-user-phone-number-update.

        Example:
            user.profile.request_phone_number_update(phone="+15557771234")
        """
        body = PhoneNumberUpdate(phone=phone)
        return self._call(request_phone_number_update, PhoneNumberChangeRequest, body=body, options=options)

    def phone_number_change_requests(self, **options: Unpack[CallOptions]) -> PhoneNumberChangeRequestList:
        """Fetches the phone number changes that were asked for.

        Args:
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The requests.

        Raises:
            AstraError: as every call.

        Astra's reference: get_v1-phone-number-change-requests.

        Example:
            requests = user.profile.phone_number_change_requests()
        """
        return self._call_list(list_phone_number_change_requests, PhoneNumberChangeRequestList, options=options)

    def request_address_change(
        self,
        *,
        address1: str | None = None,
        address2: str | None = None,
        city: str | None = None,
        state: str | None = None,
        postal_code: str | None = None,
        **options: Unpack[CallOptions],
    ) -> AddressChangeRequest:
        """Asks Astra to change the user's address. Two requests per 120 days.

        Give only what changes; empty strings are refused, by Astra too.

        Args:
            address1: street and number.
            address2: flat, floor.
            city: city.
            state: two letters.
            postal_code: five digits.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The change request.

        Raises:
            InvalidRequestError: nothing to change, or an empty string.
            BadRequestError: two requests were made within the last 120 days.
            AstraError: as every call.

        Astra's reference: post_v1-request-address-change.

        Example:
            user.profile.request_address_change(address1="124 Astra Ave")
        """
        body = AddressChange(address1=address1, address2=address2, city=city, state=state, postal_code=postal_code)
        if not body.to_dict():
            raise InvalidRequestError("Give at least one field of the address.")
        for name, value in model_in_our_names(body).items():
            if not value:
                raise InvalidRequestError(f"{name} must not be empty; leave out what does not change.", argument=name)
        return self._call(request_address_change, AddressChangeRequest, body=body, options=options)
