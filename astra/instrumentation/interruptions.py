"""Tells an exception that a signal handler raised in the middle of a call from one of the call itself."""

from __future__ import annotations

import signal
from types import CodeType, TracebackType
from typing import Any


def came_from_a_signal(error: BaseException) -> bool:
    """Tells whether a signal handler of the application raised the exception, as time limits of task queues do.

    It is about the caller and no failure of the connection, so it must reach the caller. Nothing but the frames that it
    came through tells: one of them is the handler's.

    Args:
        error: an exception that was just caught, with its traceback.
    """
    handlers = _codes_of_handlers()
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code in handlers:
            return True
        step = step.tb_next
    return False


def _codes_of_handlers() -> frozenset[CodeType]:
    handlers: list[Any] = [signal.getsignal(number) for number in signal.valid_signals()]
    # A method or a partial of functools holds the function; an object with __call__ holds a method.
    functions = [getattr(each, "func", each) for each in handlers]
    kinds: list[Any] = [type(each) for each in handlers]
    functions += [getattr(kind, "__call__", None) for kind in kinds]  # noqa: B004
    codes = [getattr(function, "__code__", None) for function in functions]
    return frozenset(code for code in codes if isinstance(code, CodeType))
