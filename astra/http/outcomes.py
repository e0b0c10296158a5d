"""What an attempt that is not a plain success means for the call. Decisions only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from astra._json import is_array, is_object
from astra._names import answer_in_our_names
from astra.errors import APIConnectionError, APITimeoutError, ResponseTooLargeError, UncertainOutcomeError
from astra.http.payment_match import why_not_taken_over, why_not_the_payment
from astra.http.responses import AttemptOutcome, Response, TransportFailure, TransportResponse
from astra.http.retry import Safety, is_outcome_unknown, is_retryable_status

if TYPE_CHECKING:
    from astra.http.calls import Call, CallContext

# Several workers may rotate a user's token while one call is under way, so a call outlives a few rejections; other
# 401s are about something else, and answering each with a refresh would only kill tokens that others use.
TOKEN_REJECTIONS = 6
OTHER_REJECTIONS = 2
# Only Astra's own check of the token proves that a payment went no further; a login page of a proxy proves little.
PAYMENT_REJECTIONS = 1
_TOKEN_ERRORS = ("invalid_token", "expired_token", "token_expired", "missing_authorization")


def safety_of(call: Call) -> Safety:
    """Tells what sending this call twice would mean."""
    if call.operation.money:
        return Safety.MONEY
    if call.operation.method == "GET" or call.repeatable:
        return Safety.READ
    return Safety.WRITE


def allowed_rejections(response: TransportResponse, *, safety: Safety) -> int:
    """Returns after how many 401s a call with this response gives up."""
    try:
        body = json.loads(response.content[:4096])
    except (ValueError, RecursionError):
        body = None
    is_token_error = is_object(body) and body.get("error") in _TOKEN_ERRORS
    if safety is Safety.MONEY:
        return PAYMENT_REJECTIONS if is_token_error else 0
    return TOKEN_REJECTIONS if is_token_error else OTHER_REJECTIONS


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


def why_not_done(call: Call, response: Response) -> str | None:
    """Tells whether a success of a call that moves money, or stops it, is one.

    Where Astra answers with an object, that is the object, with an id, and it agrees with what was sent. Where it
    answers with a status alone, there is no body, null, or a JSON object that speaks of no error.

    Args:
        call: a payment, or a request that changes or stops one.
        response: its response, of a status from 200 to 299.

    Returns:
        None when it is; otherwise one line without values.
    """
    if not call.has_id and response.content.strip() in (b"", b"null"):
        # A response code alone, or with the null that some servers write where there is no body.
        return None
    try:
        body = response.json()
    except ValueError:
        return "its body is not JSON" if response.content.strip() else "its body is empty"
    if is_array(body) and len(body) == 1:
        # The oldest documents wrap every sample in a one-element list.
        (body,) = body
    if not is_object(body):
        return "its body is not a JSON object"
    if body.get("error") or body.get("errors") or _is_refusal(body):
        return "its body speaks of an error"
    if not call.has_id:
        return None
    body = answer_in_our_names(call.operation.id, body)
    found = body.get("id")
    if isinstance(found, bool) or not isinstance(found, (str, int)) or not str(found).strip():
        return "its body has no id"
    if call.resource_id is not None and str(found) != call.resource_id:
        return "its body is about another object"
    return why_not_the_payment(body, call.match_fields) or why_not_taken_over(body, call.changes)


def _is_refusal(body: Mapping[str, Any]) -> bool:
    status = str(body.get("code", body.get("status_code")))
    is_status = len(status) == 3 and status.isascii() and status.isdecimal()
    return body.get("success") is False or (is_status and status >= "400")


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
        f"No complete answer{where}: {failure.reason.rstrip('.')}. {consequence} {context.describe()}",
        sent=failure.sent,
        **context.error_context(),
    )


def uncertain_outcome(
    call: Call,
    context: CallContext,
    *,
    reason: str,
    description: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    retry_after: float | None = None,
) -> UncertainOutcomeError:
    """Returns the error for a call that moves money, when nobody knows whether it was carried out.

    Args:
        call: a payment, or a request that changes or stops one.
        context: what is known of the call.
        reason: what happened, one line.
        description: text of the answer.
        body: body of the answer, without secrets.
        headers: headers of the answer that may be shown.
        retry_after: seconds that the answer asks to wait.
    """
    find = how_to_find_out(call)
    return UncertainOutcomeError(
        f"The {'payment' if call.match_fields else 'request'} was sent and its outcome is unknown: "
        f"{reason.rstrip('.')}. Do not send it again before you know. {find} {context.describe()}",
        client_correlation_id=call.match_fields.get("client_correlation_id"),
        sent_at=None if context.sent_at is None else datetime.fromtimestamp(context.sent_at, UTC),
        amount=_amount(call.match_fields.get("amount")),
        status_code=context.status_code,
        description=description,
        body=body,
        headers=headers,
        retry_after=retry_after,
        match_fields=call.match_fields,
        hint=find,
        **context.error_context(),
    )


_WHERE_TO_LOOK = {
    "update_routine": "routines.get() shows whether it has changed",
    "delete_routine": "routines.get() or routines.list() shows whether it has ended",
    "cancel_transfer": "transfers.get() shows whether it is cancelled",
    "delete_account": "accounts.get() shows whether it is gone",
}


def how_to_find_out(call: Call) -> str:
    """Returns what can be done about a call that moves money and whose outcome is not known, in one sentence.

    Args:
        call: a payment, or a request that changes or stops one.
    """
    correlation = call.match_fields.get("client_correlation_id")
    if correlation:
        return f"It carries client_correlation_id {correlation}: reconcile() looks for it."
    if call.match_fields:
        return (
            "It carries no client_correlation_id, so it cannot be told from another one like it: reconcile() raises "
            "AmbiguousPaymentError with what may be it, and a person has to decide."
        )
    where = _WHERE_TO_LOOK.get(call.operation.id)
    if where is None:
        return "It may have started, changed or stopped a payment: read what it was about, and decide then."
    return f"It may have been done: {where}, and asking again does no harm."


def note_of(call: Call, context: CallContext, *, in_doubt: bool) -> str:
    """Returns what an exception that interrupts a call from outside is given to carry.

    Args:
        call: the call.
        context: what is known of it.
        in_doubt: True when it moves money and may have been carried out.
    """
    correlation = call.match_fields.get("client_correlation_id")
    carries = f", client_correlation_id {correlation}" if correlation else ""
    advice = " It may have been carried out: look before you send it again." if in_doubt else ""
    return f"Interrupted an Astra call{carries} {context.describe()}.{advice}"


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
