"""Now: one stream of requests, events and attempts, and what happens next."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.workbench import stories
from astra.sandbox.workbench.bench import Bench
from astra.sandbox.workbench.links import ROOT

SIZE: Final = 40
PLANS: Final = 6
"""So many moments of the plan are open; a phone shows them before the stream."""
KINDS: Final = {"": "Everything", "request": "Requests", "event": "Events", "attempt": "Attempts"}


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """

    def now(request: Request) -> Response:
        kind = request.query_params.get("kind", "")
        kind = kind if kind in KINDS else ""
        backend, engine = bench.backend, bench.engine
        with engine.lock:
            engine.settle()
            events = list(engine.events)
            state = engine.state
            held = {"users": len(state.users), "transfers": len(state.transfers), "routines": len(state.routines)}
        with backend.webhooks.changed:
            attempts = list(backend.webhooks.attempts)
        requests = backend.journal.all()
        if kind == "attempt":
            moments = [stories.of_attempt(one) for one in attempts[-1 : -SIZE - 1 : -1]]
        else:
            answers = [backend.journal.answers.get(one.request_id) for one in requests[-SIZE:]]
            moments = stories.stream(
                requests if kind != "event" else [],
                events if kind != "request" else [],
                attempts if kind != "request" else [],
                caused={one.request_id: one.event_ids for one in answers if one is not None},
                size=SIZE,
            )
        failed = sum(one.status is None or one.status >= 500 for one in requests[-1000:])
        return bench.show(
            request,
            "now.html",
            section="",
            moments=moments,
            kinds=KINDS,
            kind=kind,
            first=PLANS,
            held=held,
            failed=failed,
            undelivered=len(backend.webhooks.undelivered()),
            unstruck=len(backend.faults.unstruck()),
        )

    return [Route(ROOT, bench.screen(now))]
