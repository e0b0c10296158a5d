"""What is not the API: the start page, the hosted module, and the control API."""

from __future__ import annotations

from email.utils import formatdate

from astra_api.operations import OPERATIONS
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from astra.sandbox.backend import Backend
from astra.sandbox.controls.root import SandboxControls
from astra.sandbox.engine.options import SANDBOX_BINS
from astra.sandbox.engine.people import STATUSES
from astra.sandbox.engine.problems import generic
from astra.sandbox.http.document import openapi_document
from astra.sandbox.http.door import CONTROL, Door
from astra.sandbox.http.hosted import hosted_routes
from astra.sandbox.http.remote_api import all_actions, control_routes
from astra.sandbox.http.templating import HEADERS, Pages, asset
from astra.sandbox.workbench.app import SHELF, workbench_routes
from astra.sandbox.workbench.bench import Bench
from astra.sandbox.workbench.links import ROOT


def build_pages(backend: Backend, controls: SandboxControls, *, door: Door) -> tuple[Starlette, Bench]:
    """Returns the Starlette app of the pages, of the workbench and of the control API, and the workbench."""
    pages = Pages()
    actions = all_actions(controls)
    bench = Bench(backend, controls, actions)

    async def not_found(request: Request, _: Exception) -> Response:
        """Astra's 404 for programs, a page for people."""
        if "text/html" in request.headers.get("accept", ""):
            told = "Its address may be mistyped, or it was one of Astra's that the sandbox does not have."
            return pages.show("message.html", status=404, title="There is no such page", text=told)
        return JSONResponse(generic(404).body, status_code=404)

    async def start(_: Request) -> Response:
        state = backend.engine.state
        answer = pages.show(
            "start.html",
            sandbox=controls,
            client=state.clients[backend.client_id],
            operations=OPERATIONS.values(),
            actions=sorted(name for name, action in actions.items() if not action.view),
            views=sorted(name for name, action in actions.items() if action.view),
            statuses=STATUSES,
            bins=SANDBOX_BINS,
            held=[
                ("user intents", len(state.intents)),
                ("users", len(state.users)),
                ("accounts", len(state.accounts)),
                ("routines", len(state.routines)),
                ("transfers", len(state.transfers)),
                ("webhook events", backend.engine.event_total),
            ],
        )
        answer.headers["Date"] = formatdate(usegmt=True)  # by which `astra doctor` compares clocks
        return answer

    async def enter(request: Request) -> Response:
        # The printed URL: from now on the browser has a cookie, and the address bar has no token.
        answer = RedirectResponse(ROOT, 303, headers=HEADERS)
        if "token" in request.query_params:
            name, value = door.cookie(request.headers.get("host", ""))
            answer.set_cookie(name, value, path=CONTROL, httponly=True, samesite="strict")
        return answer

    async def described(request: Request) -> Response:
        # As the reader named it: in a container, 127.0.0.1 would be another machine's.
        url = str(request.base_url).rstrip("/")
        secure = backend.secure_url if backend.engine.options.strict_secure_host else url
        return JSONResponse(openapi_document(url=url, secure_url=secure), headers=HEADERS)

    async def file(request: Request) -> Response:
        return await SHELF.get(request.path_params["name"], asset)(request)

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    routes = [
        Route("/", start),
        Route("/healthz", alive),
        Route("/openapi.json", described),
        Route(CONTROL, enter),
        Route("/assets/{name}", file),
        *hosted_routes(backend.engine, pages),
        *workbench_routes(bench),
        *control_routes(actions),
    ]
    return Starlette(routes=routes, exception_handlers={404: not_found}), bench
