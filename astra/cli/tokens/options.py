"""Options and outputs that several commands about grants share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from astra.tokens import Grant

StoreOption = Annotated[
    str | None, typer.Option("--store", help="URL of the token store; default: ASTRA_TOKEN_STORE.", metavar="URL")
]
EverybodyOption = Annotated[
    bool, typer.Option("--all-identities", help="Grants of all environments and clients, not only of this one.")
]
PlainOption = Annotated[bool, typer.Option("--accept-plain", help="Also take tokens that are not encrypted yet.")]


def format_time(seconds: float) -> str:
    """Returns a time as people and programs read it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{seconds!r} s"


def describe(grant: Grant) -> dict[str, Any]:
    """What may be shown of a grant: everything but its tokens."""
    return {
        "key": grant.key,
        "environment": grant.identity.environment or None,
        "client_id": grant.identity.client_id or None,
        "state": grant.state,
        "astra_user_id": grant.astra_user_id,
        "refreshed_at": format_time(grant.refreshed_at),
        "access_expires_at": format_time(grant.access_expires_at),
        "refresh_expires_at": format_time(grant.refresh_expires_at),
        "failures": grant.failures,
        "next_attempt_at": format_time(grant.next_attempt_at) if grant.next_attempt_at else None,
        "dead_since": None if grant.dead_since is None else format_time(grant.dead_since),
        "dead_reason": grant.dead_reason,
        "row_version": grant.version,
    }
