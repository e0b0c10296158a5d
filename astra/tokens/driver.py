"""What threads and tasks do differently: wait, sleep, call a blocking store, lead a flight, call a hook.

The lifecycle is written once, over the async half; its sync twin uses the other half. Nothing here decides anything.
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
import inspect
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from astra.errors import AstraError, ReauthorizationRequired, StorageError, TokenStoreError
from astra.storage.family import strip
from astra.tokens.flights import ABANDONED, Flight, LocalState, Outcome
from astra.tokens.grant import Grant, TokenAnswer
from astra.tokens.stores.base import TokenStore

T = TypeVar("T")
logger = logging.getLogger("astra.tokens")

STALL = 1.0
"""Seconds after a wait in vain in which no courtesy is asked of the store."""

AsyncRefresh = Callable[[str], Awaitable[TokenAnswer]]
Refresh = Callable[[str], TokenAnswer]
AuthorizeUrl = Callable[[Grant], str | None]
AsyncHook = Callable[[ReauthorizationRequired], Awaitable[None] | None]
Hook = Callable[[ReauthorizationRequired], None]


class GaveUp(Exception):
    """The time allowed for a flight is over. Its waiters, who may have more time, start another."""


def no_authorize_url(grant: Grant) -> str | None:  # noqa: ARG001 - stands in for a function of the grant
    """Where a user authorizes again, when nobody has said."""
    return None


def never() -> bool:
    """Stops nothing."""
    return False


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


class _Stall:
    """Remembers for a moment that a store did not answer in time."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def stalled(self) -> bool:
        """Whether the store has just let a caller wait in vain."""
        return time.monotonic() < self._until

    def settle(self, value: T | None, error: AstraError | None) -> T:
        """Returns the value of a call of the store, or raises its error."""
        if error is None:
            return value  # type: ignore[return-value]  # without an error there is a value
        if isinstance(error, StorageError) and error.timed_out:
            self._until = time.monotonic() + STALL
        raise error


def fresh_copy(error: BaseException) -> BaseException:
    """A copy of an error for one more waiter, so that threads do not write into each other's traceback."""
    if isinstance(error, AstraError):
        return copy.copy(error).with_traceback(None)
    return error


class AsyncDriver(_Stall):
    """Runs the lifecycle on asyncio. A flight is a task of its own, so a cancelled caller does not take it along."""

    def __init__(self) -> None:
        super().__init__()
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()

    async def call(self, store: TokenStore, function: Callable[[], T]) -> T:
        """Calls a store method: in a worker thread, unless the store never blocks."""
        if store.blocking:
            loop = asyncio.get_running_loop()
            value, error = await loop.run_in_executor(self._workers(), attempt, function)
        else:
            value, error = attempt(function)
        return self.settle(value, error)

    def _workers(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._executor is None or self._pid != os.getpid():
                self._executor = ThreadPoolExecutor(4, thread_name_prefix="astra-tokens")
                self._pid = os.getpid()
            return self._executor

    async def sleep(self, seconds: float) -> None:
        """Sleeps."""
        await asyncio.sleep(seconds)

    async def lead(
        self,
        local: LocalState,
        flight: Flight,
        body: Callable[[], Awaitable[Outcome]],
        hook: Callable[[AstraError], Awaitable[None]],
    ) -> None:
        """Starts the flight's work; `wait` for its outcome, `linger` for its hook."""
        flight.task = asyncio.create_task(self._fly(local, flight, body, hook))

    async def _fly(
        self,
        local: LocalState,
        flight: Flight,
        body: Callable[[], Awaitable[Outcome]],
        hook: Callable[[AstraError], Awaitable[None]],
    ) -> None:
        outcome = ABANDONED
        try:
            outcome = await body()
        except GaveUp:
            pass
        except Exception as error:  # noqa: BLE001 - delivered to everyone who waits
            outcome = Outcome(error=error.with_traceback(None))
        finally:
            local.land(flight, outcome)
        if outcome.died is not None:
            await hook(outcome.died)

    async def wait(self, flight: Flight, *, timeout: float) -> Outcome | None:
        """Waits for the flight to land, at most `timeout` seconds; None when it did not."""
        landed = asyncio.wrap_future(flight.landed)
        await asyncio.wait([landed], timeout=max(timeout, 0.0))
        return flight.landed.result() if flight.landed.done() else None

    async def linger(self, flight: Flight) -> None:
        """Waits until the hook of a flight that this caller led has returned."""
        await asyncio.wait([flight.task])

    def flight_ends(self, *, caller: float, most: float) -> float:
        """When the flight's work gives up: a task of its own outlives its caller's deadline."""
        return max(caller, most)

    async def notify(self, hook: AsyncHook, error: ReauthorizationRequired) -> None:
        """Calls the hook, plain or async."""
        waiting = hook(error)
        if inspect.isawaitable(waiting):
            await waiting

    async def together(self, count: int, work: Callable[[], Awaitable[None]], interrupt: Callable[[], None]) -> None:
        """Runs the work in so many tasks and waits for all; one that fails, or a cancellation, ends the rest."""
        workers = [asyncio.ensure_future(work()) for _ in range(count)]
        try:
            await asyncio.gather(*workers)
        except BaseException:
            interrupt()
            await asyncio.wait(workers)
            raise

    async def aclose(self) -> None:
        """Ends the worker threads."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None and self._pid == os.getpid():
            executor.shutdown(wait=False)


class Driver(_Stall):
    """Runs the lifecycle on threads. The thread that leads a flight does its work; the others wait."""

    def call(self, store: TokenStore, function: Callable[[], T]) -> T:  # noqa: ARG002 - as its async twin
        """Calls a store method."""
        return self.settle(*attempt(function))

    def sleep(self, seconds: float) -> None:
        """Sleeps."""
        time.sleep(seconds)

    def lead(
        self,
        local: LocalState,
        flight: Flight,
        body: Callable[[], Outcome],
        hook: Callable[[AstraError], None],
    ) -> None:
        """Does the flight's work, lands it, then calls the hook."""
        outcome = ABANDONED
        try:
            outcome = body()
        except GaveUp:
            pass
        except Exception as error:  # noqa: BLE001 - delivered to everyone who waits
            outcome = Outcome(error=error.with_traceback(None))
        finally:
            local.land(flight, outcome)
        if outcome.died is not None:
            hook(outcome.died)

    def wait(self, flight: Flight, *, timeout: float) -> Outcome | None:
        """Waits for the flight to land, at most `timeout` seconds; None when it did not."""
        try:
            return flight.landed.result(max(timeout, 0.0))
        except TimeoutError:
            return None

    def linger(self, flight: Flight) -> None:
        """Nothing to wait for: the leader has called the hook itself."""

    def flight_ends(self, *, caller: float, most: float) -> float:
        """When the flight's work gives up: the thread that does it has its own deadline."""
        return min(caller, most)

    def notify(self, hook: Hook, error: ReauthorizationRequired) -> None:
        """Calls the hook."""
        hook(error)

    def together(self, count: int, work: Callable[[], None], interrupt: Callable[[], None]) -> None:
        """Runs the work in so many threads and waits for all; one that fails, or an interrupt, ends the rest."""
        failures: list[BaseException] = []

        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
                failures.append(error)
                interrupt()

        context = contextvars.copy_context()
        threads = [
            threading.Thread(target=context.copy().run, args=(guarded,), name=f"astra-keep-alive-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            interrupt()
            for thread in threads:
                thread.join()
            raise
        if failures:
            raise failures[0]

    def close(self) -> None:
        """Nothing to end."""
