"""Webhooks: endpoints and their health, events and their attempts, and how a signature comes about."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.engine.core import Event
from astra.sandbox.engine.made_up import KINDS
from astra.sandbox.webhooks import Attempt
from astra.sandbox.workbench import lists, masking, stories, telling
from astra.sandbox.workbench.bench import Bench, MissingError, Note, fields_of
from astra.sandbox.workbench.links import ROOT, page_of, section

LATEST: Final = 20


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """
    backend, engine = bench.backend, bench.engine

    def overview(request: Request) -> Response:
        sender = backend.webhooks
        asked = request.query_params
        kind, after = asked.get("type", ""), asked.get("after")
        with engine.lock:
            engine.settle()
            events = list(engine.events)
        with sender.changed:
            attempts = list(sender.attempts)
            waiting = [(due, delivery.url) for due, delivery in sender.waiting()]
            held, holding = len(sender.kept), sender.holding
        part = lists.newest(
            events, place_of=lambda event: event.id, after=after, fits=lambda event: kind in ("", event.type), size=30
        )
        delivered = telling.deliveries(attempts, wanted={event.id for event in part.items})
        return bench.show(
            request,
            "webhooks.html",
            section="webhooks",
            endpoints=telling.health_of(sender.urls, waiting, attempts),
            held=held,
            holding=holding,
            undelivered=len(sender.undelivered()),
            failed=sorted(
                (one for one in attempts[-500:] if not one.delivered), key=lambda one: one.time, reverse=True
            )[:LATEST],
            part=part,
            total=len(events),
            types=sorted({event.type for event in events}),
            kind=kind,
            kinds=sorted(KINDS),
            delivered=delivered,
            is_first=after is None,
        )

    def found(wanted: str) -> tuple[Event, str, list[Attempt]]:
        """An event, the secret that signs it, and the attempts to deliver it."""
        sender = backend.webhooks
        with sender.changed:
            attempts = [one for one in sender.attempts if one.event.id == wanted]
        with engine.lock:
            event = next((one for one in reversed(engine.events) if one.id == wanted), None)
            event = event or (attempts[-1].event if attempts else None)
            if event is None:
                raise MissingError("No event of this id is kept: only the latest are.")
            return event, engine.state.clients[event.client_id].secret, attempts

    def one(request: Request) -> Response:
        sender = backend.webhooks
        whole = request.method == "POST"
        event, secret, attempts = found(request.path_params["id"])
        worked = telling.worked_out(sender.body_of(event), secret=secret)
        return bench.show(
            request,
            "event.html",
            section="webhooks",
            event=event,
            whole=whole,
            secret=secret if whole else masking.HIDDEN,
            worked=worked,
            body=masking.cut(worked.body) if whole else masking.body_text(worked.body.encode(), {}),
            attempts=[
                stories.of_delivery(attempt)
                for attempt in sorted(attempts, key=lambda one: (one.time, one.number))[-1 : -LATEST - 1 : -1]
            ],
            urls=sender.urls,
            about=event.body.get("resource_parent_id") or event.body.get("resource_id"),
        )

    async def check(request: Request) -> Response:
        fields = await fields_of(request)
        wanted = request.path_params["id"]
        try:
            event, secret, _ = await run_in_threadpool(found, wanted)
        except MissingError as error:
            return bench.noted(section("webhooks"), Note("bad", "Not checked", str(error)))
        good, text = telling.verdict(
            fields.get("body", ""), fields.get("signature", ""), sent=backend.webhooks.body_of(event), secret=secret
        )
        note = Note("good" if good else "bad", "The signature is right" if good else "The signature is wrong", text)
        return bench.noted(page_of("webhooks/events", wanted), note)

    return [
        Route(f"{ROOT}/webhooks", bench.screen(overview)),
        Route(f"{ROOT}/webhooks/events/{{id}}", bench.screen(one), methods=["GET", "POST"]),
        Route(f"{ROOT}/webhooks/events/{{id}}/check", bench.button(check), methods=["POST"]),
    ]
