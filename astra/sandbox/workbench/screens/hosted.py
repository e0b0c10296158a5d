"""Hosted: all pages of the hosted module and what goes wrong there, links prefilled."""

from __future__ import annotations

import io
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.config import is_loopback
from astra.sandbox.workbench import people
from astra.sandbox.workbench.bench import HEADERS, Bench, MissingError
from astra.sandbox.workbench.links import ROOT

LINKED: Final = tuple(f"{path}?" for path, _, _ in people.PAGES)


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
            url=str(request.base_url).rstrip("/"),  # as the reader named it: a phone knows no 127.0.0.1
            is_loopback=is_loopback(request.url.hostname or ""),
        )

    def code(request: Request) -> Response:
        link = request.query_params.get("of", "")
        if not link.startswith(LINKED):
            raise MissingError("There is a code of each link to the hosted module, and of nothing else.")
        try:
            drawn = segno.make_qr(f"{str(request.base_url).rstrip('/')}{link}", error="l")
        except segno.DataOverflowError:
            raise MissingError("This link is too long for a code.") from None
        picture = io.BytesIO()
        drawn.save(picture, kind="svg", light="#fff", xmldecl=False)
        return Response(picture.getvalue(), media_type="image/svg+xml", headers=HEADERS)

    return [
        Route(f"{ROOT}/hosted", bench.screen(gallery)),
        Route(f"{ROOT}/hosted/qr", bench.screen(code)),
    ]
