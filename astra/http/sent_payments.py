"""The payments of this client by correlation id, so that no two of them take one routine for their outcome."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

MOST_REMEMBERED: Final = 4096


class SentPayments:
    """The payments of the recent past. Nothing here waits: each step is one operation of a dict.

    A payment is known by any token of its caller, and once it is uncertain by its call id, by which `reconcile(error)`
    knows it.
    """

    def __init__(self) -> None:
        self._by_reference: dict[Hashable, dict[Hashable, str | None]] = {}

    def begin(self, reference: Hashable, payment: Hashable) -> None:
        """Notes a payment, before it is sent.

        Args:
            reference: what equal payments share: user and correlation id.
            payment: this one.
        """
        self._by_reference.setdefault(reference, {})[payment] = None
        if len(self._by_reference) > MOST_REMEMBERED:
            for oldest in list(self._by_reference)[: MOST_REMEMBERED // 4]:
                self._by_reference.pop(oldest, None)

    def settle(self, reference: Hashable, payment: Hashable, *, routine_id: str) -> None:
        """Notes which routine a payment has become."""
        self._by_reference.setdefault(reference, {})[payment] = routine_id

    def rename(self, reference: Hashable, payment: Hashable, call_id: Hashable) -> None:
        """Notes that the outcome of a payment is not known, and by which id its error names it."""
        known = self._by_reference.setdefault(reference, {})
        known[call_id] = None
        known.pop(payment, None)

    def drop(self, reference: Hashable, payment: Hashable) -> None:
        """Forgets a payment that certainly was not made."""
        self._by_reference.get(reference, {}).pop(payment, None)

    def taken(self, reference: Hashable, payment: Hashable) -> frozenset[str]:
        """Returns the routines that other payments have become."""
        return frozenset(routine for _, routine in self._others(reference, payment) if routine is not None)

    def undecided(self, reference: Hashable, payment: Hashable) -> int:
        """Returns how many other payments are still under way, or uncertain: one of them may be what is found."""
        return sum(routine is None for _, routine in self._others(reference, payment))

    def _others(self, reference: Hashable, payment: Hashable) -> list[tuple[Hashable, str | None]]:
        known = list(self._by_reference.get(reference, {}).items())
        return [(other, routine) for other, routine in known if other != payment]
