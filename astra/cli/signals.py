"""What commands do when they are told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

Handler = Callable[[int, FrameType | None], object]

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def handled(numbers: Iterable[int], handler: Handler, *, only_defaults: bool = False) -> Generator[None]:
    """Handles signals, and then leaves them as they were.

    Args:
        numbers: which signals.
        handler: what is called.
        only_defaults: leave those alone that somebody handles or ignores, as nohup does.
    """
    former: dict[int, Any] = {}
    with suppress(ValueError):  # not in the main thread: the caller decides when to stop
        for number in numbers:
            if not only_defaults or signal.getsignal(number) is signal.SIG_DFL:
                former[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler_before in former.items():
            signal.signal(number, handler_before)


@contextmanager
def stop_on_signal() -> Generator[threading.Event]:
    """SIGTERM and SIGINT set an event, so that what is under way is finished and saved."""
    stop = threading.Event()
    with handled(_ENDING, lambda _number, _frame: stop.set()):
        yield stop


@contextmanager
def undone_by_signals() -> Generator[None]:
    """Has signals that would end the process at once raise instead, so that what was begun is undone."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with handled((signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)), end, only_defaults=True):
        yield


def wait_for_the_end() -> None:
    """Waits for Ctrl-C or SIGTERM."""
    with stop_on_signal() as stop:
        stop.wait()
