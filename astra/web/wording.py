"""Numbers, times and ages for people. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def number(value: float) -> str:
    """Returns a whole number with its thousands apart.

    Args:
        value: the number.
    """
    return f"{value:,.0f}"


def age(span: timedelta | float) -> str:
    """Returns how long something takes, in two units at most: "3 d 4 h", "12 min".

    Args:
        span: a time, or seconds. What lies in the future counts as nothing.
    """
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    if seconds < 1:
        return "0 s"
    for index, (unit, size) in enumerate(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            smaller = _UNITS[index + 1] if index + 1 < len(_UNITS) else None
            if smaller is None or unit in ("min", "s") or rest < smaller[1]:
                return f"{whole} {unit}"
            return f"{whole} {unit} {rest // smaller[1]} {smaller[0]}"
    raise AssertionError


def duration(milliseconds: float) -> str:
    """Returns a duration with three digits that count: "84 ms", "1.25 s".

    Args:
        milliseconds: the duration.
    """
    if milliseconds < 1_000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1_000:.3g} s" if milliseconds < 1_000_000 else f"{milliseconds / 1_000:,.0f} s"


def share(part: int, whole: int) -> str:
    """Returns a share in percent, never rounded to none or to all.

    Args:
        part: how many.
        whole: of how many.
    """
    if not whole or not part:
        return "0 %"
    percent = part / whole * 100
    if percent < 0.1:
        return "< 0.1 %"
    if part < whole and percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %" if percent < 10 or percent > 99 else f"{percent:.0f} %"


def clock(moment: datetime) -> str:
    """Returns a time to the second, in UTC.

    Args:
        moment: an aware datetime.
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def at(seconds: float) -> str:
    """Returns a time to the second, in UTC, or that it is none.

    Args:
        seconds: since the epoch.
    """
    try:
        return clock(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return "no time"
