"""Batch transfers: the daily debit that settles net debit payouts."""

from __future__ import annotations

from typing import Unpack

from astra_api.api.batch_transfers import get_batch_transfer
from astra_api.models import BatchTransfer

from astra.http.calls import CallOptions
from astra.resources._async.base import AsyncResource
from astra.resources.inputs import require


class AsyncBatchTransfers(AsyncResource):
    """Batch transfers of your client; their ids come with `batch_transfer_*` webhooks."""

    async def get(self, batch_transfer_id: str, **options: Unpack[CallOptions]) -> BatchTransfer:
        """Fetches one batch transfer. Its fields are not documented publicly.

        Args:
            batch_transfer_id: Astra's id of it.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The batch transfer.

        Raises:
            NotFoundError: no such batch transfer.
            AstraError: as every call.

        Astra's reference: get_v1-batch-transfers-id.

        Example:
            batch = await astra.batch_transfers.get(event.resource_id)
        """
        return await self._call(
            get_batch_transfer,
            BatchTransfer,
            require(batch_transfer_id, argument="batch_transfer_id"),
            options=options,
        )
