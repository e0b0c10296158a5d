"""Telling what a lost payment may be: in errors, and in the history of its record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from astra.http.payment_match import PaymentCandidate

NAMED: Final = 5
"""How many candidates are named."""


def may_be(candidates: Iterable[PaymentCandidate]) -> str:
    """Says what a payment may be, beginning with a verb. The same candidates give the same text.

    Args:
        candidates: what may be it.
    """
    # A routine and its transfer are two candidates, and one line.
    lines = list(dict.fromkeys(f"{one.routine_id or one.transfer_id}: {one.reason}" for one in candidates))
    more = f"; and {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    return f"may be one of these, or none: {'; '.join(lines[:NAMED])}{more}"
