"""Whether payments are kept as they should be, and whether one waits for people. Decisions only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from astra.doctor.findings import Finding
from astra.doctor.grants import shown_identity
from astra.tokens.identity import Identity

CHECK: Final = "idempotency_store"

PATIENCE: Final = timedelta(hours=1)
"""So long the outcome of a payment may be unknown before people are told."""


def judge_memory(*, is_production: bool) -> Finding:
    """Judges a store in memory.

    Args:
        is_production: whether real money is moved.
    """
    return Finding(
        check=f"{CHECK}.place",
        status="fail" if is_production else "warn",
        message="payments are remembered in memory: the same key pays once more in every other process, and after a "
        "restart",
        advice="Name a durable store with ASTRA_IDEMPOTENCY_STORE.",
        details={"place": "memory://", "exists": True},
    )


def judge_shared() -> Finding:
    """What it comes to when payments and grants are in the same file."""
    return Finding(
        check=f"{CHECK}.shared",
        status="warn",
        message="payments are kept in the file of the token store: who puts back a copy of that file forgets the "
        "payments made since, and their keys pay once more",
        advice="Give ASTRA_IDEMPOTENCY_STORE a file of its own, unless you never put back copies.",
    )


def judge_open(count: int, *, first: datetime | None, now: datetime, is_complete: bool) -> Finding:
    """Judges payments of unknown outcome.

    Args:
        count: how many there are.
        first: when the one was sent that waits longest, or None.
        now: the time (aware).
        is_complete: whether all were counted.
    """
    check = f"{CHECK}.uncertain"
    details: dict[str, Any] = {"payments": count, "complete": is_complete}
    if first is None:
        return Finding(check=check, status="ok", message="no payment has an unknown outcome", details=details)
    many = f"{count} payment(s) have an unknown outcome" + ("" if is_complete else ", there are more")
    details["first_sent"] = f"{first:%Y-%m-%dT%H:%M:%SZ}"
    if now - first < PATIENCE:
        return Finding(check=check, status="ok", message=f"{many}, since less than an hour", details=details)
    return Finding(
        check=check,
        status="warn",
        message=f"{many}, the first since {first:%Y-%m-%d %H:%M:%S} UTC",
        advice="astra payments reconcile looks for them, and says who has to do what; have cron run it.",
        details=details,
    )


def judge_payers(*, has_own: bool, other: Identity | None, mine: Identity) -> Finding:
    """Judges whose payments are there.

    Args:
        has_own: whether there are some of this client.
        other: somebody who has some there, or None.
        mine: the client's identity.
    """
    check, shown = f"{CHECK}.identities", shown_identity(mine)
    details = {"own": has_own, "other": None if other is None else shown_identity(other)}
    if has_own:
        return Finding(check=check, status="ok", message=f"payments of {shown}", details=details)
    if other is None:
        return Finding(check=check, status="ok", message="no payments yet", details=details)
    return Finding(
        check=check,
        status="warn",
        message=f"no payments of {shown}, but of others, such as {shown_identity(other)}",
        advice="Check client id, environment and hosts, unless this client has paid nothing yet.",
        details=details,
    )
