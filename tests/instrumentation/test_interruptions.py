"""An exception of a signal handler is told from one of the call that it came into."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from astra.instrumentation.interruptions import came_from_a_signal


class Limit(Exception):
    pass


def handler(*_: object) -> NoReturn:
    deeper()


def deeper() -> NoReturn:
    raise Limit


class Handlers:
    def method(self, *_: object) -> NoReturn:
        deeper()

    def __call__(self, *_: object) -> NoReturn:
        deeper()


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = signal.getsignal(signal.SIGUSR1)
    yield
    signal.signal(signal.SIGUSR1, before)


def caught(act: Callable[[], object]) -> BaseException:
    with pytest.raises(Limit) as found:
        act()
    return found.value


@pytest.mark.parametrize(
    "given",
    [handler, Handlers().method, Handlers(), functools.partial(handler), functools.partial(Handlers().method)],
    ids=["function", "method", "object", "partial", "partial of a method"],
)
def test_what_a_signal_handler_raises_comes_from_a_signal(given: Any) -> None:
    signal.signal(signal.SIGUSR1, given)
    assert came_from_a_signal(caught(lambda: os.kill(os.getpid(), signal.SIGUSR1)))


@pytest.mark.parametrize("given", [handler, signal.SIG_IGN, signal.SIG_DFL])
def test_what_anything_else_raises_does_not(given: Any) -> None:
    signal.signal(signal.SIGUSR1, given)
    assert not came_from_a_signal(caught(deeper))
    assert not came_from_a_signal(Limit())
