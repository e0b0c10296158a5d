"""Money: the board of transfers, balances, the ledger; one transfer, and one routine."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from astra.sandbox.engine import ledger
from astra.sandbox.engine.transfers import card_of
from astra.sandbox.magic.table import RETURN_CODES
from astra.sandbox.workbench import lists, money, stories, timing
from astra.sandbox.workbench.bench import Bench, MissingError
from astra.sandbox.workbench.links import ROOT
from astra.web.wording import age


def routes(bench: Bench) -> list[Route]:
    """Returns the routes of this screen.

    Args:
        bench: what the screens share.
    """
    backend, engine = bench.backend, bench.engine

    def board(request: Request) -> Response:
        with engine.lock:
            engine.settle()
            every = list(engine.state.transfers)
            entries = money.entries(engine.state)
        return bench.show(
            request,
            "money.html",
            section="money",
            lanes=money.board(every),
            total=len(every),
            entries=entries,
            added=money.added(entries),
        )

    def balances(request: Request) -> Response:
        after = request.query_params.get("after")
        with engine.lock:
            engine.settle()
            state = engine.state
            instruments = [(one, ledger.available(state, one.id)) for one in state.instruments]
            every = list(state.accounts)
            part = lists.newest(every, place_of=lambda account: account.seq, after=after)
            accounts = [(one, ledger.available(state, one.id)) for one in part.items]
            batches = list(state.batches)[-1:-21:-1]
        return bench.show(
            request,
            "balances.html",
            section="money",
            instruments=instruments,
            accounts=accounts,
            batches=batches,
            part=part,
            total=len(every),
            is_first=after is None,
        )

    def lane(request: Request) -> Response:
        asked = request.query_params
        name = asked.get("lane", "")
        name = name if name in money.LANES else ""
        with engine.lock:
            every = list(engine.state.transfers)
        part = money.lane(every, name, after=asked.get("after"))
        return bench.show(
            request,
            "transfers.html",
            section="money",
            part=part,
            lane=name,
            lanes=money.LANES,
            is_first="after" not in asked,
        )

    def moments_of(ids: set[str]) -> tuple[list[stories.Moment], list[stories.Moment]]:
        """The requests, and what they and the clock have caused."""
        with engine.lock:
            events = [event for event in engine.events if stories.is_about(event, ids)]
        with backend.webhooks.changed:
            told = {event.id for event in events}
            attempts = [one for one in backend.webhooks.attempts if one.event.id in told]
        journal = backend.journal
        makers = {maker for id in ids if (maker := journal.answers.maker_of(id)) is not None}
        asked = stories.naming(journal.all(), ids=ids, makers=makers)
        return list(map(stories.of_request, asked)), stories.told(events, attempts)

    def transfer(request: Request) -> Response:
        with engine.lock:
            engine.settle()
            state = engine.state
            seen = state.transfers.get(request.path_params["id"])
            if seen is None:
                raise MissingError("No transfer of this sandbox has this id.")
            routine = state.routines.rows[seen.routine_id]
            pulled, pushed = ledger.amounts(routine, seen)
            card = card_of(engine, seen)
            now = engine.now()
            plans = [due for due in state.schedule.rows.values() if due[3] == seen.id]
            short = seen.status == "pending" and ledger.is_short(state, routine, seen)
        chargeback_id = str((seen.chargeback or {}).get("cb_id", ""))
        asked, told = moments_of({seen.id, routine.id} | ({chargeback_id} if chargeback_id else set()))
        # The clock may stand still: what happened at one moment is told in the order in which it must have been.
        moments = [*asked, stories.Moment(time=seen.created, kind="change", text="The transfer begins"), *told]
        if seen.status != "pending":
            # A chargeback leaves the time of the transfer as it was: its event tells when it came.
            text = f"It is {'processed' if seen.chargeback else money.lane_of(seen)}" + (
                f": {money.reason(seen.failure_reason)}" if seen.failure_reason else ""
            )
            moments.append(stories.Moment(time=seen.updated, kind="change", text=text))
        coming = [
            stories.Moment(
                time=due, kind="plan", text=timing.text_of(action), more=f"in {age(due - now)}" if due > now else "now"
            )
            for due, _, action, _ in plans
            if action != "process_transfer" or seen.status == "pending"
        ]
        values: dict[str, Any] = {
            "seen": seen,
            "routine": routine,
            "lane": money.lane_of(seen),
            "legs": (
                ("pull", routine.source_id, pulled, seen.pull),
                ("push", routine.destination_id, pushed, seen.push),
            ),
            "has_card": card is not None,
            "short": short,
            "story": stories.story([*moments, *coming]),
            "codes": RETURN_CODES,
        }
        return bench.show(request, "transfer.html", section="money", **values)

    def routine(request: Request) -> Response:
        after = request.query_params.get("after")
        with engine.lock:
            engine.settle()
            seen = engine.state.routines.get(request.path_params["id"])
            if seen is None:
                raise MissingError("No routine of this sandbox has this id.")
            every = list(engine.state.by_routine.get(seen.id, ()))
        part = lists.newest(every, place_of=lambda one: one.seq, after=after, size=20)
        return bench.show(
            request,
            "routine.html",
            section="money",
            seen=seen,
            part=part,
            total=len(every),
            story=stories.story([one for part_of in moments_of({seen.id}) for one in part_of]),
            is_first=after is None,
        )

    return [
        Route(f"{ROOT}/money", bench.screen(board)),
        Route(f"{ROOT}/money/balances", bench.screen(balances)),
        Route(f"{ROOT}/transfers", bench.screen(lane)),
        Route(f"{ROOT}/transfers/{{id}}", bench.screen(transfer)),
        Route(f"{ROOT}/routines/{{id}}", bench.screen(routine)),
    ]
