"""Puts the API, the control API and the hosted pages behind one origin (or the secure operations behind another)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from astra_api.operations import OPERATIONS, Operation
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from astra.sandbox.backend import Backend
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.http.api import MOST_SENT, Api
from astra.sandbox.http.door import WORKBENCH, Door
from astra.sandbox.http.pages import build_pages
from astra.sandbox.http.router import Router
from astra.sandbox.http.wire import Transports
from astra.sandbox.workbench.bench import Bench


def no_more(receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Returns what receives a body for the pages, and refuses one that is too large."""
    size = 0

    async def counted() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MOST_SENT:
            raise HTTPException(413)
        return message

    return counted


class Front:
    """Lets in who may, and sends `/v1` to the API and the rest to the pages."""

    def __init__(self, api: Api, pages: Any, *, door: Door, bench: Bench) -> None:
        self.api = api
        self.pages = pages
        self.door = door
        self.bench = bench

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")
        refusal = self.door.refuse(scope["method"], scope["path"], query, headers)
        if refusal is not None:
            # A person gets a page where one was asked for; a program that is refused reads the same everywhere.
            seen = scope["path"].startswith(WORKBENCH) and "text/html" in headers.get("accept", "")
            answer = self.bench.refusal(refusal) if seen else JSONResponse({"error": refusal.error}, refusal.status)
            await answer(scope, receive, send)
            return
        app = self.api if self.pages is None or scope["path"].startswith("/v1/") else self.pages
        # The loop cancels what hangs when the sandbox closes; uvicorn would log a traceback of it.
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive if app is self.api else no_more(receive), send)


def build_apps(backend: Backend, controls: SandboxControls, *, transports: Transports) -> tuple[Front, Front | None]:
    """Returns the app of the normal host, and that of the secure host when it is separate."""

    def api(operations: Iterable[Operation]) -> Api:
        return Api(backend, router=Router(operations), transports=transports)

    door = Door(token=backend.control_token, hosts=backend.allow_hosts)
    pages, bench = build_pages(backend, controls, door=door)
    everything = OPERATIONS.values()
    if not backend.engine.options.strict_secure_host:
        return Front(api(everything), pages, door=door, bench=bench), None
    normal, secure = ([operation for operation in everything if operation.host == host] for host in ("api", "secure"))
    return Front(api(normal), pages, door=door, bench=bench), Front(api(secure), None, door=door, bench=bench)
