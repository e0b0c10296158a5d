"""Faults: what will go wrong, in words, and what has struck."""

from __future__ import annotations

from astra_api.operations import OPERATIONS
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.workbench import spoiling
from astra.sandbox.workbench.bench import Bench
from astra.sandbox.workbench.links import ROOT


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """

    def listed(request: Request) -> Response:
        queue = bench.backend.faults
        with queue.guard:
            rows = [spoiling.words(fault, hits=queue.hits.get(fault.id, 0)) for fault in queue.held]
            over = {id: hits for id, hits in queue.hits.items() if id not in {fault.id for fault in queue.held}}
        journal = bench.backend.journal
        struck = journal.answers.struck()[-1:-21:-1]
        wanted = {one.request_id for one in struck}
        by_id = {one.request_id: one for one in journal.all() if one.request_id in wanted}
        return bench.show(
            request,
            "faults.html",
            section="faults",
            rows=rows,
            over=sum(1 for hits in over.values() if hits),
            struck=[(one, by_id.get(one.request_id)) for one in struck],
            operations=sorted(OPERATIONS),
            recipes=spoiling.RECIPES,
        )

    return [Route(f"{ROOT}/faults", bench.screen(listed))]
