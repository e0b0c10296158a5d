"""What may become of a payment under a key. Plain functions over records: no store, no clock, no network.

Each returns the record that has to be written in place of the one that was read, or None when nothing is to be
written. Whoever writes it does so only if the store still has the version that was read; else the decision is taken
anew, over what is there now.

    state    | answered | answered made, | refused or not sent, | no answer to | found, webhook | person:  | a look
             | made     | another id     | by the last sender   | last sender  | or person: made| not made | nothing
    ---------+----------+----------------+----------------------+--------------+----------------+----------+---------
    sending  | made     |                | refused, not_sent (3)| uncertain    | made           | error (1)| - (1)
    uncertain| made     |                | refused, not_sent (3)| -            | made           | not_sent | - (4)
    refused  | made     |                | -                    | -            | made           | not_sent | -
    not_sent | made     |                | -                    | -            | made           | -        | -
    made     | -        | noted: twice   | -                    | -            | - or error (2) | error    | -

(1) While its sender may be alive. When its lease is over, `expire` makes it uncertain first. Until then nobody may
    decide that an uncertain one was not made, or send it again, either: a call that was cut short may be on its way.
(2) The same id: nothing. Another id: an error, because one key has made one payment.
(3) Uncertain, when it had been sent before that and the earlier sending was never explained: what was refused is the
    last one, and the earlier one may have made it.
(4) Refused or not_sent, once the last sending was, and `resend_after` has passed since, and a complete look has found
    nothing: by then the earlier sending counts as not made, as it did when the payment was sent again.

"-": the record stays as it is. Truth wins over what was believed: a payment that was made is made, whoever learns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from astra.errors import InvalidRequestError
from astra.payments.record import MOST_ENTRIES, HistoryEntry, PaymentRecord, PaymentState

SENDING, MADE = PaymentState.SENDING, PaymentState.MADE
REFUSED, NOT_SENT, UNCERTAIN = PaymentState.REFUSED, PaymentState.NOT_SENT, PaymentState.UNCERTAIN

NOT_THERE: Final = "it was looked for in full, and was not there"
"""What is noted of a complete look that found nothing."""

NOT_DONE: Final = "it was looked for, and was not done"
"""What is noted when a change or a stop was looked for, and all is as before."""

FAILED_LOOK: Final = "it could not be looked for"
"""How begins what is noted of a look that failed; the name of the error follows."""

NOT_PROCESSED: Final = (None, 401, 429)
"""Status codes of what Astra has not looked into: no answer, a token that is no longer valid, too many requests."""

DETAIL: Final = 300
"""Characters of a line in a history."""

MADE_TWICE: Final = "a second payment was made under this key: "
"""How the line of a history begins that names another payment than the record's."""


@attrs.frozen(kw_only=True)
class Wanted:
    """What a call asks for.

    Attributes:
        environment, client_id, operation, key, user_key, fingerprint, match_fields: as of `PaymentRecord`.
        client_correlation_id: given by the caller, or minted for this call; None where the operation knows none.
        is_minted: whether it was minted.
        resource_id: Astra's id of what is to be changed or stopped, or None.
        is_repeatable: whether doing it twice comes to the same, as it does for what stops something.
        holder: who asks.
        lease: how long the call may take, with some slack.
        now: the time.
    """

    environment: str
    client_id: str
    operation: str
    key: str
    user_key: str | None
    fingerprint: str
    match_fields: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    client_correlation_id: str | None = None
    is_minted: bool = False
    resource_id: str | None = None
    is_repeatable: bool = False
    holder: str
    lease: timedelta
    now: datetime


@attrs.frozen
class Send:
    """Write this record in place of what was read, and send the payment.

    Attributes:
        record: the record.
        replaces: the record that was read, or None when there was none.
    """

    record: PaymentRecord
    replaces: PaymentRecord | None


@attrs.frozen
class Replay:
    """It was made: return its result."""

    record: PaymentRecord


@attrs.frozen
class Wait:
    """Another call sends it just now."""

    record: PaymentRecord


@attrs.frozen
class Look:
    """Nobody knows whether it was made: look for it."""

    record: PaymentRecord


@attrs.frozen
class Conflict:
    """The key belongs to another payment."""

    record: PaymentRecord


Step = Send | Replay | Wait | Look | Conflict


def arrive(record: PaymentRecord | None, wanted: Wanted) -> Step:
    """Tells what a call with a key has to do.

    Args:
        record: what the store has under the key, or None.
        wanted: what the call asks for.
    """
    if record is None:
        return Send(_begun(wanted), None)
    is_other = (record.fingerprint, record.user_key) != (wanted.fingerprint, wanted.user_key)
    if record.state in (REFUSED, NOT_SENT):
        # What was certainly not made may be corrected under its key.
        return Send(_begun_again(record, wanted), record)
    if is_other:
        return Conflict(record)
    if record.state is MADE:
        return Replay(record)
    if record.is_live(wanted.now):
        return Wait(record)
    if wanted.is_repeatable:
        return Send(_begun_again(record, wanted), record)
    return Look(record)


def send_again(record: PaymentRecord, wanted: Wanted, *, resend_after: timedelta | None) -> Send | None:
    """Tells whether a payment that a complete look has not found may be sent again.

    Args:
        record: as it was read before the look.
        wanted: what the call asks for.
        resend_after: how long after it was sent last, or None for never.
    """
    if resend_after is None or record.state is not UNCERTAIN or wanted.now - record.sent < resend_after:
        return None
    if record.may_be_on_its_way(wanted.now):
        return None
    return Send(_begun_again(record, wanted), record)


def expire(record: PaymentRecord, *, now: datetime) -> PaymentRecord | None:
    """Makes a payment uncertain whose sender is dead, or slower than its lease."""
    if record.state is not SENDING or record.is_live(now):
        return None
    detail = f"{record.holder} has not said what became of it within its lease"
    return _noted(attrs.evolve(record, state=UNCERTAIN), "expired", now=now, detail=detail)


@attrs.frozen(kw_only=True)
class Outcome:
    """What a sender has learned.

    Attributes:
        state: "made", "refused", "not_sent" or "uncertain".
        holder: who sent it.
        now: when it is noted.
        call_id: local id of its call.
        request_ids: of its answers.
        status_code: of the last one, or None.
        resource_id: Astra's id of what was made, or None.
        result: the answer as JSON, when it was made.
        error: name of the error, when it was not.
        detail: one line of it.
    """

    state: PaymentState
    holder: str
    now: datetime
    call_id: str | None = None
    request_ids: tuple[str, ...] = ()
    status_code: int | None = None
    resource_id: str | None = None
    result: str | None = None
    error: str | None = None
    detail: str = ""


def settle(record: PaymentRecord, outcome: Outcome) -> PaymentRecord | None:
    """Notes what a sender has learned, also one that was slower than its lease."""
    is_last = record.holder == outcome.holder
    if outcome.state is MADE:
        if record.state is MADE:
            return None if record.resource_id == outcome.resource_id else _made_twice(record, outcome)
    elif not is_last or record.state not in (SENDING, UNCERTAIN):
        # Another one sends it, or somebody knows better.
        return None
    elif record.state is outcome.state:
        return None
    is_explained = outcome.state in (MADE, UNCERTAIN) or record.lost == 0
    state = outcome.state if is_explained else UNCERTAIN
    known = tuple(one for one in outcome.request_ids if one not in record.request_ids)
    changed = attrs.evolve(
        record,
        state=state,
        call_id=outcome.call_id or record.call_id,
        request_ids=(*record.request_ids, *known),
        status_code=outcome.status_code,
        resource_id=outcome.resource_id or record.resource_id,
        result=outcome.result,
        error=outcome.error,
        error_detail=outcome.detail[:DETAIL] or None,
    )
    return _noted(
        changed,
        "answered" if outcome.state is not UNCERTAIN else "lost",
        now=outcome.now,
        detail=f"{outcome.error}: {outcome.detail}" if outcome.error else "",
        by=outcome.holder,
        call_id=outcome.call_id,
        request_id=outcome.request_ids[-1] if outcome.request_ids else None,
    )


def found(
    record: PaymentRecord,
    *,
    resource_id: str | None,
    result: str,
    event: str,
    now: datetime,
    by: str | None = None,
    transfer_id: str | None = None,
    detail: str = "",
) -> PaymentRecord | None:
    """Notes that the payment is there: a look has found it, a webhook is about it, or a person says so.

    Args:
        record: as it was read.
        resource_id: Astra's id of it.
        result: it, as JSON.
        event: "looked", "webhook" or "resolved".
        now: the time.
        by: who says so.
        transfer_id: Astra's id of a transfer of it, or None.
        detail: one line.

    Raises:
        InvalidRequestError: another payment was made under this key.
    """
    if record.state is MADE:
        if record.resource_id != resource_id:
            raise InvalidRequestError(
                f"The payment under the key {record.key!r} is {record.resource_id}, not {resource_id}: one key makes "
                "one payment. Give the other one a key of its own.",
                argument="made",
            )
        if transfer_id is None or record.transfer_id is not None:
            return None
        return _noted(attrs.evolve(record, transfer_id=transfer_id), event, now=now, by=by, detail=detail)
    changed = attrs.evolve(
        record,
        state=MADE,
        resource_id=resource_id,
        transfer_id=transfer_id or record.transfer_id,
        result=result,
        error=None,
        error_detail=None,
    )
    return _noted(changed, event, now=now, by=by, detail=detail)


def not_found(
    record: PaymentRecord, *, now: datetime, detail: str, resend_after: timedelta | None = None
) -> PaymentRecord | None:
    """Notes that a look has not found the payment, or could not be completed.

    Args:
        record: as it was read.
        now: the time.
        detail: one line; `NOT_THERE` or `NOT_DONE` of a complete look.
        resend_after: how long after it was sent last a payment counts as not made that is not there; None: never.
    """
    if record.state is not UNCERTAIN:
        return None
    is_over = resend_after is not None and now - record.sent >= resend_after and not record.may_be_on_its_way(now)
    last = _last_answer(record)
    if last is not None and is_over and detail in (NOT_THERE, NOT_DONE):
        record = attrs.evolve(record, state=last, lost=0)
    return _noted(record, "looked", now=now, detail=detail)


def _last_answer(record: PaymentRecord) -> PaymentState | None:
    """What became of the last sending of an uncertain payment, or None when nobody knows."""
    for entry in reversed(record.history):
        if entry.event == "answered":
            return NOT_SENT if record.status_code in NOT_PROCESSED else REFUSED
        if entry.event in ("sent", "lost", "expired"):
            break
    return None


def resolve_not_made(record: PaymentRecord, *, by: str, now: datetime) -> PaymentRecord | None:
    """Notes a person's decision that the payment was not made, so that its key may send it again.

    Raises:
        InvalidRequestError: it was made, or its sender may still be at it.
    """
    if record.state is MADE:
        raise InvalidRequestError(
            f"The payment under the key {record.key!r} was made: it is {record.resource_id}.", argument="not_made"
        )
    if record.may_be_on_its_way(now):
        raise InvalidRequestError(
            f"The payment under the key {record.key!r} may still be on its way from {record.holder}. Decide after "
            f"{record.lease_until:%Y-%m-%d %H:%M:%S} UTC.",
            argument="not_made",
        )
    if record.state is NOT_SENT:
        return None
    changed = attrs.evolve(record, state=NOT_SENT)
    return _noted(changed, "resolved", now=now, by=by, detail="not made, says a person")


def _begun(wanted: Wanted) -> PaymentRecord:
    record = PaymentRecord(
        environment=wanted.environment,
        client_id=wanted.client_id,
        operation=wanted.operation,
        key=wanted.key,
        user_key=wanted.user_key,
        fingerprint=wanted.fingerprint,
        match_fields=wanted.match_fields,
        client_correlation_id=wanted.client_correlation_id,
        resource_id=wanted.resource_id,
        state=SENDING,
        version=0,
        holder=wanted.holder,
        lease_until=wanted.now + wanted.lease,
        created=wanted.now,
        updated=wanted.now,
        first_sent=wanted.now,
        sent=wanted.now,
    )
    return _noted(record, "sent", now=wanted.now, by=wanted.holder)


def _begun_again(record: PaymentRecord, wanted: Wanted) -> PaymentRecord:
    # The reference by which a look would find it stays, unless the caller names another one for a payment that is new.
    is_new = record.state in (REFUSED, NOT_SENT)
    keeps = record.client_correlation_id is not None and (wanted.is_minted or not is_new)
    correlation = record.client_correlation_id if keeps else wanted.client_correlation_id
    changed = attrs.evolve(
        record,
        user_key=wanted.user_key,
        fingerprint=wanted.fingerprint,
        match_fields=_with(wanted.match_fields, correlation),
        client_correlation_id=correlation,
        resource_id=wanted.resource_id,
        state=SENDING,
        holder=wanted.holder,
        lease_until=wanted.now + wanted.lease,
        first_sent=wanted.now if is_new else record.first_sent,
        sent=wanted.now,
        attempts=record.attempts + 1,
        lost=0 if is_new else record.lost + 1,
        result=None,
        error=None,
        error_detail=None,
    )
    return _noted(changed, "sent", now=wanted.now, by=wanted.holder)


def _with(fields: Mapping[str, str], correlation: str | None) -> dict[str, str]:
    without = {name: value for name, value in fields.items() if name != "client_correlation_id"}
    return without if correlation is None else {**without, "client_correlation_id": correlation}


def _made_twice(record: PaymentRecord, outcome: Outcome) -> PaymentRecord:
    detail = f"{MADE_TWICE}{outcome.resource_id}"
    return _noted(
        record,
        "answered",
        now=outcome.now,
        detail=detail,
        by=outcome.holder,
        call_id=outcome.call_id,
        request_id=outcome.request_ids[-1] if outcome.request_ids else None,
    )


def _noted(
    record: PaymentRecord,
    event: str,
    *,
    now: datetime,
    detail: str = "",
    by: str | None = None,
    call_id: str | None = None,
    request_id: str | None = None,
) -> PaymentRecord:
    entry = HistoryEntry(
        time=now,
        event=event,
        state=record.state,
        detail=detail[:DETAIL],
        by=by,
        call_id=call_id,
        request_id=request_id,
    )
    history = record.history
    last = history[-1] if history else None
    if last is not None and event == "looked" and attrs.evolve(last, time=now, count=1) == entry:
        # A look a minute would fill the store with the same line.
        history = (*history[:-1], attrs.evolve(entry, count=last.count + 1))
    else:
        history = (*history, entry)
    if len(history) > MOST_ENTRIES:
        history = (*history[: MOST_ENTRIES // 2], *history[-MOST_ENTRIES // 2 :])
    return attrs.evolve(record, version=record.version + 1, updated=now, history=history)
