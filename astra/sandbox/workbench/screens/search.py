"""Search: from any id to its page."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from astra.sandbox.workbench.bench import HEADERS, Bench
from astra.sandbox.workbench.finding import find
from astra.sandbox.workbench.links import ROOT

LONGEST: Final = 512


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """

    def search(request: Request) -> Response:
        asked = request.query_params.get("id", "").strip()[:LONGEST]
        requests = bench.backend.journal.all()
        with bench.engine.lock:
            bench.engine.settle()
            state, events = bench.engine.state, list(bench.engine.events)
        found = find(asked, state=state, requests=requests, events=events)
        if len(found) == 1:
            return RedirectResponse(found[0].link, 303, headers=HEADERS)
        return bench.show(request, "search.html", section="search", asked=asked, found=found)

    return [Route(f"{ROOT}/search", bench.screen(search))]
