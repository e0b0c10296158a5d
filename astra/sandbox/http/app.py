"""Puts the API, the control API and the hosted pages behind one origin (or the secure operations behind another)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from astra_api.operations import OPERATIONS, Operation

from astra.sandbox.backend import Backend
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.http.api import Api
from astra.sandbox.http.pages import build_pages
from astra.sandbox.http.router import Router
from astra.sandbox.http.wire import Transports


class Front:
    """Sends `/v1` to the API, and the rest to the pages."""

    def __init__(self, api: Api, pages: Any) -> None:
        self.api = api
        self.pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return
        app = self.api if self.pages is None or scope["path"].startswith("/v1/") else self.pages
        # The loop cancels what hangs when the sandbox closes; uvicorn would log a traceback of it.
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)


def build_apps(backend: Backend, controls: SandboxControls, *, transports: Transports) -> tuple[Front, Front | None]:
    """Returns the app of the normal host, and that of the secure host when it is separate."""

    def api(operations: Iterable[Operation]) -> Api:
        return Api(
            backend.engine,
            router=Router(operations),
            faults=backend.faults,
            journal=backend.journal,
            transports=transports,
        )

    pages = build_pages(backend, controls)
    everything = OPERATIONS.values()
    if not backend.engine.options.strict_secure_host:
        return Front(api(everything), pages), None
    normal, secure = ([operation for operation in everything if operation.host == host] for host in ("api", "secure"))
    return Front(api(normal), pages), Front(api(secure), None)
