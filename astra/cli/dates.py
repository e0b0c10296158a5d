"""Times and durations on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import typer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def parse_duration(text: str) -> timedelta:
    """Reads a duration.

    Args:
        text: a number and a unit: "90s", "30m", "12h", "5d", "2w".

    Raises:
        typer.BadParameter: it is something else.
    """
    match = _DURATION.fullmatch(text.strip())
    try:
        if match is not None:
            return timedelta(**{UNITS[match[2]]: float(match[1])})
    except OverflowError:
        pass
    raise typer.BadParameter(f"{text!r} is not a duration. Write for example 90s, 30m, 12h, 5d or 2w.")


def parse_time(text: str, *, now: datetime) -> datetime:
    """Reads a point in time.

    Args:
        text: how long ago, as for `parse_duration`, or ISO 8601 such as "2026-11-24T12:00:00Z" or "2026-11-24"; without
            an offset it is UTC.
        now: the current time.

    Raises:
        typer.BadParameter: it is neither.
    """
    try:
        if _DURATION.fullmatch(text.strip()):
            return now - parse_duration(text)
        time = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError, typer.BadParameter):
        raise typer.BadParameter(
            f"{text!r} is not a time. Write how long ago (30m, 12h, 5d, 2w) or a date such as 2026-11-24T12:00Z."
        ) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
