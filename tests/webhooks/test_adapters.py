"""The adapters, inside the frameworks themselves."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType

import pytest

from astra import ConfigurationError
from astra.webhooks import AsyncWebhookHandler, RetryLater, WebhookEvent, WebhookHandler, Webhooks
from astra.webhooks.strict_json import BODY_LIMIT
from tests.django_project import URLS, configure_django

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
    configure_django()
    from django.test import Client
    from django.urls import clear_url_caches, path

    from astra.integrations.django import webhook_view

    urls = ModuleType(URLS)
    urls.urlpatterns = [path("hooks", webhook_view(handler, receiver))]  # type: ignore[attr-defined]
    sys.modules[URLS] = urls
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


def test_a_handler_of_the_other_flavour_is_refused_where_the_view_is_made(receiver: Receiver) -> None:
    from astra.integrations.flask import webhook_view
    from astra.integrations.starlette import webhook_endpoint

    with pytest.raises(ConfigurationError, match=r"needs handler=WebhookHandler\(...\), not AsyncWebhookHandler"):
        webhook_view(AsyncWebhookHandler(webhooks, dedupe="memory://"), receiver)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=r"needs handler=AsyncWebhookHandler\(...\), not WebhookHandler"):
        webhook_endpoint(WebhookHandler(webhooks, dedupe="memory://"), receiver)  # type: ignore[arg-type]


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
    assert post(body, webhooks.sign(body[:BODY_LIMIT]))[0] == 200
    assert receiver.seen[0].body == body


def test_a_body_that_is_too_long_is_answered_413(post: Post, receiver: Receiver) -> None:
    body = b" " * (3 * BODY_LIMIT)
    assert post(body, webhooks.sign(b""))[0] == 413
    assert receiver.seen == []


def wsgi_post(app, body: bytes, **environ) -> tuple[int, str]:
    """Posts as a WSGI server does that hands out what has arrived, piece by piece."""
    from werkzeug.test import create_environ, run_wsgi_app

    class Pieces(io.RawIOBase):
        def __init__(self) -> None:
            self.left = io.BytesIO(body)

        def readable(self) -> bool:
            return True

        def readinto(self, target) -> int:
            piece = self.left.read(min(max(7, len(body) // 1000), len(target)))
            target[: len(piece)] = piece
            return len(piece)

    request = create_environ("/hooks", method="POST", headers={"Astra-Verification": webhooks.sign(body[:BODY_LIMIT])})
    request |= {"wsgi.input": Pieces(), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", **environ}
    pieces, status, _ = run_wsgi_app(app, request)
    return int(status.split()[0]), b"".join(pieces).decode()


def flask_app(receiver: Receiver, before: Callable[[], object] | None = None):
    from flask import Flask

    from astra.integrations.flask import webhook_view

    app = Flask("receiver")
    if before is not None:
        app.before_request(lambda: (before(), None)[1])
    view = webhook_view(WebhookHandler(webhooks, dedupe="memory://"), receiver)
    app.add_url_rule("/hooks", view_func=view, methods=["POST"])
    return app


def test_flask_a_hook_that_reads_the_body_first_does_not_take_it_away(receiver: Receiver) -> None:
    from flask import request

    reads = (lambda: request.get_data(), lambda: request.get_json(), lambda: request.data, lambda: request.form)
    for number, read in enumerate(reads):
        body = BODY.replace(b'"w"', b'"w%d"' % number)
        assert wsgi_post(flask_app(receiver, read), body) == (200, "processed")
    assert [event.id for event in receiver.seen] == ["w0", "w1", "w2", "w3"]


def test_flask_a_body_that_a_hook_consumed_is_told_apart_from_a_forgery(receiver: Receiver, caplog) -> None:
    from flask import request

    assert wsgi_post(flask_app(receiver, lambda: request.stream.read()), BODY) == (500, "failed")
    assert "get_data()" in caplog.text
    # A server that does not say where a chunked body ends: Flask reads none of it.
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert wsgi_post(flask_app(receiver), BODY, **chunked) == (500, "failed")
    assert receiver.seen == []


def test_flask_chunked_and_limited_bodies_are_read_whole(receiver: Receiver) -> None:
    ended = {"wsgi.input_terminated": True}
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", **ended}
    assert wsgi_post(flask_app(receiver), BODY, **chunked) == (200, "processed")
    app = flask_app(receiver)
    app.config["MAX_CONTENT_LENGTH"] = len(BODY)
    assert wsgi_post(app, BODY, **ended) == (200, "processed")
    app.config["MAX_CONTENT_LENGTH"] = len(BODY) - 1
    assert wsgi_post(app, BODY)[0] == 413
    for how in (ended, chunked, {}):
        assert wsgi_post(flask_app(receiver), b" " * (BODY_LIMIT + 1), **how)[0] == 413
    from flask import request

    assert wsgi_post(flask_app(receiver, lambda: request.get_data()), b" " * (BODY_LIMIT + 1))[0] == 413


def test_django_a_middleware_that_reads_the_body_does_not_take_it_away(receiver: Receiver, caplog) -> None:
    for kind in (WebhookHandler, AsyncWebhookHandler):
        for number, (how, expected) in enumerate(
            {"body": (200, "processed"), "POST": (200, "processed"), "read": (500, "failed")}.items()
        ):
            body = BODY.replace(b'"w"', b'"w%d"' % number)
            assert django_request(kind(webhooks, dedupe="memory://"), receiver, body, how) == expected
    assert "request.body" in caplog.text
    assert [event.id for event in receiver.seen] == ["w0", "w1"] * 2


def test_django_a_long_body_is_refused_whatever_the_settings_say(receiver: Receiver) -> None:
    next(django(Receiver()))
    from django.test import override_settings

    handler = WebhookHandler(webhooks, dedupe="memory://")
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
        assert django_request(handler, receiver, b" " * (BODY_LIMIT + 1), "body")[0] == 413


def django_request(handler, receiver: Receiver, body: bytes, read: str) -> tuple[int, str]:
    next(django_with(handler, receiver))
    from django.test import RequestFactory

    from astra.integrations.django import webhook_view

    request = RequestFactory().post(
        "/hooks",
        body,
        content_type="application/json",
        headers={"Astra-Verification": webhooks.sign(body[:BODY_LIMIT])},
    )
    taken = getattr(request, read)
    if callable(taken):
        taken()
    answer = webhook_view(handler, receiver)(request)
    if asyncio.iscoroutine(answer):
        answer = asyncio.run(answer)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("chunked", [False, True])
async def test_starlette_a_middleware_that_reads_the_body_does_not_take_it_away(receiver, chunked: bool) -> None:
    from fastapi import FastAPI, Request
    from starlette.middleware.base import BaseHTTPMiddleware

    from astra.integrations.starlette import respond, webhook_endpoint

    handler = AsyncWebhookHandler(webhooks, dedupe="memory://")

    class Reads(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            await request.body()
            return await call_next(request)

    async def endpoint(request):
        await request.json()
        return await respond(request, handler, receiver)

    endpoint.__annotations__ = {"request": Request}
    app = FastAPI()
    app.add_middleware(Reads)
    app.add_route("/a", webhook_endpoint(handler, receiver), methods=["POST"])
    app.add_api_route("/b", endpoint, methods=["POST"], response_model=None)
    for path in ("/a", "/b"):
        body = BODY.replace(b'"w"', f'"{path}"'.encode())
        assert await asgi_post(app, path, body, chunked=chunked) == (200, "processed")
    assert [event.id for event in receiver.seen] == ["/a", "/b"]
    assert (await asgi_post(app, "/a", b" " * (BODY_LIMIT + 1), chunked=chunked))[0] == 413


async def test_starlette_a_body_that_was_consumed_is_told_apart_from_a_forgery(receiver: Receiver, caplog) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Route

    from astra.integrations.starlette import respond

    handler = AsyncWebhookHandler(webhooks, dedupe="memory://")

    async def endpoint(request):
        async for _ in request.stream():
            pass
        return await respond(request, handler, receiver)

    app = Starlette(routes=[Route("/hooks", endpoint, methods=["POST"])])
    assert await asgi_post(app, "/hooks", BODY) == (500, "failed")
    assert "request.body()" in caplog.text


async def asgi_post(app, path: str, body: bytes, *, chunked: bool = False) -> tuple[int, str]:
    import httpx

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536 if len(body) > 1000 else 9):
            yield body[start : start + (65_536 if len(body) > 1000 else 9)]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client:
        headers = {"Astra-Verification": webhooks.sign(body[:BODY_LIMIT])}
        answer = await client.post(path, content=pieces() if chunked else body, headers=headers)
        return answer.status_code, answer.text
