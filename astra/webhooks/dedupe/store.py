"""What a de-duplication store has to do. Subclass `DedupeStore` for your own."""

from __future__ import annotations

import abc
import secrets
from datetime import timedelta
from typing import Final, Literal

import attrs

from astra._closing import Closing
from astra.errors import ConfigurationError, DedupeStoreError
from astra.storage.family import Family

DEDUPE: Final = Family(
    name="de-duplication store",
    example="sqlite:///webhooks.db",
    error=DedupeStoreError,
    kinds=frozenset({"memory", "sqlite", "redis", "sql"}),
    options=frozenset({"retention_days"}),
)

DEFAULT_LEASE: Final = 300.0
"""Seconds that a claim lasts unless it is finished or given back."""

LEAST_RETENTION: Final = timedelta(days=1)
"""Astra repeats a delivery for up to ten hours: an event that is forgotten before that is handled twice."""


@attrs.frozen
class Claim:
    """The answer of `DedupeStore.claim`.

    Attributes:
        state: "claimed": the event is yours to handle; "in_progress": somebody else holds it; "done": it was handled.
        token: names your claim, for `DedupeStore.release`; empty unless state is "claimed".
    """

    state: Literal["claimed", "in_progress", "done"]
    token: str = ""


IN_PROGRESS: Final = Claim("in_progress")
DONE: Final = Claim("done")


class DedupeStore(Closing, abc.ABC):
    """Remembers events by id: open, claimed until some time, or done. Methods may block; they are thread-safe.

    A claim has to be one atomic step: of many concurrent calls for an id, one gets "claimed".
    """

    @abc.abstractmethod
    def claim(self, event_id: str, *, lease: float, now: float) -> Claim:
        """Claims an event, unless it is done or somebody's claim of it has not ended.

        Args:
            event_id: `WebhookEvent.id`.
            lease: seconds that the claim lasts.
            now: current time in epoch seconds.
        """

    @abc.abstractmethod
    def done(self, event_id: str, *, now: float) -> None:
        """Marks an event as handled, whoever holds the claim by now: the work has been done.

        Args:
            event_id: `WebhookEvent.id`.
            now: current time in epoch seconds.
        """

    @abc.abstractmethod
    def release(self, event_id: str, *, token: str) -> None:
        """Gives a claim back, so that the next delivery is handled; does nothing if the claim is no longer this one.

        Args:
            event_id: `WebhookEvent.id`.
            token: `Claim.token`.
        """

    def close(self) -> None:
        """Gives up connections; the store must not be used afterwards."""


def new_token() -> str:
    """Mints the name of a claim."""
    return secrets.token_hex(8)


def check_retention(retention: timedelta | None) -> timedelta | None:
    """Returns a retention that keeps what it promises.

    Args:
        retention: how long a done event is remembered; None forever.

    Raises:
        ConfigurationError: it is shorter than the time over which Astra repeats deliveries.
    """
    if retention is not None and retention < LEAST_RETENTION:
        raise ConfigurationError(
            f"retention must be at least {LEAST_RETENTION.days} day, or None, which keeps them forever: Astra repeats "
            "deliveries over hours, and an event that is forgotten before is handled twice."
        )
    return retention


class PurgeSchedule:
    """Tells when old events are due to be forgotten: on the first occasion, then once an hour.

    Args:
        retention: how long a done event is remembered; None forever.

    Raises:
        ConfigurationError: see `check_retention`.
    """

    def __init__(self, retention: timedelta | None) -> None:
        given = check_retention(retention)
        self._retention = None if given is None else given.total_seconds()
        self._next = float("-inf")

    def cutoff(self, now: float) -> float | None:
        """Returns the time before which events are to be forgotten now, or None when it is not the hour for it.

        Args:
            now: current time in epoch seconds.
        """
        if self._retention is None or now < self._next:
            return None
        self._next = now + 3600
        return now - self._retention
