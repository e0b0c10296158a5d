"""What `payments.reconcile` has done."""

from __future__ import annotations

import attrs

from astra._public import public


@public("astra.payments")
@attrs.frozen(kw_only=True)
class ReconcileReport:
    """Counts of payments of unknown outcome, by what looking for them has come to.

    Attributes:
        made: they are there; their records say so now.
        refused: they are not there, and when they were sent last, Astra refused them or nothing was sent; their records
            say so now. Only with `resend_after`, when so much time has passed.
        not_found: all that may hold them was read, and they are not there. That is no proof that they will never be.
        ambiguous: something is there that may be it, or another payment; a person decides (`payments.resolve`).
        failed: they could not be looked for.
        in_progress: a process sends them just now.
        problems: the key of each that is ambiguous or failed, and why, one line each.
    """

    made: int = 0
    refused: int = 0
    not_found: int = 0
    ambiguous: int = 0
    failed: int = 0
    in_progress: int = 0
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def exit_code(self) -> int:
        """0 when nothing is unknown any more, else 1."""
        return int(bool(self.not_found or self.ambiguous or self.failed or self.in_progress))
