"""Delivers the webhooks of a sandbox into an app of this process, without a socket."""

from __future__ import annotations

import asyncio
import inspect
import io
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import attrs

from astra._public import public
from astra.errors import InvalidRequestError

if TYPE_CHECKING:
    from astra.sandbox import Sandbox
    from astra.sandbox.engine.core import Event

SIGNATURE: Final = "Astra-Verification"


@attrs.frozen
class AppAttempt:
    """A webhook that was handed to an app.

    Attributes:
        type: the event's type, such as `transfer_updated`.
        webhook_id: the event's id.
        status: what the app answered; Astra takes 200 alone for a confirmation.
    """

    type: str
    webhook_id: str
    status: int


@public("astra.testing")
class WebhookDelivery:
    """Hands the events of a sandbox to an ASGI or WSGI app, each once; the fixture `astra_deliver_webhooks` is one.

    Args:
        sandbox: whose events.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._last: Event | None = None

    def __call__(self, app: Any, *, path: str = "/webhooks/astra") -> list[AppAttempt]:
        """Delivers what has happened since the last call, signed, one event after the other.

        Args:
            app: an ASGI app (FastAPI, Starlette) or a WSGI one (Flask, Django). Its lifespan is not run.
            path: where it takes webhooks.

        Returns:
            One attempt for each event. Nothing is tried again.

        Raises:
            InvalidRequestError: the path does not begin with a slash, or what was given is no app.

        Example:
            attempts = astra_deliver_webhooks(app)
            assert [attempt.status for attempt in attempts] == [200] * len(attempts)
        """
        if not path.startswith("/"):
            raise InvalidRequestError(f"The path {path!r} does not begin with a slash.", argument="path")
        if not callable(app):
            raise InvalidRequestError(f"{app!r} is neither an ASGI nor a WSGI app.", argument="app")
        from astra.sandbox.engine.encoding import dumps
        from astra.sandbox.webhooks import sign

        events = self._sandbox.webhooks.events
        # By the event itself: after a reset there are fewer, and those may have the ids of before.
        start = next((at for at in range(len(events), 0, -1) if events[at - 1] is self._last), 0)
        self._last = events[-1] if events else None
        call = _call_asgi if _is_asgi(app) else _call_wsgi
        attempts: list[AppAttempt] = []
        for event in events[start:]:
            body = dumps(event.body).encode()
            signature = sign(body, secret=self._sandbox.client_secret)
            attempts.append(AppAttempt(event.type, event.id, call(app, path, body, signature)))
        return attempts


def _is_asgi(app: Any) -> bool:
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


def _call_asgi(app: Any, path: str, body: bytes, signature: str) -> int:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (SIGNATURE.lower().encode(), signature.encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    status = 0

    async def run() -> None:
        ended = asyncio.Event()
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body"):
                ended.set()

        await app(scope, receive, send)

    raised: list[BaseException] = []

    def work() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001  (it belongs to the caller, and is raised there)
            raised.append(error)

    # The test itself may run in a loop, and a loop cannot run inside another one.
    thread = threading.Thread(target=work, name="astra-webhook-app")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return status


def _call_wsgi(app: Any, path: str, body: bytes, signature: str) -> int:
    from wsgiref.util import setup_testing_defaults

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ASTRA_VERIFICATION": signature,
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(environ)
    said: list[str] = []

    def start_response(status: str, _: Any, __: Any = None) -> None:
        said.append(status)

    answer: Iterable[bytes] = app(environ, start_response)
    try:
        for _ in answer:
            pass
    finally:
        getattr(answer, "close", lambda: None)()
    return int(said[-1].split()[0]) if said else HTTPStatus.INTERNAL_SERVER_ERROR
