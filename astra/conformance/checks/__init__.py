"""Every check, in the order in which a run makes them: what spoils something for others comes after those."""

from __future__ import annotations

from typing import Final

from astra.conformance.checks.errors import ERRORS, PASSIVE
from astra.conformance.checks.lists import LISTINGS
from astra.conformance.checks.module import MODULE
from astra.conformance.checks.payments import PAYMENTS, SETTLING
from astra.conformance.checks.tokens import LAST, TOKENS
from astra.conformance.checks.webhooks import HOOKS
from astra.conformance.outcome import Check

CHECKS: Final[tuple[Check, ...]] = (
    *MODULE,
    *TOKENS,
    *ERRORS,
    *PAYMENTS,
    *LISTINGS,
    *HOOKS,
    *SETTLING,
    *LAST,
    *PASSIVE,
)
