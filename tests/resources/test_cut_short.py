"""Looking for a lost payment is cut short, or is asked of somebody else: the payment must not be forgotten over it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.http.paying import FLAVOURS, PAYMENT, AnsweringServer, Flavour, answer, run

NOWHERE = {"routines": [], "transfers": [], "count": 0, "more": False}
NAMELESS = {name: value for name, value in PAYMENT.items() if name != "client_correlation_id"}


def losing(*, asked: Any = lambda: None) -> AnsweringServer:
    """Loses the answers to payments; `asked` is called when a list is."""

    def handle(request: bytes) -> bytes:
        if request.startswith(b"POST"):
            return b""
        asked()
        return answer(NOWHERE)

    return AnsweringServer(handle)


def find_minted_id(server: AnsweringServer) -> str:
    return server.requests[0].partition(b'"client_correlation_id":"')[2][:8].decode()


def test_a_caller_who_gives_up_the_search_is_told_of_the_payment() -> None:
    looking = threading.Event()

    async def impatient(user: Any) -> None:
        paying = asyncio.ensure_future(user.routines.create(**NAMELESS, on_uncertain="reconcile"))
        await asyncio.to_thread(looking.wait, 30)
        paying.cancel()
        await paying

    with losing(asked=looking.set) as server, pytest.raises(asyncio.CancelledError) as caught:
        run("asyncio", server, impatient)
    notes = " ".join(caught.value.__notes__)
    assert find_minted_id(server) in notes
    assert "outcome is unknown" in notes


def test_an_interrupt_during_the_search_carries_the_payment(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("astra.resources._sync.reconciliation.backoff", interrupt)
    with losing() as server, pytest.raises(KeyboardInterrupt) as caught:
        run("blocking", server, lambda user: user.routines.create(**NAMELESS, on_uncertain="reconcile"))
    assert find_minted_id(server) in " ".join(caught.value.__notes__)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_surprise_during_the_search_leaves_the_payment_uncertain(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(*_: Any, **__: Any) -> Any:
        raise LookupError("of a task queue, for example")

    half = "_sync" if flavour == "blocking" else "_async"
    monkeypatch.setattr(f"astra.resources.{half}.reconciliation.backoff", surprise)
    with losing() as server, pytest.raises(astra.UncertainOutcomeError) as caught:
        run(flavour, server, lambda user: user.routines.create(**PAYMENT, on_uncertain="reconcile"))
    assert caught.value.search == "Looking for it was cut short by LookupError."
    assert isinstance(caught.value.__cause__, LookupError)
    assert server.posts() == 1


def test_closing_the_client_ends_the_search_at_once() -> None:
    clients: list[Any] = []
    ended = threading.Event()

    def pay(user: Any) -> None:
        try:
            user.routines.create(**PAYMENT, on_uncertain="reconcile", timeout=10)
        finally:
            ended.set()

    with losing(asked=lambda: [client.close() for client in clients]) as server:
        with astra.Astra("client-id", "client-secret", base_url=server.origin) as client:
            clients.append(client)
            client.tokens.store_answer("u", TokenAnswer(access_token="a", expires_in=7200))
            with pytest.raises(astra.UncertainOutcomeError, match="client is closed"):
                pay(client.user("u"))
        lists = [request for request in server.requests if request.startswith(b"GET")]
    assert ended.is_set()
    assert len(lists) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_payment_is_not_looked_for_among_those_of_another_user(flavour: Flavour) -> None:
    with losing() as server:
        with pytest.raises(astra.UncertainOutcomeError) as lost:
            run(flavour, server)
        lost.value.user_key = "customer-7"
        with pytest.raises(astra.InvalidRequestError, match="customer-7"):
            run(flavour, server, lambda user: user.routines.reconcile(lost.value))
        assert len(server.requests) == 1
