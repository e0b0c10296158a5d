# Derived from astra/resources/_async/cards.py by scripts/unasync.py: edit that file.
"""Debit cards of a user."""

from __future__ import annotations

from typing import Unpack

from astra._secret import hide
from astra.http.calls import CallOptions
from astra.pagination._sync.pager import Pager
from astra.resources._sync.base import Resource
from astra.resources.inputs import require
from astra_api.api.cards import create_card, delete_card, get_card, get_card_auth_details, list_cards
from astra_api.models import Card, CardAuthDetails, CardCreate, CardList


class Cards(Resource):
    """Debit cards that a user linked or that you issued to the user."""

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Pager[Card]:
        """Lists the user's cards, newest first. Pages are fetched while you iterate.

        Args:
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over `Card`.

        Raises:
            InvalidRequestError: page_size or limit is out of range.
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-cards.

        Example:
            for card in user.cards.list():
                print(card.id, card.card_company, card.last_four_digits)
        """
        return self._list(
            list_cards,
            CardList,
            lambda page: page.cards,
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )

    def get(self, card_id: str, **options: Unpack[CallOptions]) -> Card:
        """Fetches one card.

        Args:
            card_id: Astra's id of the card.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The card. Only one whose `status` is "approved" can be used.

        Raises:
            NotFoundError: the user has no such card.
            AstraError: as every call.

        Astra's reference: get_v1-cards-id.

        Example:
            card = user.cards.get("card_1")
        """
        return self._call(get_card, Card, require(card_id, argument="card_id"), options=options)

    def create(
        self,
        *,
        card_number: str,
        card_security_code: str,
        expiration_date: str,
        first_name: str,
        last_name: str,
        street_line_1: str,
        city: str,
        state: str,
        zip_code: str,
        street_line_2: str | None = None,
        added_by_user: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Card:
        """Adds a card by its number. Goes to the secure host; your systems come under PCI rules when you use it.

        Args:
            card_number: the full number. Never logged by this SDK.
            card_security_code: the code on the card.
            expiration_date: "MM/YY"; it is sent as it is.
            first_name: name on the card.
            last_name: name on the card.
            street_line_1: billing address.
            city: billing address.
            state: billing address, two letters.
            zip_code: billing address.
            street_line_2: billing address.
            added_by_user: True for an external card; False, the default, for one you issued, whose BIN must be
                registered for your client.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The card, often still in review.

        Raises:
            BadRequestError: Astra refused the data.
            AstraError: as every call.

        Astra's reference: post_v1-cards.

        Example:
            card = user.cards.create(
                card_number="4111111111111111", card_security_code="123", expiration_date="12/27",
                first_name="Edmund", last_name="Hillary", street_line_1="123 Astra Ave", city="Palo Alto",
                state="CA", zip_code="94304", added_by_user=True)
        """
        # This frame may be printed with its locals.
        card_number, card_security_code = hide(card_number), hide(card_security_code)
        body = CardCreate(
            card_number=card_number,
            card_security_code=card_security_code,
            expiration_date=expiration_date,
            first_name=first_name,
            last_name=last_name,
            street_line_1=street_line_1,
            street_line_2=street_line_2,
            city=city,
            state=state,
            zip_code=zip_code,
            added_by_user=added_by_user,
        )
        return self._call(create_card, Card, body=body, options=options)

    def delete(self, card_id: str, **options: Unpack[CallOptions]) -> str | None:
        """Removes a card that your client added and that no active routine or pending transfer uses.

        Args:
            card_id: Astra's id of the card.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The request id of the answer, which has no body.

        Raises:
            NotFoundError: the user has no such card.
            AstraError: as every call.

        Astra's reference: delete_v1-cards-id.

        Example:
            user.cards.delete("card_1")
        """
        answer = self._call_without_body(delete_card, require(card_id, argument="card_id"), options=options)
        return answer.context.request_id

    def auth_details(self, card_id: str, **options: Unpack[CallOptions]) -> CardAuthDetails:
        """Fetches Astra's risk assessment and recommendation for a card (smart card authorization).

        Your client has to be enabled for it. The fields of the answer are not documented publicly: read them with
        `details["name"]` or `details.to_dict()`.

        Args:
            card_id: Astra's id of the card.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The assessment.

        Raises:
            PermissionDeniedError: your client is not enabled for it.
            AstraError: as every call.

        Astra's reference: get_v1-cards-id-auth-details.

        Example:
            details = user.cards.auth_details("card_1")
        """
        return self._call(get_card_auth_details, CardAuthDetails, require(card_id, argument="card_id"), options=options)
