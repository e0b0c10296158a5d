"""How a flight ends, and what those who waited for it do then. Plain values; no clock, no store, no network."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from astra.errors import AstraError, TokenStoreError
from astra.tokens.grant import Grant
from astra.tokens.policy import is_usable


@attrs.frozen
class Ready:
    """There is a grant to use."""

    grant: Grant


@attrs.frozen
class Failed:
    """No token, for now: what to raise. The grant is not known to be dead."""

    error: BaseException


@attrs.frozen(kw_only=True)
class Died:
    """The refresh token is dead.

    Attributes:
        error: what to raise.
        grant: as it is stored now; its access token may live on.
        first: set for the one flight, over all processes, that marked the grant: it owes the hook a call.
    """

    error: AstraError
    grant: Grant
    first: bool


@attrs.frozen
class Abandoned:
    """Nothing: the time of the flight was over, or what did its work went away. Who has time left starts another."""


Outcome: TypeAlias = Ready | Failed | Died | Abandoned


@attrs.frozen
class Use:
    """Go out with this grant."""

    grant: Grant


@attrs.frozen
class Spare:
    """Go out with the token at hand, and leave the store alone for a moment."""

    grant: Grant


@attrs.frozen
class Raise:
    """Raise this."""

    error: BaseException


@attrs.frozen
class Again:
    """Look again: start another flight, or join one."""


@attrs.frozen
class GiveUp:
    """There is no token in the time allowed."""


Step: TypeAlias = Use | Spare | Raise | Again | GiveUp


def next_step(
    outcome: Outcome | None, *, spare: Grant | None, rejected: str | None, now: float, leads: bool, is_late: bool
) -> Step:
    """What a caller does after it has waited for a flight.

    Args:
        outcome: how the flight ended, or None when it is still under way.
        spare: the grant at hand, if its token was usable when the caller came.
        rejected: the access token that was rejected, or None.
        now: seconds since the epoch.
        leads: whether the flight was started for this caller, with the token that was rejected here.
        is_late: whether the time of the caller is over.
    """
    if spare is not None and not is_usable(spare, now=now, rejected=rejected):
        spare = None
    match outcome:
        case Ready(grant):
            # Another's flight may have been satisfied with the very token that was rejected here.
            return Use(grant) if leads or is_usable(grant, now=now, rejected=rejected) else Again()
        case Died(error=error, grant=grant):
            return Use(grant) if is_usable(grant, now=now, rejected=rejected) else Raise(error)
        case Failed(error):
            return Spare(spare) if spare is not None and isinstance(error, TokenStoreError) else Raise(error)
        case Abandoned() if not is_late:
            return Again()
        case _:
            return GiveUp() if spare is None else Spare(spare)
