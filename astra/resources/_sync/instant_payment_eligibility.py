# Derived from astra/resources/_async/instant_payment_eligibility.py by scripts/unasync.py: edit that file.
"""Instant payment eligibility: which banks can receive RTP and FedNow."""

from __future__ import annotations

from typing import Unpack

from astra.http.calls import CallOptions
from astra.pagination._sync.pager import Pager
from astra.resources._sync.base import Resource
from astra.resources.inputs import require_or_none
from astra_api.api.instant_payment_eligibility import list_instant_payment_eligibility
from astra_api.models import InstantPaymentEligibility, InstantPaymentEligibilityList


class Eligibility(Resource):
    """Look-up of banks in the instant networks."""

    def list(
        self,
        *,
        routing_number: str | None = None,
        institution_routing_number: str | None = None,
        participant_id: str | None = None,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Pager[InstantPaymentEligibility]:
        """Lists banks and what they can receive. The names of the filters are guesses of the spec.

        Eligible is a routing number, not a bank: a participant may have others that are not.

        Args:
            routing_number: routing number of the account.
            institution_routing_number: routing number of the institution.
            participant_id: the bank's number in the payment network.
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over the entries.

        Raises:
            InvalidRequestError: a filter is blank, or page_size or limit is out of range.
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-instant-payment-eligibility.

        Example:
            for bank in astra.instant_payment_eligibility.list(routing_number="222222226"):
                print(bank.to_dict())
        """
        return self._list(
            list_instant_payment_eligibility,
            InstantPaymentEligibilityList,
            lambda page: page.instant_payment_eligibility,
            query={
                "routing_number": require_or_none(routing_number, argument="routing_number"),
                "institution_routing_number": require_or_none(
                    institution_routing_number, argument="institution_routing_number"
                ),
                "participant_id": require_or_none(participant_id, argument="participant_id"),
            },
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )
