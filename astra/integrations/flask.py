"""Webhooks in Flask.

Example:
    from flask import Flask
    from astra.integrations.flask import webhook_view

    app = Flask(__name__)
    handler = WebhookHandler(astra.webhooks, dedupe="postgresql://localhost/app")
    app.add_url_rule("/webhooks/astra", view_func=webhook_view(handler, on_event), methods=["POST"])
"""

from __future__ import annotations

from collections.abc import Callable

from astra.errors import ConfigurationError
from astra.webhooks import WebhookHandler
from astra.webhooks.events import Callback
from astra.webhooks.responses import TOO_LARGE, answer_lost_body, check_handler, is_lost
from astra.webhooks.strict_json import BODY_LIMIT

try:
    from flask import Response, request
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("This integration needs Flask: pip install flask") from None


def webhook_view(handler: WebhookHandler, callback: Callback) -> Callable[[], Response]:
    """Returns a view that takes Astra's webhooks: raw body read, verified, handled once, answered.

    Args:
        handler: verifies and de-duplicates.
        callback: called with each event.

    Returns:
        A view for `app.add_url_rule(..., methods=["POST"])`. It answers as `astra.webhooks.WebhookAnswer` says.
        It may be called from a view of your own, too: `return webhook_view(...)()`.

    Raises:
        ConfigurationError: the handler is an `AsyncWebhookHandler`.
    """
    check_handler(handler, WebhookHandler)

    def astra_webhook() -> Response:
        body = _read()
        if body is None:
            answer = TOO_LARGE
        elif is_lost(
            body,
            content_length=request.headers.get("Content-Length"),
            transfer_encoding=request.headers.get("Transfer-Encoding"),
        ):
            answer = answer_lost_body("Read it with flask.request.get_data(), which keeps it for the view.")
        else:
            answer = handler.respond(body, request.headers.get("Astra-Verification"), callback)
        return Response(answer.text, status=answer.status_code, headers=dict(answer.headers), mimetype="text/plain")

    return astra_webhook


def _read() -> bytes | None:
    """Returns the body, or None when it is too long for a webhook."""
    # The stream first, because `get_data()` and the form parser would take a body of any length into memory.
    end = BODY_LIMIT + 1 if request.content_length is None else min(request.content_length, BODY_LIMIT + 1)
    body = bytearray()
    while len(body) < end and (piece := request.stream.read(end - len(body))):
        body += piece
    # It is empty when a hook has read the body before; `get_data()` has what it read for that hook.
    read = bytes(body) or request.get_data()
    return read if len(read) <= BODY_LIMIT else None
