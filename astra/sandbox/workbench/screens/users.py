"""Users: their status, their grants, and all that is theirs."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.engine import ledger
from astra.sandbox.engine.people import STATUSES
from astra.sandbox.workbench import lists, people
from astra.sandbox.workbench.bench import Bench, MissingError
from astra.sandbox.workbench.links import ROOT

LATEST: Final = 10


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """
    backend, engine = bench.backend, bench.engine

    def lifetimes() -> dict[str, Any]:
        options = engine.options
        return {"access": options.access_token_seconds, "refresh": options.refresh_token_seconds}

    def listed(request: Request) -> Response:
        asked = request.query_params
        status, after = asked.get("status", ""), asked.get("after")
        with engine.lock:
            engine.settle()
            every = list(engine.state.users)
        part = lists.newest(
            every, place_of=lambda user: user.seq, after=after, fits=lambda user: not status or user.status == status
        )
        with engine.lock:
            rows = people.rows_of(part.items, engine.state, now=engine.now(), **lifetimes())
        return bench.show(
            request,
            "users.html",
            section="users",
            rows=rows,
            part=part,
            total=len(every),
            intents=len(engine.state.intents),
            chosen=status,
            statuses=STATUSES,
            is_first=after is None,
        )

    def intents(request: Request) -> Response:
        after = request.query_params.get("after")
        with engine.lock:
            every, users = list(engine.state.intents), len(engine.state.users)
        part = lists.newest(every, place_of=lambda one: one.seq, after=after)
        return bench.show(
            request,
            "intents.html",
            section="users",
            users=users,
            part=part,
            total=len(every),
            levels=people.LEVELS,
            is_first=after is None,
        )

    def one(request: Request) -> Response:
        whole = request.method == "POST"
        with engine.lock:
            engine.settle()
            state = engine.state
            user = state.users.get(request.path_params["id"])
            if user is None:
                raise MissingError("No user of this sandbox has this id.")
            row = people.rows_of([user], state, now=engine.now(), **lifetimes())[0]
            accounts = [(account, ledger.available(state, account.id)) for account in state.accounts.of(user.id)]
            transfers = state.transfers.of(user.id)[-1 : -LATEST - 1 : -1]
            routines = state.routines.of(user.id)[-1 : -LATEST - 1 : -1]
            pending_phone = any(change["status"] == "pending" for change in user.phone_changes)
            cards = list(state.cards.of(user.id))
        requests = [one for one in backend.journal.all()[-5000:] if one.user_id == user.id]
        return bench.show(
            request,
            "user.html",
            section="users",
            row=row,
            user=user,
            whole=whole,
            profile=people.profile_of(user, whole=whole),
            accounts=accounts,
            cards=cards,
            transfers=transfers,
            routines=routines,
            requests=requests[-1 : -LATEST - 1 : -1],
            pending_phone=pending_phone,
            statuses=people.DECISIONS,
            hosted=people.hosted_links(client_id=backend.client_id, redirect_uri=backend.redirect_uri, user_id=user.id),
        )

    def intent(request: Request) -> Response:
        whole = request.method == "POST"
        with engine.lock:
            engine.settle()
            person = engine.state.intents.get(request.path_params["id"])
        if person is None:
            raise MissingError("No user intent of this sandbox has this id.")
        return bench.show(
            request,
            "intent.html",
            section="users",
            intent=person,
            whole=whole,
            level=people.LEVELS.get(person.status, ""),
            profile=people.profile_of(person, whole=whole),
            statuses=people.DECISIONS,
            hosted=people.hosted_links(
                client_id=backend.client_id, redirect_uri=backend.redirect_uri, user_intent_id=person.id
            ),
        )

    return [
        Route(f"{ROOT}/users", bench.screen(listed)),
        Route(f"{ROOT}/intents", bench.screen(intents)),
        Route(f"{ROOT}/users/{{id}}", bench.screen(one), methods=["GET", "POST"]),
        Route(f"{ROOT}/intents/{{id}}", bench.screen(intent), methods=["GET", "POST"]),
    ]
