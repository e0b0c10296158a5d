"""Requests: a list with filters, and all that is known of one."""

from __future__ import annotations

from typing import Final

from astra_api.operations import OPERATIONS
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.errors import InvalidRequestError
from astra.sandbox.journal import ReceivedRequest
from astra.sandbox.workbench import finding, lists, masking, stories
from astra.sandbox.workbench import requests as reading
from astra.sandbox.workbench.bench import Bench, MissingError, Note, fields_of
from astra.sandbox.workbench.links import ROOT, page_of, section
from astra.sandbox.workbench.replay import replay
from astra.sandbox.workbench.spoiling import RECIPES

STATUSES: Final = ("", "2xx", "4xx", "5xx", "none", "failed")


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """
    backend = bench.backend

    def found(request: Request) -> ReceivedRequest:
        wanted = request.path_params["id"]
        for one in reversed(backend.journal.all()):
            if one.request_id == wanted:
                return one
        raise MissingError("No request of this id is kept: only the latest are.")

    def listed(request: Request) -> Response:
        asked = request.query_params
        wanted = reading.Filter(
            operation=asked.get("operation", ""), status=asked.get("status", ""), user=asked.get("user", "").strip()
        )
        every = backend.journal.all()
        part = lists.newest(every, place_of=lambda one: one.request_id, after=asked.get("after"), fits=wanted.fits)
        return bench.show(
            request,
            "requests.html",
            section="requests",
            part=part,
            wanted=wanted,
            kept=len(every),
            dropped=backend.journal.total - backend.journal.forgotten - len(every),
            operations=sorted(OPERATIONS),
            statuses=STATUSES,
            is_first="after" not in asked,
            faults={
                one.request_id
                for one in part.items
                if (kept := backend.journal.answers.get(one.request_id)) and kept.fault
            },
        )

    def one(request: Request) -> Response:
        whole = request.method == "POST"
        seen = found(request)
        answer = backend.journal.answers.get(seen.request_id)
        with bench.engine.lock:
            caused = reading.caused(answer, list(bench.engine.events))
            touched = reading.touched(answer, caused)
            changed = finding.named(touched, bench.engine.state)
        with backend.webhooks.changed:
            attempts = list(backend.webhooks.attempts)
        ids = {event.id for event in caused}
        answered = (
            {}
            if answer is None
            else {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        )
        return bench.show(
            request,
            "request.html",
            section="requests",
            seen=seen,
            answer=answer,
            whole=whole,
            rule=reading.rule_of(seen, answer),
            complaint=reading.complaint(answer),
            query=seen.query if whole else masking.query_text(seen.query),
            sent_headers=masking.masked_headers(seen.headers.items()),
            sent=masking.body_text(seen.body, seen.headers, whole=whole),
            answered_headers=masking.masked_pairs(answered.items()),
            answered="" if answer is None else masking.body_text(answer.body, answered, whole=whole),
            moments=stories.told(caused, [attempt for attempt in attempts if attempt.event.id in ids]),
            changed=[(one, touched[one.id]) for one in changed],
            copies=reading.copies(seen, answer, url=backend.url, whole=whole),
            recipes=RECIPES,
        )

    async def again(request: Request) -> Response:
        await fields_of(request)
        try:
            seen = found(request)
        except MissingError as error:
            return bench.noted(section("requests"), Note("bad", "Not sent", str(error)))
        try:
            sent = await run_in_threadpool(replay, backend, seen)
        except InvalidRequestError as error:
            return bench.noted(page_of("requests", seen.request_id), Note("bad", "Not sent", str(error)))
        here = page_of("requests", sent.request_id or seen.request_id)
        if not sent.answered:
            which = f"This is the copy of {seen.request_id}." if sent.request_id else "Its copy is not noted yet."
            return bench.noted(here, Note("bad", "Sent, no answer", which))
        return bench.noted(
            here, Note("good", "Sent again", f"A copy of {seen.request_id}, with the credentials of now.")
        )

    return [
        Route(f"{ROOT}/requests", bench.screen(listed)),
        Route(f"{ROOT}/requests/{{id}}", bench.screen(one), methods=["GET", "POST"]),
        Route(f"{ROOT}/requests/{{id}}/replay", bench.button(again), methods=["POST"]),
    ]
