"""Is this JSON the payment that was sent? Decisions only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from astra._json import is_object


def why_not_the_payment(body: Mapping[str, Any], sent: Mapping[str, str]) -> str | None:
    """Tells whether an object agrees with what was sent, in all that it gives back.

    Args:
        body: the object as JSON.
        sent: fields of the request.

    Returns:
        None when it does; otherwise one line that names the first field that disagrees, without its values.
    """
    for name, value in sent.items():
        if not _agrees(body, name, value):
            return f"its {name} is not the one that was sent"
    return None


def _agrees(body: Mapping[str, Any], name: str, sent: str) -> bool:
    value: object = body.get(name)
    if value is None:
        # The card endpoints answer with {"source": {"id": ...}} instead of a source_id.
        party = body.get(name.removesuffix("_id"))
        value = party.get("id") if is_object(party) else None
    if value is None:
        return True
    if name == "amount":
        try:
            return Decimal(str(value)) == Decimal(sent)
        except InvalidOperation:
            return False
    return value == sent
