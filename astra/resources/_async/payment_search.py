"""What has become of payments under keys? Reads only: many payments of one user in one walk over the lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

import attrs
from astra_api.api.accounts import get_account
from astra_api.api.routines import get_routine
from astra_api.api.transfers import get_transfer
from astra_api.models import Account, Routine, Transfer
from astra_api.plans import plan_of
from astra_api.types import Model

from astra.errors import AstraError, GoneError, NotFoundError
from astra.http._async.pipeline import AsyncPipeline
from astra.http.payment_match import why_not_taken_over
from astra.payments.record import CREATIONS, PaymentRecord
from astra.resources._async.list_walk import AsyncListWalk
from astra.resources._async.user_ref import AsyncUserRef
from astra.resources.payments import kept_of
from astra.resources.reconcile import why_another
from astra.resources.sought import Sought


@attrs.frozen
class Finding:
    """What a search has come to for one payment.

    Attributes:
        resource_id: Astra's id of what is there, or None.
        result: it, as JSON, or None when it is not there.
        detail: one line.
        is_ambiguous: whether something is there that may be it.
        error: why it could not be looked for, or None.
    """

    resource_id: str | None = None
    result: str | None = None
    detail: str = ""
    is_ambiguous: bool = False
    error: AstraError | None = None


class AsyncPaymentSearch(AsyncListWalk):
    """Looks for payments of one user.

    Args:
        pipeline: of the client.
        owner: the user.
        records: the payments.
        taken: for each correlation id, the routines that payments under other keys have become.
        shared: correlation ids that more than one payment of the user has whose outcome is unknown.
        deadline: when all reading ends, on the monotonic clock; None: each read has the client's timeout.
    """

    def __init__(
        self,
        pipeline: AsyncPipeline,
        *,
        owner: AsyncUserRef | None,
        records: Sequence[PaymentRecord],
        taken: Mapping[str, frozenset[str]],
        shared: Collection[str] = (),
        deadline: float | None,
    ) -> None:
        since = min((record.first_sent for record in records), default=None)
        super().__init__(pipeline, owner=owner, since=since, deadline=deadline, most=None)
        self._records = records
        self._taken = taken
        self._shared = shared

    async def findings(self) -> AsyncIterator[tuple[PaymentRecord, Finding]]:
        """Yields what has become of each of the payments."""
        made = [record for record in self._records if record.operation in CREATIONS]
        for record in self._records:
            if record.operation not in CREATIONS:
                yield record, await self._step(record)
        if not made:
            return
        sought, failure = Sought(made), None
        try:
            async for item, _ in self.routines():
                sought.take(item)
            async for item in self.transfers():
                sought.take(item)
        except AstraError as error:
            failure = error
        for record in made:
            if failure is not None:
                yield record, Finding(error=failure)
            else:
                yield record, await self._payment(record, sought)

    async def _payment(self, record: PaymentRecord, sought: Sought) -> Finding:
        taken = self._taken.get(record.client_correlation_id or "", frozenset())
        found = sought.result(record, earliest=self.earliest(record.first_sent), taken=taken)
        if found.routine_id is None:
            lines = dict.fromkeys(f"{one.routine_id or one.transfer_id}: {one.reason}" for one in found.candidates)
            if lines:
                return Finding(
                    is_ambiguous=True, detail=f"it may be one of these, or none: {'; '.join(list(lines)[:5])}"
                )
            return Finding(detail="it was looked for in full, and was not there")
        if sought.is_shared(record) or record.client_correlation_id in self._shared:
            shared = "another payment of this user has this correlation id and an unknown outcome"
            return Finding(is_ambiguous=True, detail=f"{found.routine_id}: {shared}")
        try:
            routine = await self._call(get_routine, Routine, found.routine_id, options={})
        except AstraError as error:
            return Finding(error=error)
        differing = why_another(routine.to_dict(), record.match_fields)
        if differing is not None:
            return Finding(is_ambiguous=True, detail=f"{found.routine_id}: {differing}")
        return _is_there(routine, found.routine_id)

    async def _step(self, record: PaymentRecord) -> Finding:
        """What has become of a change or a stop."""
        subject = record.resource_id or ""
        not_yet = Finding(detail="it was looked for, and was not done")
        try:
            if record.operation == "cancel_transfer":
                transfer = await self._call(get_transfer, Transfer, subject, options={})
                return _is_there(transfer, subject) if transfer.status == "cancelled" else not_yet
            if record.operation == "delete_account":
                await self._call(get_account, Account, subject, options={})
                return not_yet
            routine = await self._call(get_routine, Routine, subject, options={})
        except (NotFoundError, GoneError) as error:
            if record.operation in ("delete_account", "delete_routine"):
                return Finding(resource_id=subject, result="null", detail="what was to be deleted is not there")
            return Finding(error=error)
        except AstraError as error:
            return Finding(error=error)
        if record.operation == "delete_routine" or not record.match_fields:
            return not_yet
        return not_yet if why_not_taken_over(routine.to_dict(), record.match_fields) else _is_there(routine, subject)


def _is_there(found: Model, resource_id: str) -> Finding:
    known: Any = plan_of(type(found)).known
    return Finding(resource_id=resource_id, result=kept_of(found.to_dict(mode="json"), known), detail="it is there")
