"""Putting an event off: Astra sends it again."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from astra.errors import AstraError


class RetryLater(AstraError):
    """Raised by your callback when an event cannot be handled yet.

    The handler gives its claim back and answers 503, so Astra delivers the event again: up to 10 times, with a delay
    that doubles, over about five hours (reference: "Webhooks").

    Args:
        reason: for your log.
    """

    def __init__(self, reason: str = "The event cannot be handled yet.") -> None:
        super().__init__(reason)


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
