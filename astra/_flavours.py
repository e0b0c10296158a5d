"""All that differs between threads and asyncio. Derived code needs both flavours of a thing under one name.

`AsyncX` and `async_x` are for event loops, `X` and `x` are their blocking twins: `scripts/unasync.py` turns the first
names into the second. Nothing here knows what it is used for.

Worker threads. What the SDK itself runs in threads, which is its stores, has a few threads of its own (`AsyncWorkers`).
What users hand in, a callback that blocks, has other threads, and many of them. If both shared some, or took the
default threads of the event loop (six on two processors), a handful of slow callbacks would keep every token, every
finished webhook and the application's own work waiting, until leases end and work is done twice.
"""

from __future__ import annotations

import contextvars
import inspect
import os
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Protocol, TypeVar

from astra.errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    import asyncio

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

WORKER_THREADS = 4
CALLBACK_THREADS = 40
LAST_MOMENT = 2.0
"""Seconds that work in the background gets at the end of the process."""


async def async_sleep(seconds: float) -> None:
    """Lets other tasks run for `seconds`."""
    import asyncio

    await asyncio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Blocks this thread for `seconds`."""
    time.sleep(seconds)


# -- functions of others -------------------------------------------------------------------------------------------


async def async_resolve(result: object) -> None:
    """Awaits what a function of the user returned, when the function was async."""
    if inspect.isawaitable(result):
        await result


def resolve(result: object) -> None:
    """Refuses what a function of the user returned, when the function was async.

    Raises:
        InvalidRequestError: nothing here can await it.
    """
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise InvalidRequestError("An async function needs the async class: AsyncAstra, AsyncWebhookHandler.")


async def async_invoke(workers: AsyncWorkers, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Calls a function of the user: an async one here, a plain one in one of the threads, so that it may block."""
    called: object = getattr(function, "__call__", None)  # noqa: B004  (an object with an async __call__)
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called):
        result = function(*args, **kwargs)
    else:
        result = await workers.run(function, *args, **kwargs)
    await async_resolve(result)


def invoke(workers: Workers, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Calls a function of the user.

    Raises:
        InvalidRequestError: the function is async.
    """
    resolve(workers.run(function, *args, **kwargs))


# -- worker threads ------------------------------------------------------------------------------------------------


class AsyncWorkers:
    """Runs what blocks in threads of its own, which start when they are first needed, after a fork anew.

    Args:
        threads: how many at most.
    """

    __slots__ = ("_executor", "_lock", "_pid", "_threads_at_most")

    def __init__(self, *, threads: int = WORKER_THREADS) -> None:
        self._threads_at_most = threads
        self._executor: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function in a thread, with the context variables of the caller."""
        import asyncio

        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads(), lambda: context.run(function, *args, **kwargs))

    async def run_to_its_end(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `run`, but a caller who is cancelled leaves after the function has ended, not before."""
        import asyncio

        context = contextvars.copy_context()
        future = self._threads().submit(lambda: context.run(function, *args, **kwargs))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if not future.done():
                await asyncio.wait([asyncio.wrap_future(future)])
            raise

    def _threads(self) -> ThreadPoolExecutor:
        if self._pid != os.getpid():
            # The parent's threads are not in a forked child, and another of them may have held the lock.
            self._lock, self._executor, self._pid = threading.Lock(), None, os.getpid()
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(self._threads_at_most, thread_name_prefix="astra-worker")
            return self._executor

    def close(self) -> None:
        """Ends the threads once they are idle. A later `run` starts new ones."""
        if self._pid == os.getpid():
            with self._lock:
                executor, self._executor = self._executor, None
            if executor is not None:
                executor.shutdown(wait=False)


class Workers:
    """The blocking twin: the calling thread does the work."""

    __slots__ = ()

    def __init__(self, *, threads: int = WORKER_THREADS) -> None:
        """Takes what the twin takes."""

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the function."""
        return function(*args, **kwargs)

    run_to_its_end = run

    def close(self) -> None:
        """Has nothing to end."""


def _stay() -> bool:
    return False


LOOK = 0.05
"""Seconds after which who waits for many asks whether to leave."""


async def async_run_many(
    count: int,
    work: Callable[[], Awaitable[None]],
    interrupt: Callable[[], None],
    *,
    leave: Callable[[], bool] = _stay,
    grace: float = 0.0,
) -> None:
    """Runs the work in `count` tasks and waits for all. When one fails or this is cancelled, `interrupt` ends them.

    Args:
        count: how many.
        work: what each does.
        interrupt: asks all to end.
        leave: whether the caller wants to leave. What has not ended `grace` seconds later is cancelled.
        grace: see `leave`.
    """
    import asyncio

    workers = [asyncio.ensure_future(work()) for _ in range(count)]
    together, left_at = asyncio.gather(*workers), float("inf")
    try:
        while not together.done():
            await asyncio.wait([together], timeout=LOOK)
            if leave():
                left_at = min(left_at, time.monotonic())
            if time.monotonic() >= left_at + grace and not together.done():
                for worker in workers:
                    worker.cancel()
                await asyncio.wait(workers)
                return
        await together
    except BaseException:
        interrupt()
        together.cancel()
        await asyncio.wait(workers)
        raise
    finally:
        together.add_done_callback(_look_at)


def _look_at(ended: asyncio.Future[Any]) -> None:
    """Looks at how it ended, because asyncio complains of errors that nobody looked at."""
    if not ended.cancelled():
        ended.exception()


def run_many(
    count: int,
    work: Callable[[], None],
    interrupt: Callable[[], None],
    *,
    leave: Callable[[], bool] = _stay,
    grace: float = 0.0,
) -> None:
    """Runs the work in `count` threads and waits for all. When one fails, or at Ctrl-C, `interrupt` ends the others.

    Each thread has a copy of the caller's context variables, as tasks have.

    Args:
        count: how many.
        work: what each does.
        interrupt: asks all to end.
        leave: whether the caller wants to leave. What has not ended `grace` seconds later goes on by itself, and keeps
            no process alive.
        grace: see `leave`.
    """
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            failures.append(error)
            interrupt()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(guarded,), name=f"astra-{number}", daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        left_at = float("inf")
        while running := [thread for thread in threads if thread.is_alive()]:
            if leave():
                left_at = min(left_at, time.monotonic())
            if time.monotonic() >= left_at + grace:
                break
            running[0].join(LOOK)
    except BaseException:
        interrupt()
        for thread in threads:
            thread.join()
        raise
    if failures:
        raise failures[0]


# -- work that others wait for -------------------------------------------------------------------------------------


class AsyncBackground:
    """Work that goes on when those who wait for it have left: each in a task of its own."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Starts the work."""
        import asyncio

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def join(self, started: Any, *, timeout: float) -> None:
        """Waits for the end of what `start` returned, whatever that end is, at most `timeout` seconds."""
        import asyncio

        await asyncio.wait([started], timeout=max(timeout, 0.0))

    async def finish(self, work: Callable[[], Coroutine[Any, Any, T]], *, lost: Callable[[BaseException], None]) -> T:
        """Returns what the work returns. A caller who is cancelled leaves at once, and the work goes on.

        Args:
            work: what has to be brought to its end.
            lost: told of a failure that its caller has not waited for.
        """
        import asyncio

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.add_done_callback(lambda ended: _tell(ended, lost))
            raise
        return task.result()

    async def settle(self, *, seconds: float) -> None:
        """Waits until no work of this event loop is left, at most `seconds`."""
        import asyncio

        loop = asyncio.get_running_loop()
        mine = [task for task in tuple(self._tasks) if task.get_loop() is loop]
        if mine:
            await asyncio.wait(mine, timeout=seconds)


def _tell(ended: asyncio.Task[Any], lost: Callable[[BaseException], None]) -> None:
    if ended.cancelled():
        lost(RuntimeError("its event loop was shut down"))
    elif (error := ended.exception()) is not None:
        lost(error)


class Background:
    """The blocking twin: each work in a thread of its own, with the context variables of its caller.

    The threads keep no process alive. At its end they get a moment, so that what they hold is given back.
    """

    __slots__ = ("__weakref__", "_threads")

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        weakref.finalize(self, _settle, self._threads, seconds=LAST_MOMENT)

    def start(self, work: Callable[[], None]) -> threading.Thread:
        """Starts the work."""

        def run() -> None:
            try:
                work()
            finally:
                self._threads.discard(thread)

        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(run,), name="astra-work", daemon=True)
        self._threads.add(thread)
        thread.start()
        return thread

    def join(self, started: threading.Thread, *, timeout: float) -> None:
        """Waits for the end of what `start` returned, at most `timeout` seconds."""
        started.join(max(timeout, 0.0))

    def finish(self, work: Callable[[], T], *, lost: Callable[[BaseException], None]) -> T:
        """Returns what the work returns. A caller who is interrupted (Ctrl-C) leaves at once, and the work goes on.

        Args:
            work: what has to be brought to its end.
            lost: told of a failure that its caller has not waited for.
        """
        result: Future[T] = Future()
        left = threading.Event()

        def run() -> None:
            try:
                result.set_result(work())
            except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
                if left.is_set():
                    lost(error)
                result.set_exception(error)

        try:
            self.start(run)
            wait_for([result])
        except BaseException:
            left.set()
            raise
        return result.result()

    def settle(self, *, seconds: float) -> None:
        """Waits until no work is left, at most `seconds`."""
        _settle(self._threads, seconds=seconds)


def _settle(threads: set[threading.Thread], *, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    for thread in tuple(threads):
        if thread is not threading.current_thread():
            thread.join(max(give_up - time.monotonic(), 0.0))


async def async_finish(work: Callable[[], Coroutine[Any, Any, T]], left: set[Any]) -> T:
    """Runs the work in a task of its own and waits for it. A caller who is cancelled leaves at once; the work goes on.

    Args:
        work: what has to be brought to its end.
        left: holds the tasks whose callers have left, until they end; see `async_end_left`.

    Raises:
        RuntimeError: something else ended the task.
    """
    import asyncio

    task = asyncio.create_task(work())
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        left.add(task)
        task.add_done_callback(lambda ended: _forget(ended, left))
        raise
    if task.cancelled():
        raise RuntimeError("its task was cancelled")
    return task.result()


def _forget(task: asyncio.Task[Any], left: set[Any]) -> None:
    left.discard(task)
    _look_at(task)


def finish(work: Callable[[], T], left: set[Any]) -> T:  # noqa: ARG001  (its twin keeps tasks there)
    """Does the work in this thread."""
    return work()


async def async_end_left(left: set[Any]) -> None:
    """Cancels the tasks whose callers have left, and waits for the end of those of this loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    mine: list[asyncio.Task[Any]] = []
    for task in tuple(left):
        home: asyncio.AbstractEventLoop = task.get_loop()
        if home is loop:
            task.cancel()
            mine.append(task)
        elif not home.is_closed():
            home.call_soon_threadsafe(task.cancel)
    if mine:
        await asyncio.wait(mine)


def end_left(left: set[Any]) -> None:
    """Has nothing to end: the work was done in the callers' threads."""


async def async_wait(future: Future[T], *, timeout: float) -> T | None:
    """Waits for a result that any thread may set, at most `timeout` seconds; None when it did not come."""
    import asyncio

    await asyncio.wait([asyncio.wrap_future(future)], timeout=max(timeout, 0.0))
    return future.result() if future.done() else None


def wait(future: Future[T], *, timeout: float) -> T | None:
    """Waits for a result that any thread may set, at most `timeout` seconds; None when it did not come."""
    try:
        return future.result(max(timeout, 0.0))
    except TimeoutError:
        return None


# -- exchanges that cancellation must not reach ----------------------------------------------------------------------


class AsyncApart:
    """Runs work in tasks of its own, so that cancelling the caller does not stop the work in the middle of things."""

    __slots__ = ("_tasks",)

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]], *, interrupt: Callable[[], None]) -> T:
        """Returns what the work returns. When the caller is cancelled, `interrupt` asks the work to end by itself."""
        import asyncio

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                interrupt()
            raise

    async def settle(self, *, seconds: float) -> None:
        """Waits until no work is left. What does not end in time is cancelled after all."""
        import asyncio

        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=seconds)


class Apart:
    """The blocking twin: a thread cannot be cancelled, so the caller does the work."""

    __slots__ = ()

    def run(self, work: Callable[[], T], *, interrupt: Callable[[], None]) -> T:  # noqa: ARG002 - as its twin
        """Returns what the work returns."""
        return work()

    def settle(self, *, seconds: float) -> None:
        """Has nothing to wait for."""


def async_within(seconds: float) -> AbstractAsyncContextManager[Any]:
    """Cancels what is awaited in the block after `seconds`, and raises TimeoutError then."""
    import asyncio

    return asyncio.timeout(max(seconds, 0.0))


def within(seconds: float) -> AbstractContextManager[Any]:  # noqa: ARG001 - as its twin
    """Has no way to stop a blocking call."""
    return nullcontext()


def async_require_asyncio() -> None:
    """Refuses to run anywhere but in asyncio.

    Raises:
        ConfigurationError: no asyncio loop runs in this thread; another library's may.
    """
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "AsyncAstra works with asyncio (and uvloop), and no asyncio loop is running here. "
            "Under trio use the blocking Astra in a thread: await trio.to_thread.run_sync(...)."
        ) from None


def require_asyncio() -> None:
    """Blocking calls work anywhere."""


# -- connections ---------------------------------------------------------------------------------------------------


class AsyncClosable(Protocol):
    """What holds connections."""

    async def aclose(self) -> None:
        """Closes them."""
        ...


class Closable(Protocol):
    """The blocking twin."""

    def close(self) -> None:
        """Closes the connections."""
        ...


C = TypeVar("C", bound=AsyncClosable)
D = TypeVar("D", bound=Closable)

PATIENCE: Final = 5.0
"""Seconds that closing waits for a loop in another thread."""


def keep_for_ever(inherited: object) -> None:
    """Keeps what a forked child got from its parent until the process ends, so that no destructor touches it.

    The sockets in it are the parent's, too: closing them properly would end connections that the parent uses.
    """
    weakref.finalize(threading.main_thread(), len, (inherited,)).atexit = False


class AsyncLoopLocal(Generic[C]):
    """Keeps one value for each running event loop.

    Connections belong to the loop that opened them, and a client may live through several `asyncio.run` calls, or serve
    loops in several threads. A value is closed when its loop shuts down, or when nobody refers to this any more.
    """

    __slots__ = ("__weakref__", "_by_loop", "_closers")

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, C] = {}
        self._closers: dict[asyncio.AbstractEventLoop, AsyncGenerator[None]] = {}
        # Held from outside, so that a garbage collector that finds this in a cycle does not take the values along:
        # their closers are let go first, and close them in their loops.
        weakref.finalize(self, _let_go, (self._by_loop, self._closers), os.getpid()).atexit = False

    async def get(self, make: Callable[[], C]) -> C:
        """Returns the value of the loop that runs in this thread, made at the first time."""
        import asyncio

        loop = asyncio.get_running_loop()
        kept = self._by_loop.get(loop)
        if kept is not None:
            return kept
        for other in [other for other in self._by_loop if other.is_closed()]:
            self._by_loop.pop(other, None)
            self._closers.pop(other, None)
        value = self._by_loop[loop] = make()
        # A loop closes its unfinished async generators when it shuts down. That is the one moment at which
        # connections can still be closed properly, and the one hook that asyncio offers for it.
        closer = self._closers[loop] = _close_at_shutdown(value)
        await anext(closer)
        return value

    async def aclose(self) -> None:
        """Closes all values, each in its loop; a loop that does not run now closes its own when it shuts down."""
        import asyncio

        here = asyncio.get_running_loop()
        closers = dict(self._closers)
        self._by_loop.clear()
        self._closers.clear()
        for loop, closer in closers.items():
            if loop is here:
                await closer.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(_ended(closer), loop)
                await asyncio.wait([asyncio.wrap_future(closing)], timeout=PATIENCE)


async def _ended(closer: AsyncGenerator[None]) -> None:
    await closer.aclose()


def _let_go(values: object, pid: int) -> None:
    if pid != os.getpid():
        keep_for_ever(values)


async def _close_at_shutdown(value: AsyncClosable) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await value.aclose()


class LoopLocal(Generic[D]):
    """The blocking twin: one value, whatever loop the calling thread happens to run."""

    __slots__ = ("__weakref__", "_lock", "_value")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: D | None = None

    def get(self, make: Callable[[], D]) -> D:
        """Returns the value, made at the first time; other threads wait for it."""
        value = self._value
        if value is None:
            with self._lock:
                value = self._value
                if value is None:
                    value = self._value = make()
                    weakref.finalize(self, _close_dropped, value, os.getpid())
        return value

    def close(self) -> None:
        """Closes the value."""
        with self._lock:
            value, self._value = self._value, None
        if value is not None:
            value.close()


def _close_dropped(value: Closable, pid: int) -> None:
    """Closes what nobody refers to any more; also at the end of the process."""
    if pid == os.getpid():
        value.close()
    else:
        keep_for_ever(value)
