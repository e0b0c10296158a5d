"""Is this routine the payment whose answer was lost? Decisions only.

A `client_correlation_id` is not unique by any rule of Astra, so the other fields of the payment have to agree as well,
and the routine must not be older than the payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from astra._json import is_object

# How far Astra's clock and ours may be apart, generously.
CLOCK_TOLERANCE: Final = timedelta(minutes=15)


def is_same_payment(
    routine: Mapping[str, Any], match_fields: Mapping[str, str], *, created: datetime | None, sent_at: datetime | None
) -> bool:
    """Tells whether a routine is the payment that the fields describe.

    A field that the routine does not give (not every endpoint gives each) decides nothing; the correlation id has to
    be there.

    Args:
        routine: the routine as JSON.
        match_fields: what was sent.
        created: when the routine was made, or None when it does not say.
        sent_at: when the payment was first sent, or None when that is not known.
    """
    correlation = match_fields.get("client_correlation_id")
    if correlation is None or routine.get("client_correlation_id") != correlation:
        return False
    if is_before(created, sent_at):
        return False
    return all(_agrees(routine, name, sent) for name, sent in match_fields.items())


def is_before(created: datetime | None, sent_at: datetime | None) -> bool:
    """Tells whether a list, newest first, has come to routines older than the payment."""
    return created is not None and sent_at is not None and created < sent_at - CLOCK_TOLERANCE


def _agrees(routine: Mapping[str, Any], name: str, sent: str) -> bool:
    value: object = routine.get(name)
    if value is None:
        # The card endpoints answer with {"source": {"id": ...}} instead of a source_id.
        party = routine.get(name.removesuffix("_id"))
        value = party.get("id") if is_object(party) else None
    if value is None:
        return True
    if name == "amount":
        try:
            return Decimal(str(value)) == Decimal(sent)
        except InvalidOperation:
            return False
    return value == sent
