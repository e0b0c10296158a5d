"""Webhooks in Starlette and FastAPI.

Example:
    from fastapi import FastAPI
    from astra.integrations.starlette import webhook_endpoint

    app = FastAPI()
    handler = AsyncWebhookHandler(astra.webhooks, dedupe="postgresql://localhost/app")
    app.add_route("/webhooks/astra", webhook_endpoint(handler, on_event), methods=["POST"])
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from astra.errors import ConfigurationError
from astra.webhooks import AsyncWebhookHandler
from astra.webhooks.events import AsyncCallback
from astra.webhooks.responses import TOO_LARGE, answer_lost_body, check_handler, is_lost
from astra.webhooks.strict_json import BODY_LIMIT

try:
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("This integration needs Starlette: pip install starlette") from None


def webhook_endpoint(handler: AsyncWebhookHandler, callback: AsyncCallback) -> Callable[[Request], Awaitable[Response]]:
    """Returns an endpoint that takes Astra's webhooks: raw body read, verified, handled once, answered.

    Args:
        handler: verifies and de-duplicates.
        callback: called with each event; async, or plain and then run in a worker thread.

    Returns:
        An endpoint for `Route(path, endpoint, methods=["POST"])` or `app.add_route`. It answers as
        `astra.webhooks.WebhookAnswer` says.

    Raises:
        ConfigurationError: the handler is a `WebhookHandler`, which would hold up the event loop.
    """
    check_handler(handler, AsyncWebhookHandler)

    async def astra_webhook(request: Request) -> Response:
        return await respond(request, handler, callback)

    return astra_webhook


async def respond(request: Request, handler: AsyncWebhookHandler, callback: AsyncCallback) -> Response:
    """Answers a request inside an endpoint of your own.

    Args:
        request: the request; its body not read yet, or read by `await request.body()`.
        handler: verifies and de-duplicates.
        callback: called with the event.

    Example:
        @app.post("/webhooks/astra")
        async def receive(request: Request) -> Response:
            return await respond(request, handler, on_event)

    Raises:
        ConfigurationError: the handler is a `WebhookHandler`.
    """
    check_handler(handler, AsyncWebhookHandler)
    body = await _read(request)
    header = request.headers.get
    if body is None:
        answer = TOO_LARGE
    elif is_lost(body, content_length=header("content-length"), transfer_encoding=header("transfer-encoding")):
        answer = answer_lost_body("Read it with `await request.body()`, which keeps it, and not from request.stream().")
    else:
        answer = await handler.respond(body, request.headers.get("astra-verification"), callback)
    return PlainTextResponse(answer.text, status_code=answer.status_code, headers=dict(answer.headers))


async def _read(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return None
    except RuntimeError:
        # What Starlette raises when the stream was read before, and not by `request.body()`.
        return b""
    return bytes(body)
