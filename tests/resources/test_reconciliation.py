"""Looking for a payment whose answer was lost, over a socket: what is found, what is raised, and how long it takes."""

from __future__ import annotations

import json
import pickle
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

import astra
from tests.http.paying import FLAVOURS, PAYMENT, Act, AnsweringServer, Flavour, answer, run

pytestmark = [pytest.mark.outage, pytest.mark.parametrize("flavour", FLAVOURS)]

Answers = Callable[[str], Any]
ROW: dict[str, Any] = {**PAYMENT, "id": "rt_1", "amount": 20.10, "status": "active"}


def row(routine_id: str = "rt_1", *, seconds: float = 0.0, **fields: Any) -> dict[str, Any]:
    """A routine that was made some seconds after the payment arrived."""
    return {**ROW, "id": routine_id, "created": timedelta(seconds=seconds), **fields}


def at(moment: datetime, value: Any) -> Any:
    """What `row` and `transfer` give, with the times that they have when the payment arrives at that moment."""
    if isinstance(value, dict):
        return {name: at(moment, one) for name, one in value.items()}
    if isinstance(value, list):
        return [at(moment, one) for one in value]
    return (moment + value).isoformat() if isinstance(value, timedelta) else value


def page(key: str, *rows: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"count": len(rows), key: list(rows), "more": False, **rest}


class Astra:
    """Loses the answers to payments, and serves lists. `paths` holds what was read."""

    def __init__(self, routines: Any = (), transfers: Any = (), *, clock: float = 0.0, dated: bool = True) -> None:
        self.paths: list[str] = []
        self._rows = {"routines": routines, "transfers": transfers}
        self._clock = clock
        self._dated = dated
        self._paid = datetime.now(UTC)
        self.server = AnsweringServer(self._answer)

    def __enter__(self) -> Astra:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None)

    def _answer(self, request: bytes) -> bytes:
        method, path = request.decode("latin-1").split(" ")[:2]
        if method == "POST":
            self._paid = datetime.now(UTC)
            return b""
        self.paths.append(path)
        _, version, key, *rest = re.split("[/?]", path)
        assert version == "v1"
        rows = self._rows[key]
        found = rows(path) if callable(rows) else page(key, *rows)
        if rest and "=" not in rest[0]:
            found = next(one for one in found[key] if one["id"] == rest[0])
        if isinstance(found, bytes):
            return found
        now = format_datetime(datetime.now(UTC) + timedelta(seconds=self._clock), usegmt=True)
        return answer(at(self._paid, found), headers=f"Date: {now}\r\n" if self._dated else "")


def create(**options: Any) -> Act:
    return lambda user: user.routines.create(**{**PAYMENT, **options})


def reconcile(error: astra.UncertainOutcomeError, **options: Any) -> Act:
    return lambda user: user.routines.reconcile(error, **options)


def lost(flavour: Flavour, world: Astra, **options: Any) -> astra.UncertainOutcomeError:
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, world.server, create(**options))
    return caught.value


def look(flavour: Flavour, world: Astra, **payment: Any) -> Any:
    """Loses a payment, and looks for it with another client, as another process does."""
    error = pickle.loads(pickle.dumps(lost(flavour, world, **payment)))
    return run(flavour, world.server, reconcile(error))


def test_a_payment_that_was_made_is_found(flavour: Flavour) -> None:
    with Astra([row("rt_2", client_correlation_id="OTHER001"), row()]) as world:
        assert look(flavour, world).id == "rt_1"
        assert run(flavour, world.server, create(on_uncertain="reconcile")).id == "rt_1"
    assert world.server.posts() == 2


def test_an_error_finds_its_own_payment_while_its_client_is_open(flavour: Flavour) -> None:
    def blocking(user: Any) -> Any:
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            user.routines.create(**PAYMENT)
        return caught.value.reconcile(timeout=5)

    async def on_a_loop(user: Any) -> Any:
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            await user.routines.create(**PAYMENT)
        with pytest.raises(astra.ConfigurationError, match=r"await error\.areconcile\(\)"):
            caught.value.reconcile()
        return await caught.value.areconcile(timeout=5)

    with Astra([row()]) as world:
        assert run(flavour, world.server, blocking if flavour == "blocking" else on_a_loop).id == "rt_1"


def test_a_payment_that_is_nowhere_is_not_there(flavour: Flavour) -> None:
    with Astra([row(client_correlation_id="OTHER001")]) as world:
        assert look(flavour, world) is None
        with pytest.raises(
            astra.UncertainOutcomeError, match=r"looked for (once|\d+ times) in full,? and (was )?not (there|found)"
        ) as caught:
            run(flavour, world.server, create(on_uncertain="reconcile", timeout=1.0))
    assert caught.value.search is not None
    assert not isinstance(caught.value, astra.AmbiguousPaymentError)


AMBIGUOUS: dict[str, list[dict[str, Any]]] = {
    "two that agree": [row("rt_2"), row("rt_1")],
    "an earlier one": [row(seconds=-60)],
    "an earlier one beside it": [row(seconds=1), row("rt_0", seconds=-60)],
    "recurring": [row(type="recurring", frequency="weekly")],
    "another rail": [row(payment_type="debit")],
    "another day": [row(start_date="2026-12-24")],
    "another receiver": [row(destination_user_id="usr_9")],
    "another amount": [row(amount=20)],
    "no correlation id": [row(client_correlation_id=None)],
}


@pytest.mark.parametrize("rows", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_may_be_the_payment_is_raised_with_its_candidates(flavour: Flavour, rows: list[dict[str, Any]]) -> None:
    sent = {"start_date": "2026-11-24", "destination_user_id": "usr_2"}
    with Astra(rows) as world, pytest.raises(astra.AmbiguousPaymentError) as caught:
        look(flavour, world, **sent)
    error = caught.value
    assert {candidate.routine_id for candidate in error.candidates} == {one["id"] for one in rows}
    lines = {f"{candidate.routine_id}: {candidate.reason}" for candidate in error.candidates}
    assert all(str(error).count(line) == 1 for line in lines), "each once"
    assert "reconcile()" not in str(error), "that has been done"
    assert str(error).endswith(error.hint or "missing")
    assert (error.client_correlation_id, error.user_key) == ("INV00042", "customer-42")
    assert pickle.loads(pickle.dumps(error)).candidates == error.candidates


def test_on_uncertain_raises_the_ambiguity_too(flavour: Flavour) -> None:
    with Astra([row("rt_2"), row("rt_1")]) as world, pytest.raises(astra.AmbiguousPaymentError):
        run(flavour, world.server, create(on_uncertain="reconcile", timeout=3.0))


def test_a_payment_without_a_correlation_id_is_not_told_from_another(flavour: Flavour) -> None:
    with Astra([row(client_correlation_id=None)]) as world, pytest.raises(astra.AmbiguousPaymentError):
        look(flavour, world, client_correlation_id=None)
    with Astra([row(client_correlation_id=None, amount=5)]) as world:
        assert look(flavour, world, client_correlation_id=None) is None


@pytest.mark.parametrize("clock", [-600.0, 0.0, 600.0])
def test_clocks_that_differ_by_minutes_are_measured(flavour: Flavour, clock: float) -> None:
    with Astra([row(seconds=clock)], clock=clock) as world:
        assert look(flavour, world).id == "rt_1"
    with (
        Astra([row(seconds=clock - 15)], clock=clock) as world,
        pytest.raises(astra.AmbiguousPaymentError, match="older"),
    ):
        look(flavour, world)


def test_without_a_date_seconds_are_allowed(flavour: Flavour) -> None:
    with Astra([row(seconds=-4)], dated=False) as world:
        assert look(flavour, world).id == "rt_1"
    with Astra([row(seconds=-15)], dated=False) as world, pytest.raises(astra.AmbiguousPaymentError, match="older"):
        look(flavour, world)


def transfer(**fields: Any) -> dict[str, Any]:
    kept = {name: PAYMENT[name] for name in ("source_id", "destination_id", "client_correlation_id", "payment_type")}
    own = {"id": "tr_1", "routine_id": "rt_1", "routine_name": "Top-up", "amount": 20.10, "initiated": timedelta()}
    return {**kept, **own, **fields}


def test_a_routine_without_a_correlation_id_is_found_by_its_transfer(flavour: Flavour) -> None:
    with Astra([row(client_correlation_id=None)], [transfer()]) as world:
        assert look(flavour, world).id == "rt_1"


@pytest.mark.parametrize("fields", [{"source_id": "acc_9"}, {"routine_name": "Rent"}, {"routine_type": "recurring"}])
def test_a_transfer_that_differs_in_anything_does_not_stand_for_its_routine(
    flavour: Flavour, fields: dict[str, Any]
) -> None:
    with Astra([], [transfer(**fields)]) as world, pytest.raises(astra.AmbiguousPaymentError) as caught:
        look(flavour, world)
    assert [candidate.transfer_id for candidate in caught.value.candidates] == ["tr_1"]


def test_a_transfer_whose_routine_differs_does_not_stand_for_it(flavour: Flavour) -> None:
    def routines(path: str) -> Any:
        rows = [] if path.startswith("/v1/routines?") else [row(name="Rent", source_id="acc_9")]
        return page("routines", *rows)

    with (
        Astra(routines, [transfer()]) as world,
        pytest.raises(astra.AmbiguousPaymentError, match="differs in source_id, name"),
    ):
        look(flavour, world)


CANNOT_LOOK: dict[str, Any] = {
    "nothing": b"",
    "html": answer(b"<html>hotel</html>"),
    "forbidden": answer({"error": "no"}, status=403),
}


@pytest.mark.parametrize("body", CANNOT_LOOK.values(), ids=CANNOT_LOOK)
def test_who_could_not_look_does_not_say_that_it_is_not_there(flavour: Flavour, body: Any) -> None:
    with Astra(lambda _: body) as world:
        error = lost(flavour, world)
        with pytest.raises(astra.AstraError) as caught:
            run(flavour, world.server, reconcile(error), max_retries=0)
        assert not isinstance(caught.value, astra.UncertainOutcomeError)
        with pytest.raises(astra.UncertainOutcomeError, match="then could not be looked for") as uncertain:
            run(flavour, world.server, create(on_uncertain="reconcile", timeout=1.0), max_retries=0)
    assert "0 times in full" in (uncertain.value.search or "")


NO_SUCH_LIST: dict[str, dict[str, Any]] = {
    "routines under another key": {"routines": {"count": 1, "data": [row()], "more": False}},
    "no key at all": {"routines": {}},
    "null": {"routines": {"routines": None}},
    "one routine alone": {"routines": row()},
    "routines cut short": {"routines": {"count": 60, "routines": []}},
    "more as text": {"routines": {"routines": [], "more": "True"}},
    "an empty page with a cursor": {"routines": {"routines": [], "cursor": "c2"}},
    "transfers under another key": {"routines": page("routines"), "transfers": {"count": 1, "data": [{"id": "tr_1"}]}},
}


@pytest.mark.parametrize("lists", NO_SUCH_LIST.values(), ids=NO_SUCH_LIST)
def test_in_a_list_under_another_key_a_payment_is_never_not_found(flavour: Flavour, lists: dict[str, Any]) -> None:
    def served(key: str) -> Answers:
        return lambda _: lists.get(key, page(key))

    with Astra(served("routines"), served("transfers")) as world:
        error = lost(flavour, world)
        with pytest.raises((astra.PaginationError, astra.ResponseDecodeError)):
            run(flavour, world.server, reconcile(error))
        with pytest.raises(astra.UncertainOutcomeError) as caught:
            run(flavour, world.server, create(on_uncertain="reconcile", timeout=1.0))
    assert "then could not be looked for" in (caught.value.search or "")


def test_one_look_is_called_once(flavour: Flavour) -> None:
    with Astra() as world, pytest.raises(astra.UncertainOutcomeError) as caught, pytest.MonkeyPatch.context() as patch:
        for one in ("_async", "_sync"):
            patch.setattr(f"astra.resources.{one}.reconciliation.backoff", lambda *_, **__: 60.0)
        run(flavour, world.server, create(on_uncertain="reconcile", timeout=3.0))
    assert "It was looked for once in full, and was not there." in str(caught.value)


def endless(order: int) -> Answers:
    """A list without an end: each page holds ten others' routines of the last or the next seconds."""

    def rows(path: str) -> Any:
        number = int((re.findall(r"cursor=(\d+)", path) or ["0"])[0])
        others = [row(f"rt_{number}_{i}", seconds=1000 + order * i, client_correlation_id=f"X{i}") for i in range(10)]
        return page("routines", *others, more=True, cursor=str(number + 1), count=100_000)

    return rows


def test_a_look_that_was_cut_short_does_not_say_that_it_is_not_there(flavour: Flavour) -> None:
    with Astra(endless(-1)) as world:
        error = lost(flavour, world)
        with pytest.raises(astra.APITimeoutError, match=r"(?i)before all was read|time ?out|in time"):
            run(flavour, world.server, reconcile(error, timeout=1.0))
    assert len(world.paths) > 11


def test_a_look_ends_behind_the_payment(flavour: Flavour) -> None:
    def rows(path: str) -> Any:
        others = [row(f"rt_{i}", seconds=-60 * i, client_correlation_id=f"X{i}") for i in range(100)]
        return page("routines", *others, more=True, cursor="1", count=2000)

    with Astra(rows) as world:
        assert look(flavour, world) is None
    assert [path.partition("?")[0] for path in world.paths] == ["/v1/routines", "/v1/transfers"]


def test_a_list_that_begins_with_the_oldest_is_read_to_its_end(flavour: Flavour) -> None:
    def rows(path: str) -> Any:
        if "cursor=1" in path:
            return page("routines", row(), count=3)
        old = [row(f"rt_0{i}", seconds=-9000 + i, client_correlation_id=f"X{i}") for i in range(2)]
        return page("routines", *old, more=True, cursor="1", count=3)

    with Astra(rows) as world:
        assert look(flavour, world).id == "rt_1"


@pytest.mark.parametrize("act", [create(on_uncertain="reconcile", timeout=1.0), None], ids=["create", "reconcile"])
def test_a_list_that_hangs_costs_the_call_its_own_time_and_no_more(flavour: Flavour, act: Act | None) -> None:
    over = threading.Event()

    def hang(path: str) -> Any:
        over.wait(10)
        return b""

    with Astra(hang) as world:
        error = lost(flavour, world)
        started = time.monotonic()
        with pytest.raises(astra.AstraError) as caught:
            run(flavour, world.server, act or reconcile(error, timeout=1.0))
        took = time.monotonic() - started
        over.set()
    assert 0.5 < took < 5.0
    assert isinstance(caught.value, astra.UncertainOutcomeError if act else astra.APITimeoutError)


def test_many_slow_pages_cost_no_more_than_the_time_given(flavour: Flavour) -> None:
    wait = threading.Event()

    def slow(path: str) -> Any:
        wait.wait(0.3)
        return endless(-1)(path)

    with Astra(slow) as world:
        error = lost(flavour, world)
        started = time.monotonic()
        with pytest.raises(astra.APITimeoutError):
            run(flavour, world.server, reconcile(error, timeout=1.0))
    assert time.monotonic() - started < 5.0


def test_a_payment_that_took_all_the_time_leaves_none_to_look(flavour: Flavour) -> None:
    over = threading.Event()

    def hang(request: bytes) -> bytes:
        over.wait(10)
        return b""

    with AnsweringServer(hang) as server:
        with pytest.raises(astra.UncertainOutcomeError, match="No time was left to look for it"):
            run(flavour, server, create(on_uncertain="reconcile", timeout=2.0))
        over.set()
    assert len(server.requests) == 1


def test_the_raw_response_beside_a_found_routine_is_that_of_the_routine(flavour: Flavour) -> None:
    options = {**PAYMENT, "on_uncertain": "reconcile"}
    with Astra([row()]) as world:
        raw = run_on_client(
            flavour, world, lambda client, user: client.with_raw_response(user.routines.create, **options)
        )
    assert raw.parsed.id == "rt_1"
    assert json.loads(raw.body)["id"] == "rt_1"
    assert world.paths[-1] == "/v1/routines/rt_1"


def run_on_client(flavour: Flavour, world: Astra, act: Callable[[Any, Any], Any]) -> Any:
    def with_client(user: Any) -> Any:
        return act(clients[0], user)

    clients: list[Any] = []
    kind = astra.Astra if flavour == "blocking" else astra.AsyncAstra
    made = kind.__init__

    def remember(self: Any, *args: Any, **settings: Any) -> None:
        clients.append(self)
        made(self, *args, **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "__init__", remember)
        return run(flavour, world.server, with_client)


def test_two_equal_payments_never_become_one_routine(flavour: Flavour) -> None:
    def twice(user: Any) -> Any:
        errors, raised = [], []
        for _ in range(2):
            with pytest.raises(astra.UncertainOutcomeError) as caught:
                user.routines.create(**PAYMENT)
            errors.append(caught.value)
        for error in errors:
            with pytest.raises(astra.AmbiguousPaymentError) as ambiguous:
                error.reconcile()
            raised.append(ambiguous.value)
        return raised

    async def twice_on_a_loop(user: Any) -> Any:
        errors, raised = [], []
        for _ in range(2):
            with pytest.raises(astra.UncertainOutcomeError) as caught:
                await user.routines.create(**PAYMENT)
            errors.append(caught.value)
        for error in errors:
            with pytest.raises(astra.AmbiguousPaymentError) as ambiguous:
                await error.areconcile()
            raised.append(ambiguous.value)
        return raised

    with Astra([row()]) as world:
        raised = run(flavour, world.server, twice if flavour == "blocking" else twice_on_a_loop)
    assert [one.candidates[0].routine_id for one in raised] == ["rt_1", "rt_1"]


def test_payments_of_views_of_a_client_are_known_to_each_other(flavour: Flavour) -> None:
    def views(user: Any) -> list[Any]:
        return [user, user.with_options(timeout=5), user.with_options(max_retries=0)]

    def blocking(user: Any) -> None:
        errors = []
        for view in views(user):
            with pytest.raises(astra.UncertainOutcomeError) as caught:
                view.routines.create(**PAYMENT)
            errors.append(caught.value)
        for error in errors:
            with pytest.raises(astra.AmbiguousPaymentError, match="another payment of this client"):
                error.reconcile()

    async def on_a_loop(user: Any) -> None:
        errors = []
        for view in views(user):
            with pytest.raises(astra.UncertainOutcomeError) as caught:
                await view.routines.create(**PAYMENT)
            errors.append(caught.value)
        for error in errors:
            with pytest.raises(astra.AmbiguousPaymentError, match="another payment of this client"):
                await error.areconcile()

    with Astra([row()]) as world:
        run(flavour, world.server, blocking if flavour == "blocking" else on_a_loop)
    assert world.server.posts() == 3


def test_the_routine_of_a_payment_that_was_answered_is_not_that_of_a_lost_one(flavour: Flavour) -> None:
    made = at(datetime.now(UTC), row())
    answers = [answer(made, status=201), b""]

    def serve(request: bytes) -> bytes:
        if request.startswith(b"POST"):
            return answers.pop(0)
        key = "routines" if b"/v1/routines" in request else "transfers"
        return answer(page(key, *([made] if key == "routines" else [])))

    def blocking(user: Any) -> Any:
        assert user.routines.create(**PAYMENT).id == "rt_1"
        return user.routines.create(**PAYMENT, on_uncertain="reconcile", timeout=3.0)

    async def on_a_loop(user: Any) -> Any:
        assert (await user.routines.create(**PAYMENT)).id == "rt_1"
        return await user.routines.create(**PAYMENT, on_uncertain="reconcile", timeout=3.0)

    with (
        AnsweringServer(serve) as server,
        pytest.raises(astra.AmbiguousPaymentError, match="another payment of this client"),
    ):
        run(flavour, server, blocking if flavour == "blocking" else on_a_loop)
    assert server.posts() == 2
