"""Times on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import typer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str, *, now: datetime) -> datetime:
    """Reads a point in time.

    Args:
        text: how long ago ("90s", "30m", "12h", "5d", "2w"), or ISO 8601 such as "2026-11-24T12:00:00Z" or
            "2026-11-24"; without an offset it is UTC.
        now: the current time.

    Raises:
        typer.BadParameter: it is neither.
    """
    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    try:
        if ago is not None:
            return now - timedelta(**{UNITS[ago[2]]: float(ago[1])})
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is no time: write 30m, 12h or 5d for ago, or 2026-11-24T12:00Z") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
