# Derived from astra/resources/_async/payment_search.py by scripts/unasync.py: edit that file.
"""What has become of payments under keys? Reads only: many payments of one user in one walk over the lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from astra._candidates import may_be
from astra._names import model_in_our_names
from astra.errors import AstraError, GoneError, NotFoundError
from astra.http._sync.pipeline import Pipeline
from astra.http.payment_match import PaymentCandidate, why_not_taken_over
from astra.payments.record import PaymentRecord
from astra.payments.transitions import NOT_DONE, NOT_THERE
from astra.resources._sync.list_walk import ListWalk
from astra.resources._sync.user_ref import UserRef
from astra.resources.payments import kept
from astra.resources.reconcile import Listed, why_another
from astra.resources.sought import Sought
from astra_api.api.accounts import get_account
from astra_api.api.routines import get_routine
from astra_api.api.transfers import get_transfer
from astra_api.models import Account, Routine, Transfer
from astra_api.types import Model


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


class PaymentSearch(ListWalk):
    """Looks for payments of one user.

    Args:
        pipeline: of the client.
        owner: the user.
        records: the payments.
        why_anothers: tells why a routine may belong to another key.
        deadline: when all reading ends, on the monotonic clock; None: each read has the client's timeout.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        owner: UserRef | None,
        records: Sequence[PaymentRecord],
        why_anothers: Callable[[PaymentRecord, str], str | None],
        deadline: float | None,
    ) -> None:
        since = min((record.first_sent for record in records), default=None)
        super().__init__(pipeline, owner=owner, since=since, deadline=deadline)
        self._records = records
        self._why_anothers = why_anothers

    def findings(self) -> Iterator[tuple[PaymentRecord, Finding]]:
        """Yields what has become of each of the payments."""
        made = [record for record in self._records if record.is_creation]
        for record in self._records:
            if not record.is_creation:
                yield record, self._step(record)
        if not made:
            return
        sought, failure = Sought(made), None
        try:
            for item, _ in self.routines():
                sought.take(item)
            for item in self.transfers():
                sought.take(item)
        except AstraError as error:
            failure = error
        for record in made:
            if failure is not None:
                yield record, Finding(error=failure)
            else:
                yield record, self._payment(record, sought)

    def of_event(self, *, routine_id: str | None, transfer_id: str | None) -> tuple[PaymentRecord, Finding] | None:
        """Tells which of the payments a webhook is about, by reading what it names and nothing else.

        Args:
            routine_id: the routine that it names, or None.
            transfer_id: the transfer that it names, or None.

        Returns:
            The payment and what has become of it, or None when it is about none of them, or there is no telling.

        Raises:
            AstraError: what it names could not be read.
        """
        sought = Sought([record for record in self._records if record.is_creation])
        if transfer_id is not None:
            transfer = self._call(get_transfer, Transfer, transfer_id, options={})
            routine_id = transfer.routine_id
            sought.take(Listed(model_in_our_names(transfer), transfer.initiated, is_transfer=True))
        if routine_id is None:
            return None
        routine = self._call(get_routine, Routine, routine_id, options={})
        given = model_in_our_names(routine)
        sought.take(Listed(given, routine.created))
        found = [
            record
            for record in sought.records
            if sought.result(record, earliest=self.earliest(record.first_sent)).routine_id == routine_id
            and why_another(given, record.match_fields) is None
        ]
        if len(found) != 1 or self._why_anothers(found[0], routine_id) is not None:
            return None
        return found[0], _is_there(routine, routine_id)

    def _payment(self, record: PaymentRecord, sought: Sought) -> Finding:
        found = sought.result(record, earliest=self.earliest(record.first_sent))
        if found.routine_id is None:
            return _ambiguous(*found.candidates) if found.candidates else Finding(detail=NOT_THERE)
        if sought.is_shared(record):
            shared = "another payment of this user has this correlation id and an unknown outcome"
            return _ambiguous(PaymentCandidate(found.routine_id, None, None, shared))
        reason = self._why_anothers(record, found.routine_id)
        if reason is not None:
            return _ambiguous(PaymentCandidate(found.routine_id, None, None, reason))
        try:
            routine = self._call(get_routine, Routine, found.routine_id, options={})
        except AstraError as error:
            return Finding(error=error)
        differing = why_another(model_in_our_names(routine), record.match_fields)
        if differing is not None:
            return _ambiguous(PaymentCandidate(found.routine_id, None, routine.created, differing))
        return _is_there(routine, found.routine_id)

    def _step(self, record: PaymentRecord) -> Finding:
        """What has become of a change or a stop."""
        subject = record.resource_id or ""
        not_yet = Finding(detail=NOT_DONE)
        try:
            if record.operation == "cancel_transfer":
                transfer = self._call(get_transfer, Transfer, subject, options={})
                return _is_there(transfer, subject) if transfer.status == "cancelled" else not_yet
            if record.operation == "delete_account":
                self._call(get_account, Account, subject, options={})
                return not_yet
            routine = self._call(get_routine, Routine, subject, options={})
        except (NotFoundError, GoneError) as error:
            if record.operation in ("delete_account", "delete_routine"):
                return Finding(resource_id=subject, result="null", detail="what was to be deleted is not there")
            return Finding(error=error)
        except AstraError as error:
            return Finding(error=error)
        if record.operation == "delete_routine" or not record.match_fields:
            return not_yet
        differing = why_not_taken_over(model_in_our_names(routine), record.match_fields)
        return not_yet if differing else _is_there(routine, subject)


def _ambiguous(*candidates: PaymentCandidate) -> Finding:
    return Finding(is_ambiguous=True, detail=f"it {may_be(candidates)}")


def _is_there(found: Model, resource_id: str) -> Finding:
    return Finding(resource_id=resource_id, result=kept(found), detail="it is there")
