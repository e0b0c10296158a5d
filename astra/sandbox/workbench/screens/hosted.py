"""Hosted: all pages of the hosted module and what goes wrong there, links prefilled."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.workbench import people
from astra.sandbox.workbench.bench import Bench
from astra.sandbox.workbench.links import ROOT


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """
    backend, engine = bench.backend, bench.engine

    def gallery(request: Request) -> Response:
        asked = request.query_params.get("user", "").strip()[:200]
        with engine.lock:
            state = engine.state
            latest = next(reversed(list(state.users)), None)
            chosen = state.users.get(asked) if asked else latest
            intent = state.intents.get(asked) if asked and chosen is None else None
        who = {"user_id": chosen.id} if chosen else {"user_intent_id": intent.id} if intent else {}
        common = {"client_id": backend.client_id, "redirect_uri": backend.redirect_uri}
        return bench.show(
            request,
            "hosted.html",
            section="hosted",
            asked=asked,
            person=chosen or intent,
            pages=people.hosted_links(**common, **who),
            errors=people.error_links(**common, user_id=chosen.id if chosen else ""),
            url=backend.url,
        )

    return [Route(f"{ROOT}/hosted", bench.screen(gallery))]
