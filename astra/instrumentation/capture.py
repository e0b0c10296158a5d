"""Collects the requests of one business operation, across threads and tasks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

from astra._public import public
from astra._secret import shown
from astra.instrumentation.record import RequestRecord

P = ParamSpec("P")
T = TypeVar("T")


@public("astra.instrumentation")
class CapturedRequests:
    """The requests that were made inside a `capture_requests` block, in the order in which they ended.

    It fills while the block runs and can be read then and afterwards. Tasks that outlive the block still add to it.

    Example:
        with capture_requests() as calls:
            user.transfers.get("tr_1")
        print(calls.request_ids)
    """

    __slots__ = ("_records",)

    def __init__(self) -> None:
        self._records: list[RequestRecord] = []

    @shown
    def __repr__(self) -> str:
        return f"<CapturedRequests, {len(self._records)} attempt(s)>"

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(tuple(self._records))

    @property
    def records(self) -> tuple[RequestRecord, ...]:
        """One record for each attempt."""
        return tuple(self._records)

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Astra's request ids, of failed attempts too."""
        return tuple(record.request_id for record in self._records if record.request_id is not None)

    @property
    def call_ids(self) -> tuple[str, ...]:
        """Local ids of the calls, each once."""
        return tuple(dict.fromkeys(record.call_id for record in self._records))

    @property
    def failed(self) -> tuple[RequestRecord, ...]:
        """The attempts that failed."""
        return tuple(record for record in self._records if record.failed)

    def add(self, record: RequestRecord) -> None:
        """Adds a record; the client does this.

        Args:
            record: the record.
        """
        self._records.append(record)

    @contextmanager
    def attach(self) -> Generator[CapturedRequests]:
        """Lets another thread, which knows nothing of the block, add to it.

        Tasks and `asyncio.to_thread` take part by themselves; threads that you start, and those of a pool, do not.

        Example:
            def work():
                with calls.attach():
                    user.transfers.get("tr_1")
        """
        token = _active.set((*_active.get(), self)) if self not in _active.get() else None
        try:
            yield self
        finally:
            if token is not None:
                _active.reset(token)

    def wrap(self, function: Callable[P, T]) -> Callable[P, T]:
        """Returns a function that runs in `attach`, to hand to a thread or a pool.

        Args:
            function: what to run.

        Example:
            with capture_requests() as calls, ThreadPoolExecutor() as pool:
                list(pool.map(calls.wrap(user.transfers.get), ids))
        """

        def attached(*args: P.args, **kwargs: P.kwargs) -> T:
            with self.attach():
                return function(*args, **kwargs)

        return attached


_active: Final[ContextVar[tuple[CapturedRequests, ...]]] = ContextVar("astra_captured_requests", default=())


def active_captures() -> tuple[CapturedRequests, ...]:
    """Returns the collections of the blocks that surround the caller, the outermost first."""
    return _active.get()


@contextmanager
def capture_requests() -> Generator[CapturedRequests]:
    """Collects the requests made in a block: the ids to keep beside an order, or to quote to Astra's support.

    Blocks nest, and each collects all that happens inside it. Tasks started in the block and `asyncio.to_thread` take
    part by themselves; for threads of your own see `CapturedRequests.wrap` and `CapturedRequests.attach`.

    Returns:
        A context manager that gives the collection.

    Example:
        with astra.capture_requests() as calls:
            pay_out(order)
        order.astra_request_ids = list(calls.request_ids)
    """
    calls = CapturedRequests()
    with calls.attach():
        yield calls
