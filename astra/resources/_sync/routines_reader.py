# Derived from astra/resources/_async/routines_reader.py by scripts/unasync.py: edit that file.
"""Reading routines and their transfers, and asking what one would cost. Nothing here moves money."""

from __future__ import annotations

from datetime import date
from typing import Unpack

from astra.http.calls import CallOptions
from astra.money import Amount, Percent, to_amount
from astra.pagination._sync.pager import Pager
from astra.resources._sync.base import Resource
from astra.resources.choices import choice
from astra.resources.inputs import fee_percent, require, require_or_none, start
from astra_api.api.routines import get_routine, list_routine_transfers, list_routines, preview_routine
from astra_api.literals import PaymentTypeLiteral, RoutineTypeLiteral
from astra_api.models import (
    PaymentType,
    Routine,
    RoutineList,
    RoutinePreview,
    RoutinePreviewCreate,
    RoutineType,
    Transfer,
    TransferList,
)


class RoutinesReader(Resource):
    """The reading half of `user.routines`."""

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Pager[Routine]:
        """Lists the user's routines, newest first. Pages are fetched while you iterate.

        Args:
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over `Routine`.

        Raises:
            InvalidRequestError: page_size or limit is out of range.
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-routines.

        Example:
            for routine in user.routines.list():
                print(routine.id, routine.name, routine.status)
        """
        return self._list(
            list_routines,
            RoutineList,
            lambda page: page.routines,
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )

    def get(self, routine_id: str, **options: Unpack[CallOptions]) -> Routine:
        """Fetches one routine.

        Args:
            routine_id: Astra's id of the routine.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine.

        Raises:
            NotFoundError: the user has no such routine.
            AstraError: as every call.

        Astra's reference: get_v1-routines-id.

        Example:
            routine = user.routines.get("rt_1")
        """
        return self._call(get_routine, Routine, require(routine_id, argument="routine_id"), options=options)

    def transfers(
        self,
        routine_id: str,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Pager[Transfer]:
        """Lists the transfers that a routine has made, newest first. It may have made none.

        Args:
            routine_id: Astra's id of the routine.
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over `Transfer`.

        Raises:
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-routines-id-transfers.

        Example:
            transfer = user.routines.transfers(routine.id).first()
        """
        return self._list(
            list_routine_transfers,
            TransferList,
            lambda page: page.transfers,
            require(routine_id, argument="routine_id"),
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )

    def preview(
        self,
        *,
        type: RoutineTypeLiteral | RoutineType,
        name: str,
        source_id: str,
        destination_id: str,
        amount: Amount,
        payment_type: PaymentTypeLiteral | PaymentType = "debit",
        destination_user_id: str | None = None,
        start_date: date | str | None = None,
        debit_fee_percent: Percent | None = None,
        **options: Unpack[CallOptions],
    ) -> RoutinePreview:
        """Asks what fees a debit routine would cost. Creates nothing.

        Args:
            type: "one-time" or "recurring".
            name: your label.
            source_id: card the money would leave.
            destination_id: card that would get it.
            amount: US dollars.
            payment_type: "debit", the only one that can be previewed.
            destination_user_id: Astra's id of the receiver.
            start_date: first day, or an aware datetime.
            debit_fee_percent: `Decimal("1.25")`, "1.25" or an int, from 0 to 100; 1.25 means 1.25 %.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The fee structure. Its fields are not documented publicly: read `preview.to_dict()`.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            AstraError: as every call.

        Astra's reference: post_v1-routines-preview.

        Example:
            preview = user.routines.preview(
                type="one-time", name="Top-up", source_id=card.id, destination_id=other.id, amount="20.00")
        """
        body = RoutinePreviewCreate(
            type=choice(type, "RoutineType", argument="type"),
            name=name,
            payment_type=choice(payment_type, "PaymentType", argument="payment_type"),
            source_id=require(source_id, argument="source_id"),
            destination_id=require(destination_id, argument="destination_id"),
            destination_user_id=require_or_none(destination_user_id, argument="destination_user_id"),
            amount=to_amount(amount),
            start_date=start(start_date),
            debit_fee_percent=fee_percent(debit_fee_percent),
        )
        return self._call(preview_routine, RoutinePreview, body=body, options=options)
