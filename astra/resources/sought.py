"""Which items of a user's lists can be one of many payments? Decisions only.

A walk over the lists of a busy user reads a hundred thousand items to find a thousand payments: each item is put where
those payments look that it can be, and all others are dropped at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

import attrs

from astra.http.payment_match import letters
from astra.payments.record import PaymentRecord
from astra.resources.reconcile import Found, Listed, search


@attrs.define
class Sought:
    """What was read that may be one of some payments.

    Args:
        records: the payments.
    """

    records: Sequence[PaymentRecord]
    _by_reference: dict[str, list[Listed]] = attrs.field(init=False)
    _by_amount: dict[Decimal | None, list[Listed]] = attrs.field(init=False)
    _references: dict[str, set[str]] = attrs.field(init=False, factory=dict[str, set[str]])

    def __attrs_post_init__(self) -> None:
        references = [one.client_correlation_id for one in self.records]
        self._by_reference = {letters(reference): [] for reference in references if reference is not None}
        self._by_amount = {_amount(one.match_fields.get("amount")): [] for one in self.records}

    def take(self, item: Listed) -> None:
        """Keeps an item if it may be one of the payments.

        Args:
            item: a routine or a transfer.
        """
        reference = item.body.get("client_correlation_id")
        if isinstance(reference, str) and reference:
            if item.is_transfer and item.routine_id is not None:
                # The card endpoints make routines that do not give it; their transfers do.
                self._references.setdefault(item.routine_id, set()).add(letters(reference))
            kept = self._by_reference.get(letters(reference))
        else:
            kept = self._by_amount.get(_amount(item.body.get("amount")))
        if kept is not None:
            kept.append(item)

    def result(self, record: PaymentRecord, *, earliest: datetime | None) -> Found:
        """Tells what was read of a payment.

        Args:
            record: the payment.
            earliest: before this, by Astra's clock, it cannot have been made.
        """
        mine = None if record.client_correlation_id is None else letters(record.client_correlation_id)
        items = list(self._by_reference.get(mine, ())) if mine is not None else []
        for item in self._by_amount.get(_amount(record.match_fields.get("amount")), ()):
            told = self._references.get(item.routine_id or "")
            if told is None or mine is None or mine in told:
                items.append(item)
        return search(items, record.match_fields, earliest=earliest)

    def is_shared(self, record: PaymentRecord) -> bool:
        """Tells whether another of the payments has the correlation id of this one.

        Args:
            record: the payment.
        """
        mine = [one for one in self.records if one.client_correlation_id is not None and one is not record]
        return any(
            letters(one.client_correlation_id or "") == letters(record.client_correlation_id or "") for one in mine
        )


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
