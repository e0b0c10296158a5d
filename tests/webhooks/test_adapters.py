"""The adapters, inside the frameworks themselves."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from astra.webhooks import AsyncWebhookHandler, RetryLater, WebhookEvent, WebhookHandler, Webhooks
from astra.webhooks.strict_json import BODY_LIMIT

webhooks = Webhooks("secret")
BODY = json.dumps({"webhook_type": "transfer_updated", "webhook_id": "w", "user_id": "u", "resource_id": "t"}).encode()
SIGNATURE = webhooks.sign(BODY)

Post = Callable[[bytes, str | None], tuple[int, str, str | None]]


class Receiver:
    """A callback that can be told to fail."""

    def __init__(self) -> None:
        self.seen: list[WebhookEvent] = []
        self.error: Exception | None = None

    def __call__(self, event: WebhookEvent) -> None:
        if self.error is not None:
            raise self.error
        self.seen.append(event)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture(params=["starlette", "fastapi", "fastapi-own-endpoint", "flask", "django", "django-async"])
def post(request: pytest.FixtureRequest, receiver: Receiver) -> Iterator[Post]:
    yield from ADAPTERS[request.param](receiver)


def starlette(receiver: Receiver) -> Iterator[Post]:
    from starlette.applications import Starlette
    from starlette.routing import Route

    from astra.integrations.starlette import webhook_endpoint

    endpoint = webhook_endpoint(AsyncWebhookHandler(webhooks, dedupe="memory://"), receiver)
    yield from asgi(Starlette(routes=[Route("/hooks", endpoint, methods=["POST"])]))


def fastapi(receiver: Receiver) -> Iterator[Post]:
    from fastapi import FastAPI

    from astra.integrations.starlette import webhook_endpoint

    async def on_event(event: WebhookEvent) -> None:
        await asyncio.sleep(0)
        receiver(event)

    app = FastAPI()
    endpoint = webhook_endpoint(AsyncWebhookHandler(webhooks, dedupe="memory://"), on_event)
    app.add_route("/hooks", endpoint, methods=["POST"])
    yield from asgi(app)


def fastapi_own_endpoint(receiver: Receiver) -> Iterator[Post]:
    from fastapi import FastAPI, Request

    from astra.integrations.starlette import respond

    app, handler = FastAPI(), AsyncWebhookHandler(webhooks, dedupe="memory://")

    async def hooks(request):
        return await respond(request, handler, receiver)

    hooks.__annotations__ = {"request": Request}
    app.add_api_route("/hooks", hooks, methods=["POST"], response_model=None)
    yield from asgi(app)


def asgi(app) -> Iterator[Post]:
    import httpx

    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver")

        def post(body: bytes, signature: str | None) -> tuple[int, str, str | None]:
            headers = {} if signature is None else {"Astra-Verification": signature}
            answer = runner.run(client.post("/hooks", content=body, headers=headers))
            return answer.status_code, answer.text, answer.headers.get("retry-after")

        yield post
        runner.run(client.aclose())


def flask(receiver: Receiver) -> Iterator[Post]:
    from flask import Flask

    from astra.integrations.flask import webhook_view

    app = Flask("receiver")
    view = webhook_view(WebhookHandler(webhooks, dedupe="memory://"), receiver)
    app.add_url_rule("/hooks", view_func=view, methods=["POST"])
    with app.test_client() as client:

        def post(body: bytes, signature: str | None) -> tuple[int, str, str | None]:
            headers = {} if signature is None else {"Astra-Verification": signature}
            # A form's content type must not make Flask parse the body away.
            answer = client.post("/hooks", data=body, headers=headers, content_type="application/x-www-form-urlencoded")
            return answer.status_code, answer.text, answer.headers.get("Retry-After")

        yield post


def django(receiver: Receiver) -> Iterator[Post]:
    yield from django_with(WebhookHandler(webhooks, dedupe="memory://"), receiver)


def django_async(receiver: Receiver) -> Iterator[Post]:
    yield from django_with(AsyncWebhookHandler(webhooks, dedupe="memory://"), receiver)


def django_with(handler, receiver: Receiver) -> Iterator[Post]:
    from django.conf import settings

    if not settings.configured:
        settings.configure(ROOT_URLCONF="astra_test_urls", ALLOWED_HOSTS=["*"], SECRET_KEY="x", USE_TZ=True)
        import django

        django.setup()
    from django.test import Client
    from django.urls import clear_url_caches, path

    from astra.integrations.django import webhook_view

    urls = ModuleType("astra_test_urls")
    urls.urlpatterns = [path("hooks", webhook_view(handler, receiver))]  # type: ignore[attr-defined]
    sys.modules["astra_test_urls"] = urls
    clear_url_caches()
    client = Client(enforce_csrf_checks=True)

    def post(body: bytes, signature: str | None) -> tuple[int, str, str | None]:
        headers = {} if signature is None else {"Astra-Verification": signature}
        answer = client.post("/hooks", data=body, content_type="application/json", headers=headers)
        return answer.status_code, answer.content.decode(), answer.headers.get("Retry-After")

    assert client.get("/hooks").status_code == 405
    yield post


ADAPTERS = {
    "starlette": starlette,
    "fastapi": fastapi,
    "fastapi-own-endpoint": fastapi_own_endpoint,
    "flask": flask,
    "django": django,
    "django-async": django_async,
}


def test_an_event_arrives_once(post: Post, receiver: Receiver) -> None:
    assert post(BODY, SIGNATURE) == (200, "processed", None)
    assert post(BODY, SIGNATURE) == (200, "duplicate", None)
    assert [event.id for event in receiver.seen] == ["w"]


def test_a_body_that_is_not_signed_by_astra_is_answered_401(post: Post, receiver: Receiver) -> None:
    for signature in (None, "", "abc", webhooks.sign(b"else")):
        assert post(BODY, signature)[0] == 401
    assert receiver.seen == []


def test_a_signed_body_that_is_no_webhook_is_answered_400(post: Post, receiver: Receiver) -> None:
    assert post(b"[]", webhooks.sign(b"[]"))[0] == 400
    assert receiver.seen == []


def test_a_failing_callback_is_answered_500_and_tried_again(post: Post, receiver: Receiver, caplog) -> None:
    receiver.error = RuntimeError("database away")
    assert post(BODY, SIGNATURE)[:2] == (500, "failed")
    assert "database away" in caplog.text
    receiver.error = None
    assert post(BODY, SIGNATURE)[:2] == (200, "processed")


def test_an_event_put_off_is_answered_503_and_tried_again(post: Post, receiver: Receiver) -> None:
    receiver.error = RetryLater("the order is not committed yet")
    assert post(BODY, SIGNATURE) == (503, "later", "30")
    receiver.error = None
    assert post(BODY, SIGNATURE)[:2] == (200, "processed")


def test_the_raw_body_is_what_is_verified(post: Post, receiver: Receiver) -> None:
    body = '{"webhook_type":"user_updated","webhook_id":"é","metadata":{"a":"+ &=%20"}}'.encode()
    assert post(body, webhooks.sign(body))[0] == 200
    assert receiver.seen[0].body == body


def test_a_body_that_is_too_long_is_answered_413(post: Post, receiver: Receiver) -> None:
    body = b" " * (3 * BODY_LIMIT)
    assert post(body, webhooks.sign(b""))[0] == 413
    assert receiver.seen == []
