"""What is kept of a payment, and what a record of one says. Plain functions, no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from astra_api.plans import plan_of
from astra_api.types import Model

from astra._json import is_object
from astra._names import model_in_our_names
from astra.errors import UncertainOutcomeError
from astra.payments.record import PaymentRecord

FIELDS_TO_FIND: Final = frozenset({
    "active", "amount", "client_correlation_id", "currency", "destination.id", "destination.user_id", "destination_id",
    "destination_user_id", "frequency", "payment_type", "preferred_settlement_speed", "settlement_mode", "source.id",
    "source_id", "start_date", "type",
})  # fmt: skip
"""What is kept of a request: amounts, ids and kinds. No text of yours, which may name a person."""

TEXTS: Final = ("name",)
"""What is not kept of an answer, because it is a text of yours; whoever sends the same payment again has it."""

NUMBERS: Final = ("amount", "debit_fee_percent")
"""What is kept of an answer as text, and came as a number."""


def fields_to_find(facts: Mapping[str, str]) -> dict[str, str]:
    """Returns those fields of a request by which it is found again.

    Args:
        facts: from `astra.http.payment_match.facts_of`.
    """
    return {name: value for name, value in facts.items() if name in FIELDS_TO_FIND}


def kept(answer: Model) -> str:
    """Returns what is kept of an answer, as JSON with our names: no field that the spec does not know, which may be
    about a person.

    Args:
        answer: it.
    """
    known = plan_of(type(answer)).known
    body = {name: value for name, value in answer.to_dict(mode="json").items() if name in known}
    given = model_in_our_names(answer, body=body)
    return json.dumps({name: value for name, value in given.items() if name not in TEXTS})


def restored(kept: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the answer again, with the texts of the request that it was the answer to.

    Args:
        kept: from `kept`.
        sent: body of the request, with our names.

    Returns:
        It with our names.
    """
    answer = json.loads(kept)
    if not is_object(answer):
        return {}
    texts = {name: sent[name] for name in TEXTS if sent.get(name) is not None}
    numbers = {name: Decimal(answer[name]) for name in NUMBERS if re.fullmatch(r"-?\d+(\.\d+)?", str(answer.get(name)))}
    return {**answer, **numbers, **texts}


def lost_payment(record: PaymentRecord) -> UncertainOutcomeError:
    """Returns the error for a payment of which its record does not say whether it was made.

    Args:
        record: the record.
    """
    carries = f", with client_correlation_id {record.client_correlation_id}" if record.client_correlation_id else ""
    error = UncertainOutcomeError(
        f"The payment under the idempotency key {record.key!r} ({record.operation}) was sent on "
        f"{record.sent:%Y-%m-%d %H:%M:%S} UTC{carries}, and its outcome is unknown. Nothing was sent now.",
        client_correlation_id=record.client_correlation_id,
        sent_at=record.first_sent,
        match_fields=record.match_fields,
        call_id=record.call_id,
        request_ids=record.request_ids,
        operation=record.operation,
        attempts=record.attempts,
        user_key=record.user_key,
    )
    error.idempotency_key = record.key
    return error
