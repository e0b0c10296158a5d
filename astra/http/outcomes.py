"""What an attempt that is not a plain success means for the call. Decisions only."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from astra._json import is_object
from astra.errors import APIConnectionError, APITimeoutError, ResponseTooLargeError, UncertainOutcomeError
from astra.http.responses import AttemptOutcome, TransportFailure, TransportResponse
from astra.http.retry import Safety, is_outcome_unknown, is_retryable_status

if TYPE_CHECKING:
    from astra.http.calls import Call, CallContext

# Several workers may rotate a user's token while one call is under way, so a call outlives a few rejections; other
# 401s are about something else, and answering each with a refresh would only kill tokens that others use.
TOKEN_REJECTIONS = 6
OTHER_REJECTIONS = 2
_TOKEN_ERRORS = ("invalid_token", "expired_token", "token_expired", "missing_authorization")


def safety_of(call: Call) -> Safety:
    """Tells what sending this call twice would mean."""
    if call.operation.money:
        return Safety.MONEY
    if call.operation.method == "GET" or call.repeatable:
        return Safety.READ
    return Safety.WRITE


def allowed_rejections(response: TransportResponse) -> int:
    """Returns after how many 401s a call with this response gives up."""
    try:
        body = json.loads(response.content[:4096])
    except (ValueError, RecursionError):
        body = None
    if is_object(body) and body.get("error") in _TOKEN_ERRORS:
        return TOKEN_REJECTIONS
    return OTHER_REJECTIONS


def may_send_again(outcome: AttemptOutcome, *, safety: Safety) -> bool:
    """Tells whether the call may be sent again after this outcome; see the table in `astra.http.retry`."""
    if isinstance(outcome, TransportFailure):
        return not outcome.sent or (safety is Safety.READ and not outcome.too_large)
    return is_retryable_status(outcome.status, safety=safety)


def leaves_payment_uncertain(outcome: AttemptOutcome) -> bool:
    """Tells whether a payment with this outcome may have been made all the same."""
    if isinstance(outcome, TransportFailure):
        return outcome.sent
    return is_outcome_unknown(outcome.status)


def connection_error(failure: TransportFailure, context: CallContext, *, safety: Safety) -> APIConnectionError:
    """Returns the error for a call that got no complete response."""
    kind: type[APIConnectionError] = APITimeoutError if failure.timed_out else APIConnectionError
    if failure.too_large:
        kind = ResponseTooLargeError
    if not failure.sent:
        consequence = "Nothing was sent."
    elif safety is Safety.READ:
        consequence = "It was only a read."
    else:
        consequence = "It may have been processed; look before you send it again."
    where = f", after an answer with status {failure.status} began" if failure.status is not None else ""
    return kind(
        f"No complete answer{where}: {failure.reason}. {consequence} {context.describe()}",
        sent=failure.sent,
        **context.error_context(),
    )


def uncertain_outcome(call: Call, context: CallContext, *, reason: str) -> UncertainOutcomeError:
    """Returns the error for a call that moves money, when nobody knows whether it was carried out.

    Args:
        call: a payment, or a request that changes or stops one.
        context: what is known of the call.
        reason: what happened, one line.
    """
    correlation = call.match_fields.get("client_correlation_id")
    if correlation:
        find = f"It carries client_correlation_id {correlation}: reconcile() looks for it."
    elif call.match_fields:
        find = "It carries no client_correlation_id, so it has to be looked for in routines.list()."
    else:
        find = "It may have started, changed or stopped a payment: read what it was about, and decide then."
    return UncertainOutcomeError(
        f"The {'payment' if call.match_fields else 'request'} was sent and its outcome is unknown: {reason}. "
        f"Do not send it again before you know. {find} {context.describe()}",
        client_correlation_id=correlation,
        sent_at=None if context.sent_at is None else datetime.fromtimestamp(context.sent_at, UTC),
        user_key=call.user_key,
        amount=_amount(call.match_fields.get("amount")),
        status_code=context.status_code,
        match_fields=call.match_fields,
        **context.error_context(),
    )


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
