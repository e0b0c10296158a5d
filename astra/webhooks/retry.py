"""Asking Astra to deliver an event again later."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from astra.errors import RetryLater


@contextmanager
def retry_later(*errors: type[BaseException]) -> Generator[None]:
    """Turns the named errors into `RetryLater`.

    Events may arrive before the object they speak of can be read, or before your own transaction that created it has
    committed. Neither is a failure: the next delivery finds it.

    Args:
        errors: error classes that mean "not yet", for example `astra.NotFoundError`.

    Raises:
        RetryLater: one of the errors came out of the block; it is the cause.

    Example:
        def on_event(event):
            with retry_later(astra.NotFoundError):
                transfer = user.transfers.get(event.resource_id)
    """
    try:
        yield
    except errors as error:
        raise RetryLater(f"Put off: {type(error).__name__}.") from error
