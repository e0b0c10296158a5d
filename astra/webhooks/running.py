"""Calling what may block or be async, in two flavours: `name` waits here, `async_name` does not hold the loop up."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from astra.errors import InvalidRequestError
from astra.webhooks.events import WebhookEvent

P = ParamSpec("P")
T = TypeVar("T")

Callback = Callable[[WebhookEvent], object]
"""What handles an event."""

AsyncCallback = Callable[[WebhookEvent], Awaitable[object] | object]
"""What handles an event; it may be async."""


def ask_store(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a method of a store."""
    return method(*args, **kwargs)


async def async_ask_store(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a method of a store, which may block, in a worker thread."""
    return await asyncio.to_thread(method, *args, **kwargs)


def run_callback(callback: Callback, event: WebhookEvent) -> None:
    """Calls the user's callback.

    Raises:
        InvalidRequestError: the callback is async, which nobody here can wait for.
    """
    result = callback(event)
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise InvalidRequestError("The callback is async: use AsyncWebhookHandler.", argument="callback")


async def async_run_callback(callback: AsyncCallback, event: WebhookEvent) -> None:
    """Awaits an async callback; calls a plain one in a worker thread, so that it may block."""
    called: object = getattr(callback, "__call__", None)  # noqa: B004  (an object with an async __call__)
    if inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(called):
        result = callback(event)
    else:
        result = await asyncio.to_thread(callback, event)
    if inspect.isawaitable(result):
        await result
