"""The routes of the workbench."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from astra.sandbox.workbench.bench import FOLDER, HEADERS, Bench
from astra.sandbox.workbench.links import ROOT
from astra.sandbox.workbench.screens import faults, hosted, money, now, requests, scenarios, search, users, webhooks
from astra.web import pages
from astra.web.pages import assets_in

ASSETS: Final = {"workbench.css": "text/css; charset=utf-8", "workbench.js": "text/javascript; charset=utf-8"}
LOOK_SECONDS: Final = 0.25
REST_SECONDS: Final = 0.75
"""A page is made again once a second at most, in each tab."""

LONGEST_SILENCE: Final = 15.0

_asset = assets_in(FOLDER / "assets", ASSETS, headers=HEADERS)
SHELF: Final[dict[str, Callable[[Request], Awaitable[Response]]]] = {
    **dict.fromkeys(pages.ASSETS, pages.asset),
    **dict.fromkeys(ASSETS, _asset),
}
"""The files that pages of the workbench use, by name."""


def workbench_routes(bench: Bench) -> list[Route]:
    """Returns the routes.

    Args:
        bench: what the screens share.
    """
    screens = (now, requests, users, money, webhooks, faults, scenarios, hosted, search)
    routes = [route for screen in screens for route in screen.routes(bench)]

    async def live(request: Request) -> Response:
        return StreamingResponse(_marks(bench, request), media_type="text/event-stream", headers=HEADERS)

    def missing(request: Request) -> Response:
        return bench.message(request, 404, "There is no such page", "The pages are named above.")

    return [
        *routes,
        Route(f"{ROOT}/live", live),
        Route(f"{ROOT}/do/{{name:path}}", bench.action(), methods=["POST"]),
        Route(f"{ROOT}/{{rest:path}}", missing, methods=["GET", "POST"]),
    ]


async def _marks(bench: Bench, request: Request) -> AsyncIterator[str]:
    """Tells, without a word on what it was, that something has happened."""
    seen, silent = bench.mark(), 0.0
    yield f"retry: 2000\ndata: {seen}\n\n"
    while not await request.is_disconnected():
        await asyncio.sleep(LOOK_SECONDS)
        mark, silent = bench.mark(), silent + LOOK_SECONDS
        if mark != seen:
            seen, silent = mark, 0.0
            yield f"data: {seen}\n\n"
            await asyncio.sleep(REST_SECONDS)
        elif silent >= LONGEST_SILENCE:
            silent = 0.0
            yield ":\n\n"
