"""When a call may be sent again, and after how long. Decisions only; nothing here waits or sends.

| what happened                          | read         | write  | payment                 |
|----------------------------------------|--------------|--------|-------------------------|
| the request never left                 | again        | again  | again                   |
| 429: refused before it was processed   | again        | again  | again                   |
| no answer after it was sent            | again        | raise  | raise, outcome unknown  |
| 408 or 5xx                             | again        | raise  | raise, outcome unknown  |
| 401, Astra's own token error           | up to 6 times| as read| once, with a new token  |
| 401 of another kind                    | twice        | as read| raise                   |
| 499, 1xx or 3xx                        | raise        | raise  | raise, outcome unknown  |
| any other 4xx                          | raise        | raise  | raise                   |
"""

from __future__ import annotations

import enum
import math
import random
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 8.0


class Safety(enum.Enum):
    """What sending a call twice would mean."""

    READ = "read"
    WRITE = "write"
    MONEY = "money"


def is_retryable_status(status: int, *, safety: Safety) -> bool:
    """Tells whether an answer with this status allows to send the call again."""
    if status == 429:
        return True
    return safety is Safety.READ and (status == 408 or status >= 500)


def is_outcome_unknown(status: int) -> bool:
    """Tells whether a write that got this status may have been processed all the same.

    4xx is a refusal. 5xx, 408 and 499 come from servers or proxies that may have passed the request on; a redirect
    or an informational status says nothing about the payment.
    """
    return status >= 500 or status in (408, 499) or status < 400


def backoff(retry_number: int, *, retry_after: float | None, random_unit: Callable[[], float] = random.random) -> float:
    """Returns the seconds to wait before a retry.

    Args:
        retry_number: 0 for the first retry.
        retry_after: seconds that the server asked for; None when it did not.
        random_unit: source of numbers from 0 to 1; full jitter keeps many workers from coming back at once.
    """
    ceiling = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(retry_number, 16))
    if retry_after is not None:
        # Never earlier than asked; a little later, spread out, because everyone was told the same moment.
        return retry_after + random_unit() * min(1.0, 0.1 * retry_after)
    return random_unit() * ceiling


def retry_after_seconds(headers: Mapping[str, str], *, now: float) -> float | None:
    """Reads `Retry-After`, as seconds or as a date, and `retry-after-ms`.

    Args:
        headers: by lower-case name.
        now: current time as epoch seconds.

    Returns:
        Seconds from now, never negative; None when the header is missing or cannot be read.
    """
    milliseconds = headers.get("retry-after-ms")
    if milliseconds is not None:
        value = _finite(milliseconds)
        if value is not None:
            return max(0.0, value / 1000.0)
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _finite(text)
    if seconds is not None:
        return max(0.0, seconds)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # an HTTP date means UTC; Python would take one without a zone for local time
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)


def _finite(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
