"""Signal handlers of an application that raise, as the time limits of task queues do."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def signal_handler_that_raises(error: BaseException, *, number: int = signal.SIGUSR1) -> Iterator[None]:
    """Lets a signal raise the error. Nothing is collected meanwhile: the interpreter swallows what a finalizer raises.

    A pool that an earlier test dropped would be closed, and take its lock, wherever the collector happens to run.
    """

    def handler(*_: object) -> None:
        raise error

    gc.disable()
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
        gc.enable()
