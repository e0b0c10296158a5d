"""One person under two keys, another person under one key, and nobody under a key: across processes, on every store.

Clients of stores of their own over one database stand for processes: they share nothing else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from astra.errors import APIConnectionError, UnknownUserError
from astra.testing.store_contract import ME, at_once
from astra.tokens import Tokens, open_store
from astra.tokens.identity import Identity
from astra.tokens.stores.memory import MemoryStore
from tests.tokens.fake_astra import FakeAstra

Client = Callable[..., Tokens]


class Calls:
    """Calls as the HTTP layer makes them: with a token, and with another one after a 401."""

    def __init__(self, astra: FakeAstra) -> None:
        self.astra = astra
        self.rejected = 0

    def call(self, tokens: Tokens, key: str) -> str:
        """Returns as whom the server takes the caller."""
        token = tokens.access_token(key)
        while True:
            user = self.whose(token)
            if user is not None:
                return user
            self.rejected += 1
            token = tokens.replace(key, rejected=token)

    def whose(self, token: str) -> str | None:
        return next((user for user, valid in self.astra._valid.items() if valid == token), None)


@pytest.fixture
def astra() -> FakeAstra:
    return FakeAstra()


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def client(request: pytest.FixtureRequest, astra: FakeAstra, tmp_path: Path) -> Iterator[Client]:
    """Makes clients as in processes of their own; on memory, which no processes share, as in threads of one."""
    memory = MemoryStore()
    with ExitStack() as opened:

        def make(identity: Identity = ME, **options: Any) -> Tokens:
            if request.param == "memory":
                store = memory
            else:
                url = {
                    "sqlite": lambda: f"sqlite:///{tmp_path}/tokens.db",
                    "postgresql": lambda: request.getfixturevalue("postgres_url"),
                    "redis": lambda: request.getfixturevalue("redis_url"),
                }[request.param]()
                store = opened.enter_context(open_store(url))
            return Tokens(store.for_identity(identity), **({"refresh": astra.refresh} | options))

        yield make


class TestOnePersonUnderTwoKeys:
    def test_fifty_alternating_calls_cost_no_refresh(self, client: Client, astra: FakeAstra) -> None:
        here, there, calls = client(), client(), Calls(astra)
        here.store_answer("one", astra.authorize("alice"), astra_user_id="alice")
        there.store_answer("other", astra.authorize("alice"), astra_user_id="alice")
        assert {calls.call(tokens, key) for tokens in (here, there) for key in ("one", "other")} == {"alice"}
        calls.rejected = 0
        for number in range(50):
            calls.call((here, there)[number // 2 % 2], ("one", "other")[number % 2])
        assert (astra.refreshes, calls.rejected) == (0, 0)

    def test_a_refresh_under_one_key_is_one_for_the_other(self, client: Client, astra: FakeAstra) -> None:
        here, there, calls = client(), client(), Calls(astra)
        for key in ("one", "other"):
            here.store_answer(key, astra.authorize("alice"), astra_user_id="alice")
        for _ in range(5):
            here.refresh("one")
            assert calls.call(there, "other") == "alice"
        assert astra.refreshes == 5
        one, other = here.get("one"), here.get("other")
        assert one is not None
        assert other is not None
        assert (one.access_token, one.refresh_token) == (other.access_token, other.refresh_token)

    def test_threads_of_two_processes_that_lose_the_token_at_once_refresh_once(
        self, client: Client, astra: FakeAstra
    ) -> None:
        here, there, calls = client(), client(), Calls(astra)
        for key in ("one", "other"):
            here.store_answer(key, astra.authorize("alice"), astra_user_id="alice")
        for tokens in (here, there):
            for key in ("one", "other"):
                tokens.access_token(key)
        astra.kill_access_token("alice")
        at_once(8, lambda number: calls.call((here, there)[number % 2], ("one", "other")[number // 2 % 2]))
        assert astra.refreshes == 1

    def test_a_dead_grant_of_the_other_key_lives_again(self, client: Client, astra: FakeAstra) -> None:
        tokens, calls = client(), Calls(astra)
        tokens.store_answer("one", astra.authorize("alice"), astra_user_id="alice")
        astra.kill_refresh_tokens("alice")
        astra.kill_access_token("alice")
        with pytest.raises(Exception, match="dead"):
            calls.call(tokens, "one")
        tokens.store_answer("other", astra.authorize("alice"), astra_user_id="alice")
        assert calls.call(tokens, "one") == "alice"
        assert astra.refreshes == 1

    @pytest.mark.parametrize("unnamed", ["one", "other"])
    def test_two_keys_share_the_tokens_issued_last_as_soon_as_both_are_known_to_be_hers(
        self, client: Client, astra: FakeAstra, unnamed: str
    ) -> None:
        here, there, calls, answers = client(), client(), Calls(astra), {}
        for key in ("one", "other"):
            answers[key] = astra.authorize("alice")
            here.store_answer(key, answers[key], astra_user_id=None if key == unnamed else "alice")
            there.access_token(key)
        assert here.set_user_id(unnamed, astra_user_id="alice", access_token=answers[unnamed].access_token)
        assert {calls.call(tokens, key) for tokens in (here, there) for key in ("one", "other")} == {"alice"}
        assert astra.refreshes == 0
        assert here.find_keys("alice") == there.find_keys("alice")
        assert sorted(here.find_keys("alice", active=True)) == ["one", "other"]

    def test_another_clients_grant_of_the_same_person_is_not_touched(self, client: Client, astra: FakeAstra) -> None:
        ours, theirs = client(), client(Identity("production", "other-client"))
        theirs.store_answer("one", astra.authorize("alice"), astra_user_id="alice")
        before = theirs.get("one")
        ours.store_answer("two", astra.authorize("alice"), astra_user_id="alice")
        ours.refresh("two")
        assert theirs.get("one") == before
        assert ours.get("one") is None


class TestAnotherPersonUnderTheKey:
    def test_the_next_call_of_every_process_acts_as_the_new_one(self, client: Client, astra: FakeAstra) -> None:
        here, there, calls = client(), client(), Calls(astra)
        here.store_answer("c42", astra.authorize("alice"), astra_user_id="alice")
        assert calls.call(there, "c42") == "alice"
        here.store_answer("c42", astra.authorize("bob"), astra_user_id="bob")
        assert calls.call(there, "c42") == "bob"
        assert calls.call(here, "c42") == "bob"
        assert here.find_key("alice") is None

    def test_a_grant_of_the_former_one_under_another_key_stays_well(self, client: Client, astra: FakeAstra) -> None:
        here, there, calls = client(), client(), Calls(astra)
        for key in ("c42", "c43"):
            here.store_answer(key, astra.authorize("alice"), astra_user_id="alice")
        assert [calls.call(there, key) for key in ("c42", "c43")] == ["alice", "alice"]
        here.store_answer("c42", astra.authorize("bob"), astra_user_id="bob")
        assert [calls.call(there, key) for key in ("c42", "c43")] == ["bob", "alice"]
        assert astra.refreshes == 1

    def test_a_forgotten_user_is_forgotten_at_the_next_call_of_every_process(
        self, client: Client, astra: FakeAstra
    ) -> None:
        here, there, calls = client(), client(), Calls(astra)
        here.store_answer("c42", astra.authorize("alice"), astra_user_id="alice")
        calls.call(there, "c42")
        assert here.forget("c42")
        with pytest.raises(UnknownUserError):
            calls.call(there, "c42")
        assert not here.forget("c42")

    def test_when_the_token_cannot_be_ended_it_is_told_and_ends_with_the_next_look(
        self, client: Client, astra: FakeAstra, caplog: pytest.LogCaptureFixture
    ) -> None:
        passed = [0.0]
        here, there = client(), client(monotonic=lambda: passed[0])
        here.store_answer("c42", astra.authorize("alice"), astra_user_id="alice")
        there.access_token("c42")

        def fail() -> None:
            raise APIConnectionError("away")

        astra.before = fail
        answer = astra.authorize("bob")
        here.store_answer("c42", answer, astra_user_id="bob")
        assert "could not be ended" in caplog.text
        passed[0] += 60
        assert there.access_token("c42") == answer.access_token


def test_sixteen_threads_on_two_keys_refresh_as_often_as_the_token_dies(astra: FakeAstra) -> None:
    store, calls, ends = MemoryStore().for_identity(ME), Calls(astra), time.monotonic() + 2
    tokens = Tokens(store, refresh=astra.refresh)
    for key in ("one", "other"):
        tokens.store_answer(key, astra.authorize("alice"), astra_user_id="alice")
    deaths = 0

    def work(number: int) -> int:
        done = 0
        while time.monotonic() < ends:
            assert calls.call(tokens, ("one", "other")[number % 2]) == "alice"
            done += 1
        return done

    stop = threading.Event()

    def kill() -> None:
        nonlocal deaths
        while not stop.wait(0.2):
            astra.kill_access_token("alice")
            deaths += 1

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        at_once(16, work)
    finally:
        stop.set()
        killer.join()
    assert astra.refreshes <= deaths + 2
