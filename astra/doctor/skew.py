"""How far this machine's clock is from Astra's, by the `Date` header of an answer. Decisions only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from astra.doctor.findings import Finding, Status

CHECK: Final = "api.clock"
WARN, FAIL = 30.0, 300.0
"""Seconds of difference that are too many."""

SECONDS: Final = re.compile(r"\s*[0-9]{1,9}\s*")

HALF_A_SECOND: Final = 0.5
"""The header counts whole seconds, so on average it is that much behind."""


def server_time(headers: Mapping[str, str]) -> float | None:
    """Returns what time it was where the answer was made (seconds since the epoch), or None.

    Args:
        headers: of the answer, by lower-case name.
    """
    try:
        date = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    moment = date.replace(tzinfo=date.tzinfo or UTC)
    age = headers.get("age")
    # A cache has kept the answer for so long, with the date that it had.
    kept = int(age) if age is not None and SECONDS.fullmatch(age) else 0
    return moment.timestamp() + kept + HALF_A_SECOND


def judge(headers: Mapping[str, str], *, before: float, after: float) -> Finding:
    """Judges the clock of this machine.

    Args:
        headers: of an answer, by lower-case name.
        before: this machine's time when the request was sent (seconds since the epoch).
        after: the same when the answer was there.
    """
    theirs = server_time(headers)
    if theirs is None:
        return Finding(
            check=CHECK,
            status="warn",
            message="the answer has no Date header that can be read, so the clock could not be compared",
            advice="Compare this machine's clock by other means, e.g. timedatectl or chronyc tracking.",
        )
    seconds = (before + after) / 2 - theirs
    apart = abs(seconds)
    status: Status = "fail" if apart > FAIL else "warn" if apart > WARN else "ok"
    side = "ahead of" if seconds > 0 else "behind"
    return Finding(
        check=CHECK,
        status=status,
        message=f"this machine's clock is {apart:.0f} s {side} Astra's",
        advice=""
        if status == "ok"
        else "Have the clock set by NTP: by a wrong one, tokens are refreshed too late or far too often.",
        details={"seconds": round(seconds, 1)},
    )
