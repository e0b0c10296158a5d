"""What a delivery came to, and the HTTP answer that follows from it. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, Literal

import attrs

from astra.errors import ConfigurationError, RetryLater, WebhookPayloadError, WebhookVerificationError
from astra.webhooks.events import WebhookEvent

logger: Final = logging.getLogger("astra.webhooks")


@attrs.frozen
class Delivery:
    """What one delivery of a webhook came to.

    Attributes:
        outcome: "processed": your callback ran and succeeded; "duplicate": it had succeeded before, so it did not run;
            "in_progress": another delivery of the same event is being handled right now, so it did not run.
        event: the event.
    """

    outcome: Literal["processed", "duplicate", "in_progress"]
    event: WebhookEvent

    @property
    def status_code(self) -> int:
        """The HTTP status to answer: 200 when the event is done, 409 while it is not, so that Astra asks again."""
        return 409 if self.outcome == "in_progress" else 200


@attrs.frozen
class WebhookAnswer:
    """The HTTP answer to a delivery.

    Attributes:
        status_code: 200 done; 400 not a webhook; 401 not signed by Astra; 409 being handled elsewhere; 413 longer than
            1 MiB; 503 put off by `RetryLater`; 500 your callback, or the de-duplication store, failed, or something
            read the body before the view. Astra repeats whatever is not 200.
        text: a few words, safe to send.
        headers: headers to send.
    """

    status_code: int
    text: str
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


def check_handler(handler: object, wanted: type) -> None:
    """Refuses a handler of the other flavour where a view is made: its first delivery would be too late.

    Args:
        handler: what was given.
        wanted: the class that it has to be of.

    Raises:
        ConfigurationError: it is of another one.
    """
    if not isinstance(handler, wanted):
        raise ConfigurationError(f"This view needs handler={wanted.__name__}(...), not {type(handler).__name__}.")


TOO_LARGE: Final = WebhookAnswer(413, "too large")
"""The answer of the web frameworks' adapters to a body that no webhook has."""


def is_lost(body: bytes, *, content_length: str | None, transfer_encoding: str | None) -> bool:
    """Tells whether a request had a body that is not there any more.

    Args:
        body: what a web framework gave.
        content_length: the header of that name, None when the request has none.
        transfer_encoding: the header of that name.
    """
    return not body and ((content_length or "0").strip() != "0" or "chunked" in (transfer_encoding or "").lower())


def answer_lost_body(hint: str) -> WebhookAnswer:
    """Returns the answer for a body that something read before the view, and logs what to do about it.

    A 401 would put the blame on the sender, whose signature nobody could check.

    Args:
        hint: how to read a body in this web framework without taking it from the view.
    """
    logger.error(
        "the body of a webhook was gone before its signature could be checked: a middleware or hook read it first, or "
        "the server does not pass chunked bodies on. %s Astra will deliver it again",
        hint,
    )
    return WebhookAnswer(500, "failed")


def answer_delivery(delivery: Delivery) -> WebhookAnswer:
    """Returns the answer for a delivery that raised nothing.

    Args:
        delivery: what `WebhookHandler.handle` returned.
    """
    if delivery.outcome == "in_progress":
        return WebhookAnswer(409, "in progress", {"Retry-After": "30"})
    return WebhookAnswer(200, delivery.outcome)


def answer_error(error: Exception) -> WebhookAnswer:
    """Returns the answer for an error that came out of handling, and logs it under "astra.webhooks".

    Args:
        error: what `WebhookHandler.handle` raised.
    """
    if isinstance(error, WebhookPayloadError):
        logger.warning("webhook refused: %s", error)
        return WebhookAnswer(400, "not a webhook")
    if isinstance(error, WebhookVerificationError):
        logger.warning("webhook refused: %s", error)
        return WebhookAnswer(401, "not signed by Astra")
    if isinstance(error, RetryLater):
        logger.info("webhook put off: %s", error)
        return WebhookAnswer(503, "later", {"Retry-After": "30"})
    logger.error("webhook handling failed; Astra will deliver it again", exc_info=error)
    return WebhookAnswer(500, "failed")
