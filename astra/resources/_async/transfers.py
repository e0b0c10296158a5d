"""Transfers: the money movements that routines make. They are the truth about a payment."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.transfers import cancel_transfer, get_transfer, list_transfer_segments, list_transfers
from astra_api.models import Transfer, TransferList, TransferSegmentList

from astra.http.calls import CallOptions
from astra.pagination._async.pager import AsyncPager
from astra.resources._async.money import AsyncMoneyResource
from astra.resources.inputs import require


class AsyncTransfers(AsyncMoneyResource):
    """Transfers of a user. A transfer belongs to one routine; a routine may never make one."""

    def list(
        self,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncPager[Transfer]:
        """Lists the user's transfers, newest first. Pages are fetched while you iterate.

        Args:
            page_size: items per page, 10 to 100; Astra's default is 25.
            cursor: where to start, from `page.next_cursor`.
            limit: stop after this many items.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            A pager over `Transfer`.

        Raises:
            InvalidRequestError: page_size or limit is out of range.
            AstraError: while iterating, as every call.

        Astra's reference: get_v1-transfers.

        Example:
            async for transfer in user.transfers.list(limit=100):
                print(transfer.id, transfer.amount, transfer.status)
        """
        return self._list(
            list_transfers,
            TransferList,
            lambda page: page.transfers,
            page_size=page_size,
            cursor=cursor,
            limit=limit,
            options=options,
        )

    async def get(self, transfer_id: str, **options: Unpack[CallOptions]) -> Transfer:
        """Fetches one transfer.

        Args:
            transfer_id: Astra's id of the transfer.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The transfer, with its chargeback when there is one.

        Raises:
            NotFoundError: the user has no such transfer.
            AstraError: as every call.

        Astra's reference: get_v1-transfers-id.

        Example:
            transfer = await user.transfers.get("tr_1")
            print(transfer.status, transfer.request_id)
        """
        return await self._call(get_transfer, Transfer, require(transfer_id, argument="transfer_id"), options=options)

    async def segments(self, transfer_id: str, **options: Unpack[CallOptions]) -> TransferSegmentList:
        """Fetches the legs of a transfer. The fields of a leg are not documented publicly.

        Args:
            transfer_id: Astra's id of the transfer.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The legs: iterate over the object, or over its `.segments`.

        Raises:
            NotFoundError: the user has no such transfer.
            PaginationError: the answer says that there are more than it holds.
            AstraError: as every call.

        Astra's reference: get_v1-transfers-id-segments.

        Example:
            for segment in await user.transfers.segments("tr_1"):
                print(segment.to_dict())
        """
        return await self._call_list(
            list_transfer_segments,
            TransferSegmentList,
            require(transfer_id, argument="transfer_id"),
            options=options,
        )

    async def cancel(
        self, transfer_id: str, *, idempotency_key: str | None = None, **options: Unpack[CallOptions]
    ) -> Transfer:
        """Cancels a transfer that has not been processed yet. A refusal is final.

        Args:
            transfer_id: Astra's id of the transfer.
            idempotency_key: your name for this step, 1 to 255 characters: it is done once, however often it is called
                for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The transfer, cancelled.

        Raises:
            BadRequestError: it is too late to cancel.
            UncertainOutcomeError: it was sent, and no answer says whether it was done. Read the transfer again.
            IdempotencyConflictError: the idempotency key belongs to something else; nothing was sent.
            AstraError: as every call.

        Astra's reference: post_v1-transfers-id-cancel.

        Example:
            transfer = await user.transfers.cancel("tr_1")
        """
        return await self._change_once(
            cancel_transfer,
            Transfer,
            require(transfer_id, argument="transfer_id"),
            idempotency_key=idempotency_key,
            options=options,
        )
