"""What is not the API: the start page, the hosted module, and the control API."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from astra.sandbox.engine.options import SANDBOX_BINS
from astra.sandbox.engine.people import STATUSES
from astra.sandbox.engine.problems import generic
from astra.sandbox.http.control import actions_of, control_routes, views_of
from astra.sandbox.http.hosted import hosted_routes
from astra.sandbox.http.templating import Pages
from astra.sandbox.operations import OPERATIONS

if TYPE_CHECKING:
    from astra.sandbox.sandbox import Sandbox


async def not_found(request: Request, _: Exception) -> Response:
    """Astra's 404 for programs, a page for people."""
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse("<h1>There is no such page</h1><p><a href='/'>Start page of the sandbox</a></p>", 404)
    return JSONResponse(generic(404).body, status_code=404)


def build_pages(sandbox: "Sandbox") -> Starlette:
    """The Starlette app of the pages and of the control API."""
    pages = Pages()
    actions, views = sorted(actions_of(sandbox)), sorted(views_of(sandbox))

    async def start(_: Request) -> Response:
        state = sandbox.engine.state
        return pages.show(
            "start.html",
            sandbox=sandbox,
            client=state.clients[sandbox.client_id],
            operations=OPERATIONS,
            actions=actions,
            views=views,
            statuses=STATUSES,
            bins=SANDBOX_BINS,
            held=[
                ("user intents", len(state.intents)),
                ("users", len(state.users)),
                ("accounts", len(state.accounts)),
                ("routines", len(state.routines)),
                ("transfers", len(state.transfers)),
                ("webhook events", len(sandbox.engine.events)),
            ],
        )

    routes = [Route("/", start), *hosted_routes(sandbox, pages), *control_routes(sandbox)]
    return Starlette(routes=routes, exception_handlers={404: not_found})
