"""What becomes of a message whose attempt has failed. Decisions only.

A call under an idempotency key is safe to repeat: the next one sends what was certainly not made, returns what was
made, and looks for what nobody knows. So it is tried again wherever that may help, and nowhere else:

    it raised                                             | then
    ------------------------------------------------------+-------------------------------------------------------
    nothing was sent: no connection, no token just now,   | again, later each time
    a store that fails                                    |
    RateLimitError                                        | again, when Astra says
    PaymentInProgressError                                | again, when its sender counts as dead
    UncertainOutcomeError                                 | again, which looks and sends nothing; not before beat's
                                                          | look, which reads each list once for all payments
    AmbiguousPaymentError                                 | a person decides
    a refusal, InvalidRequestError, ConfigurationError,   | final
    IdempotencyConflictError, ReauthorizationRequired     |
    anything else, such as a time limit of the worker     | again: its record says what is known
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Final

import attrs

from astra.errors import (
    AmbiguousPaymentError,
    APIConnectionError,
    APIError,
    AstraError,
    PaymentInProgressError,
    RateLimitError,
    StorageError,
    TokenUnavailableError,
    UncertainOutcomeError,
    UnreadableGrantError,
)
from astra.payments.record import PaymentRecord

LONGEST: Final = 300.0
"""Seconds between two attempts, at most, unless Astra asks for more. Redis delivers a message anew that waits for an
hour."""

AT_MOST: Final = 1800.0
"""Seconds that an answer may ask to wait."""


class Ending(enum.Enum):
    """Why a message is done with although its payment was not made."""

    REFUSED = "refused"
    """Astra said no."""
    IMPOSSIBLE = "impossible"
    """It can never be made as it is."""
    UNDECIDED = "undecided"
    """A person decides."""


@attrs.frozen
class Again:
    """Try it again.

    Attributes:
        seconds: after so many.
    """

    seconds: float


def after(
    error: BaseException, *, failures: int, look_after: float, chance: float, redelivered_after: float | None = None
) -> Again | Ending:
    """Tells what to do after an attempt that raised.

    Args:
        error: what it raised.
        failures: how many attempts have failed before.
        look_after: seconds before which it is not worth looking for a payment of unknown outcome.
        chance: from 0 to 1, so that not all come again in the same moment.
        redelivered_after: after how many seconds the broker delivers a message anew that waits at a worker, or None.
    """
    step = _after(error, failures=failures, look_after=look_after, chance=chance)
    if isinstance(step, Again) and redelivered_after is not None:
        # A message that waits for longer is there twice, and each of the two is tried again.
        return Again(min(step.seconds, redelivered_after / 2))
    return step


def _after(error: BaseException, *, failures: int, look_after: float, chance: float) -> Again | Ending:
    wait = min(2.0 ** min(failures, 16), LONGEST) * (0.5 + chance / 2)
    if isinstance(error, AmbiguousPaymentError):
        return Ending.UNDECIDED
    if isinstance(error, UncertainOutcomeError):
        return Again(max(wait, look_after * (1 + chance / 4)))
    if isinstance(error, PaymentInProgressError):
        return Again(max(wait, min(error.retry_after + 1, AT_MOST)))
    if isinstance(error, RateLimitError | TokenUnavailableError):
        return Again(max(wait, min(error.retry_after or 0.0, AT_MOST)))
    if isinstance(error, APIError):
        return Ending.REFUSED
    if isinstance(error, APIConnectionError) or (
        isinstance(error, StorageError) and not isinstance(error, UnreadableGrantError)
    ):
        return Again(wait)
    if isinstance(error, AstraError):
        return Ending.IMPOSSIBLE
    return Again(wait)


def was_looked_for(record: PaymentRecord, *, now: datetime, within: float, resend_after: timedelta | None) -> bool:
    """Tells whether a payment of unknown outcome needs no look now: there was one, and a next one is due soon.

    Args:
        record: the payment.
        now: the time.
        within: seconds between two looks.
        resend_after: after which it may be sent again, which takes a look of its own.
    """
    if resend_after is not None and now - record.sent >= resend_after:
        return False
    last = record.history[-1] if record.history else None
    return last is not None and last.event == "looked" and now - last.time < timedelta(seconds=within)
