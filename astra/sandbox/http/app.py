"""Puts the API, the control API and the hosted pages behind one origin (or the secure operations behind another)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from astra.sandbox.http.api import Api
from astra.sandbox.http.router import Router
from astra.sandbox.http.wire import Transports
from astra.sandbox.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from astra.sandbox.sandbox import Sandbox


class Front:
    """Sends `/v1` to the API, and the rest to the pages."""

    def __init__(self, api: Api, pages: Any) -> None:
        self.api = api
        self.pages = pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return
        if self.pages is None or scope["path"].startswith("/v1/"):
            await self.api(scope, receive, send)
        else:
            await self.pages(scope, receive, send)


def build_apps(sandbox: "Sandbox", *, transports: Transports) -> tuple[Front, Front | None]:
    """The app of the normal host, and that of the secure host when it is separate."""
    from astra.sandbox.http.pages import build_pages

    strict = sandbox.options.strict_secure_host

    def api(operations: Iterable[Operation]) -> Api:
        return Api(
            sandbox.engine,
            router=Router(operations),
            faults=sandbox.faults,
            journal=sandbox.journal,
            transports=transports,
        )

    pages = build_pages(sandbox)
    if not strict:
        return Front(api(OPERATIONS), pages), None
    normal = [operation for operation in OPERATIONS if not operation.secure]
    return Front(api(normal), pages), Front(api(set(OPERATIONS) - set(normal)), None)
