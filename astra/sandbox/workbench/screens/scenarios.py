"""Scenarios: plays that are run here, and taken home as tests."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.workbench import acting
from astra.sandbox.workbench.bench import HEADERS, Bench, MissingError, Note, fields_of
from astra.sandbox.workbench.links import ROOT, section

MOST_STATES: Final = 50


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """

    def listed(request: Request) -> Response:
        return bench.show(
            request,
            "scenarios.html",
            section="scenarios",
            plays=[(play, acting.source_of(play)) for play in acting.PLAYS],
            saved=bench.backend.named.names(),
            most=MOST_STATES,
            state_path=None if bench.backend.saver is None else str(bench.backend.saver.path),
        )

    async def run(request: Request) -> Response:
        await fields_of(request)
        play = acting.find(request.path_params["name"])
        if play is None:
            return bench.noted(section("scenarios"), Note("bad", "Not run", "There is no such scenario."))
        went, text = await run_in_threadpool(acting.run, play, bench.controls)
        level, title = ("good", "It went as it should") if went else ("bad", "It went another way")
        return bench.noted(section("scenarios"), Note(level, f"{play.title}: {title}", text))

    def export(request: Request) -> Response:
        play = acting.find(request.path_params["name"])
        if play is None:
            raise MissingError("There is no such scenario.")
        named = {"Content-Disposition": f'attachment; filename="test_{play.name}.py"', **HEADERS}
        return Response(acting.source_of(play), media_type="text/x-python", headers=named)

    return [
        Route(f"{ROOT}/scenarios", bench.screen(listed)),
        Route(f"{ROOT}/scenarios/{{name}}/run", bench.button(run), methods=["POST"]),
        Route(f"{ROOT}/scenarios/{{name}}/test.py", bench.screen(export)),
    ]
