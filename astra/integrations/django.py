"""Webhooks in Django.

Example:
    from django.urls import path
    from astra.integrations.django import webhook_view

    handler = WebhookHandler(astra.webhooks, dedupe="postgresql://localhost/app")
    urlpatterns = [path("webhooks/astra", webhook_view(handler, on_event))]
"""

# Django ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast, overload

from astra.errors import ConfigurationError
from astra.webhooks import AsyncWebhookHandler, WebhookAnswer, WebhookHandler
from astra.webhooks.events import AsyncCallback, Callback
from astra.webhooks.responses import TOO_LARGE, answer_lost_body, is_lost
from astra.webhooks.strict_json import BODY_LIMIT

try:
    from django.core.exceptions import RequestDataTooBig
    from django.http import HttpResponse, RawPostDataException
    from django.views.decorators.csrf import csrf_exempt
    from django.views.decorators.http import require_POST
except ImportError:  # pragma: no cover - the test environment has it
    raise ConfigurationError("This integration needs Django: pip install django") from None

if TYPE_CHECKING:
    from django.http import HttpRequest


@overload
def webhook_view(handler: WebhookHandler, callback: Callback) -> Callable[[HttpRequest], HttpResponse]: ...


@overload
def webhook_view(
    handler: AsyncWebhookHandler, callback: AsyncCallback
) -> Callable[[HttpRequest], Awaitable[HttpResponse]]: ...


def webhook_view(handler: WebhookHandler | AsyncWebhookHandler, callback: Any) -> Any:
    """Returns a view that takes Astra's webhooks: raw body read, verified, handled once, answered.

    It is exempt from CSRF protection, whose place the signature takes, and takes nothing but POST.

    Args:
        handler: verifies and de-duplicates; an `AsyncWebhookHandler` makes an async view.
        callback: called with each event.

    Returns:
        A view for `path(...)`. It answers as `astra.webhooks.WebhookAnswer` says, and 413 to a body that is
        longer than 1 MiB or than Django's setting DATA_UPLOAD_MAX_MEMORY_SIZE.
    """
    if isinstance(handler, AsyncWebhookHandler):
        return csrf_exempt(require_POST(_async_view(handler, callback)))
    return csrf_exempt(require_POST(_sync_view(handler, callback)))


def _sync_view(handler: WebhookHandler, callback: Callback) -> Callable[[HttpRequest], HttpResponse]:
    def astra_webhook(request: HttpRequest) -> HttpResponse:
        body = _body(request)
        if isinstance(body, WebhookAnswer):
            return _response(body)
        return _response(handler.respond(body, _signature(request), callback))

    return astra_webhook


def _async_view(
    handler: AsyncWebhookHandler, callback: AsyncCallback
) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    async def astra_webhook(request: HttpRequest) -> HttpResponse:
        body = _body(request)
        if isinstance(body, WebhookAnswer):
            return _response(body)
        return _response(await handler.respond(body, _signature(request), callback))

    return astra_webhook


def _body(request: HttpRequest) -> bytes | WebhookAnswer:
    try:
        body = cast("bytes", request.body)
    except RequestDataTooBig:
        return TOO_LARGE
    except RawPostDataException:
        body = b""
    if len(body) > BODY_LIMIT:
        return TOO_LARGE
    header = request.META.get
    if is_lost(body, content_length=header("CONTENT_LENGTH"), transfer_encoding=header("HTTP_TRANSFER_ENCODING")):
        return answer_lost_body("Read it as request.body, which Django keeps, and not with request.read().")
    return body


def _signature(request: HttpRequest) -> str | None:
    return cast("str | None", request.META.get("HTTP_ASTRA_VERIFICATION"))


def _response(answer: WebhookAnswer) -> HttpResponse:
    return HttpResponse(
        answer.text.encode(),
        status=answer.status_code,
        headers=dict(answer.headers),
        content_type="text/plain; charset=utf-8",
    )
