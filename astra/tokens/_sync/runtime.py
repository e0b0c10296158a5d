# Derived from astra/tokens/_async/runtime.py by scripts/unasync.py: edit that file.
"""How the lifecycle calls what is foreign to it, the store above all, and how one caller works for all who wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from astra._flavours import Workers, start
from astra.errors import AstraError, ReauthorizationRequired, StorageError, TokenStoreError
from astra.storage.family import strip
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.single_flight import NO_RESULT, DeadlineExceeded, LocalState, Outcome, SharedCall
from astra.tokens.stores.bound import BoundStore

T = TypeVar("T")

STALL = 1.0
"""Seconds after a wait in vain in which no courtesy is asked of the store."""

Refresh = Callable[[str], TokenAnswer]
Hook = Callable[[ReauthorizationRequired], object | object]
AuthorizeUrl = Callable[[Grant], str | None]


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
    """Calls the store and leads shared calls. Nothing here decides anything."""

    def __init__(self) -> None:
        self._workers = Workers()
        self._stalled_until = 0.0

    @property
    def stalled(self) -> bool:
        """Whether the store has just let a caller wait in vain."""
        return time.monotonic() < self._stalled_until

    def call(self, store: BoundStore, function: Callable[[], T]) -> T:
        """Calls a method of the store: in a worker thread, unless the store never blocks."""
        value, error = self._workers.run(attempt, function) if store.blocking else attempt(function)
        if isinstance(error, StorageError) and error.timed_out:
            self._stalled_until = time.monotonic() + STALL
        if error is not None:
            raise error
        return value  # type: ignore[return-value]  # without an error there is a value

    def start(
        self,
        local: LocalState,
        call: SharedCall,
        body: Callable[[], Outcome],
        hook: Callable[[AstraError], None],
    ) -> None:
        """Starts the work of a shared call: then `call.result` gets its outcome, and the hook is called."""
        call.task = start(partial(self._run, local, call, body, hook))

    def _run(
        self,
        local: LocalState,
        call: SharedCall,
        body: Callable[[], Outcome],
        hook: Callable[[AstraError], None],
    ) -> None:
        outcome = NO_RESULT
        try:
            outcome = body()
        except DeadlineExceeded:
            pass
        except Exception as error:  # noqa: BLE001 - delivered to everyone who waits
            outcome = Outcome(error=error.with_traceback(None))
        finally:
            local.complete(call, outcome)
        if outcome.invalidated is not None:
            hook(outcome.invalidated)

    def close(self) -> None:
        """Ends the worker threads."""
        self._workers.close()
