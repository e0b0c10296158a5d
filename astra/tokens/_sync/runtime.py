# Derived from astra/tokens/_async/runtime.py by scripts/unasync.py: edit that file.
"""How the lifecycle calls what is foreign to it, the store above all, and how a flight works for all who wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Final, TypeVar

from astra._flavours import Background, Workers
from astra.errors import AstraError, ReauthorizationRequired, StorageError, TokenStoreError
from astra.storage.family import strip
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.outcomes import Abandoned, Died, Failed, Outcome
from astra.tokens.single_flight import Flight, LocalState
from astra.tokens.stores.bound import BoundStore

T = TypeVar("T")

STALL = 1.0
"""Seconds after a wait in vain in which no courtesy is asked of the store."""
LANDING = 2.0
"""Seconds that flights get to land when their client is closed."""

Refresh = Callable[[str], TokenAnswer]
Hook = Callable[[ReauthorizationRequired], object | object]
AuthorizeUrl = Callable[[Grant], str | None]

refreshing: Final[ContextVar[str | None]] = ContextVar("astra_refreshing", default=None)
"""Whose tokens are being refreshed, for the ledger: what sends a refresh token is given that alone."""


def no_authorize_url(grant: Grant) -> str | None:  # noqa: ARG001 - stands in for a function of the grant
    """Where a user authorizes again, when nobody has said."""
    return None


def attempt(function: Callable[[], T]) -> tuple[T | None, AstraError | None]:
    """Calls the store. Its own failures become a `TokenStoreError` whose text and frames hold no token.

    A database driver's exception drags along frames with the statement's values, and often a detail line with the whole
    row; so the error is described here and raised anew by the caller, outside of this handler.
    """
    try:
        return function(), None
    except AstraError as error:
        strip(error)
        return None, error
    except Exception as error:  # noqa: BLE001 - stores are foreign code
        lines = str(error).splitlines() or [""]
        return None, TokenStoreError(f"The token store failed: {type(error).__name__}: {lines[0][:200]}")


class Runtime:
    """Calls the store and does the work of flights. Nothing here decides anything."""

    def __init__(self) -> None:
        self._workers = Workers()
        self._background = Background()
        self._stalled_until = 0.0

    @property
    def stalled(self) -> bool:
        """Whether the store has just let a caller wait in vain."""
        return time.monotonic() < self._stalled_until

    def call(self, store: BoundStore, function: Callable[[], T], *, to_its_end: bool = False) -> T:
        """Calls a method of the store: in a worker thread, unless the store never blocks.

        Args:
            store: the store.
            function: calls the method.
            to_its_end: a caller who is cancelled waits for the end of the method, so that what it did can be undone.
        """
        if store.blocking:
            run = self._workers.run_to_its_end if to_its_end else self._workers.run
            value, error = run(attempt, function)
        else:
            value, error = attempt(function)
        if isinstance(error, StorageError) and error.timed_out:
            self._stalled_until = time.monotonic() + STALL
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value

    def fly(
        self,
        local: LocalState,
        flight: Flight,
        work: Callable[[], Outcome],
        hook: Callable[[AstraError], None],
    ) -> None:
        """Starts the work of a flight: then `flight.result` gets its outcome, and the hook is called if it is owed."""
        flight.work = self._background.start(partial(self._fly, local, flight, work, hook))

    def _fly(
        self,
        local: LocalState,
        flight: Flight,
        work: Callable[[], Outcome],
        hook: Callable[[AstraError], None],
    ) -> None:
        outcome: Outcome = Abandoned()
        try:
            outcome = work()
        except Exception as error:  # noqa: BLE001 - delivered to everyone who waits
            outcome = Failed(error.with_traceback(None))
        finally:
            local.land(flight, outcome)
        if isinstance(outcome, Died) and outcome.first:
            hook(outcome.error)

    def join(self, flight: Flight, *, timeout: float) -> None:
        """Waits for the end of a flight's work, the hook included."""
        self._background.join(flight.work, timeout=timeout)

    def finish(self, work: Callable[[], T], *, lost: Callable[[BaseException], None]) -> T:
        """Does work that goes on when its caller is cancelled; `lost` is told of a failure that nobody waits for."""
        return self._background.finish(work, lost=lost)

    def close(self) -> None:
        """Gives flights a moment to land, and ends the worker threads."""
        self._background.settle(seconds=LANDING)
        self._workers.close()
