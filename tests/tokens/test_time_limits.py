"""A store or an endpoint that hangs, and clocks that are set: each caller waits its own time, and no more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from astra.errors import (
    InternalServerError,
    RateLimitError,
    ReauthorizationRequired,
    TokenStoreError,
    TokenUnavailableError,
)
from astra.testing.store_contract import NOW
from astra.tokens import AsyncTokens, Grant, Tokens, TokenSettings
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.memory import MemoryStore
from tests.tokens.fake_astra import FakeAstra
from tests.tokens.test_lifecycle import KEY, Clock, World


class HungStore(MemoryStore):
    """Blocks every call while the gate is shut, as a database that does not answer."""

    blocking = True

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def load(self, identity: Identity, key: str) -> Grant | None:
        self.entered.set()
        self.gate.wait(30)
        return super().load(identity, key)

    @contextmanager
    def hung(self) -> Iterator[None]:
        self.entered.clear()
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()


def took(function: Callable[[], object]) -> float:
    started = time.monotonic()
    function()
    return time.monotonic() - started


@pytest.fixture
def store() -> HungStore:
    return HungStore()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def tokens_over(store: MemoryStore, clock: Clock, **options: Any) -> tuple[FakeAstra, Tokens]:
    astra = FakeAstra()
    tokens = Tokens(store, refresh=astra.refresh, clock=clock, monotonic=clock, **options)
    tokens.store_answer(KEY, astra.authorize("usr_1"), astra_user_id="usr_1")
    return astra, tokens


class TestAStoreThatHangs:
    def test_a_blocking_call_ends_with_its_own_timeout(self, store: HungStore, clock: Clock) -> None:
        _, tokens = tokens_over(store, clock)
        held = tokens.access_token(KEY)

        def call() -> None:
            with pytest.raises(TokenUnavailableError):
                tokens.replace(KEY, rejected=held, deadline=time.monotonic() + 0.3)

        with store.hung():
            assert 0.2 < took(call) < 5

    @pytest.mark.parametrize("left", [100.0, 20.0], ids=["should refresh", "must refresh"])
    def test_a_call_whose_token_lives_goes_out_and_those_after_it_do_not_wait(
        self, store: HungStore, clock: Clock, left: float
    ) -> None:
        _, tokens = tokens_over(store, clock, settings=TokenSettings(advisory_wait=0.3))
        held = tokens.access_token(KEY)
        clock.now += 7200 - left
        with store.hung():
            deadline = time.monotonic() + 0.8
            assert took(lambda: tokens.access_token(KEY, deadline=deadline)) < 0.75
            assert took(lambda: [tokens.access_token(KEY) == held for _ in range(50)]) < 0.2

    async def test_a_task_meets_the_same(self, store: HungStore, clock: Clock) -> None:
        astra, filled = tokens_over(store, clock)
        held = filled.access_token(KEY)
        clock.now += 7200 - 100
        settings = TokenSettings(advisory_wait=0.3)
        async with AsyncTokens(
            store, refresh=astra.async_refresh, clock=clock, monotonic=clock, settings=settings
        ) as tokens:
            with store.hung():
                started = time.monotonic()
                assert await tokens.access_token(KEY) == held
                assert time.monotonic() - started < 5

    def test_what_the_flight_brings_in_the_end_is_used(self, store: HungStore, clock: Clock) -> None:
        astra, tokens = tokens_over(store, clock, settings=TokenSettings(advisory_wait=0.05))
        held = tokens.access_token(KEY)
        clock.now += 7200 - 100
        with store.hung():
            assert tokens.access_token(KEY) == held
        tokens.close()
        assert tokens.access_token(KEY) != held
        assert astra.refreshes == 1


def test_a_hook_that_hangs_holds_its_caller_up_no_longer_than_allowed() -> None:
    go = threading.Event()
    called: list[str] = []

    def hook(error: ReauthorizationRequired) -> None:
        go.wait(30)
        called.append(error.user_key)

    world = World()
    tokens = world.client(on_reauthorization_required=hook)
    world.astra.kill_refresh_tokens("usr_1")
    try:
        with pytest.raises(ReauthorizationRequired):
            tokens.replace(KEY, rejected=world.first, deadline=time.monotonic() + 0.2)
        assert called == []
    finally:
        go.set()
    tokens.close()
    assert called == [KEY]


class TestAClockThatIsSetBack:
    """The wall clock says what has expired, and nothing else."""

    @pytest.mark.parametrize(
        "error",
        [InternalServerError("broken", status_code=500), RateLimitError("slow", status_code=429, retry_after=3.0)],
        ids=lambda error: type(error).__name__,
    )
    def test_a_failed_refresh_bars_the_user_for_its_pause_and_no_longer(self, error: Exception) -> None:
        passed = Clock()
        world = World(monotonic=passed)
        world.fail_with(error)
        world.clock.now += 7201
        with pytest.raises(type(error)):
            world.tokens.access_token(KEY)
        world.recover()
        world.clock.now -= 3600 * 0.5
        passed.now += 3.1
        world.astra.kill_access_token("usr_1")
        assert world.astra.accepts(world.tokens.replace(KEY, rejected=world.first))

    def test_a_pause_does_not_end_when_the_clock_is_set_forward(self) -> None:
        passed = Clock()
        world = World(monotonic=passed)
        world.fail_with(RateLimitError("slow", status_code=429, retry_after=30.0))
        world.clock.now += 7201
        for _ in range(3):
            with pytest.raises(RateLimitError):
                world.tokens.access_token(KEY)
            world.clock.now += 3600
        assert world.attempts == 1


class TestALeaseIsNotLeftBehind:
    def test_when_the_event_loop_ends_while_it_is_taken(self, clock: Clock) -> None:
        taking, go = threading.Event(), threading.Event()

        class Slow(MemoryStore):
            blocking = True

            def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
                taking.set()
                go.wait(10)
                return super().acquire_lease(identity, key, owner=owner, ttl=ttl)

        store = Slow()
        astra, filled = tokens_over(store, clock)
        held = filled.access_token(KEY)

        async def leave() -> None:
            tokens = AsyncTokens(store, refresh=astra.async_refresh, clock=clock)
            call = asyncio.create_task(tokens.replace(KEY, rejected=held))
            await asyncio.to_thread(taking.wait, 10)
            call.cancel()
            threading.Timer(0.1, go.set).start()

        asyncio.run(leave())
        assert store.acquire_lease(UNBOUND, KEY, owner="next", ttl=1)

    def test_when_the_caller_of_a_refresh_leaves(self, clock: Clock, store: HungStore) -> None:
        astra, tokens = tokens_over(store, clock)
        held = tokens.access_token(KEY)
        entered, go = threading.Event(), threading.Event()

        def hold() -> None:
            entered.set()
            go.wait(10)

        astra.before = hold
        with pytest.raises(TokenUnavailableError):
            tokens.replace(KEY, rejected=held, deadline=time.monotonic() + 0.1)
        assert entered.wait(10)
        go.set()
        tokens.close()
        assert store.acquire_lease(UNBOUND, KEY, owner="next", ttl=1)

    def test_one_that_the_store_did_not_hear_of_is_taken_again_without_a_wait(self, clock: Clock) -> None:
        class Deaf(MemoryStore):
            deaf = True

            def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
                if self.deaf:
                    raise TokenStoreError("no answer", timed_out=True)
                super().release_lease(identity, key, owner=owner)

        store = Deaf()
        _, tokens = tokens_over(store, clock)
        tokens.refresh(KEY)
        assert not store.acquire_lease(UNBOUND, KEY, owner="another process", ttl=1)
        store.deaf = False
        tokens.refresh(KEY, deadline=time.monotonic() + 5)
        assert took(lambda: tokens.refresh(KEY, deadline=time.monotonic() + 5)) < 1


def test_a_store_that_goes_back_to_an_older_copy_costs_one_refresh(clock: Clock) -> None:
    """As a Redis that fails over to an old replica: versions in memory are higher than those in the store."""
    astra = FakeAstra()
    store = MemoryStore()
    clients = [Tokens(store, refresh=astra.refresh, clock=clock) for _ in range(2)]
    for client in clients:
        client._local = client._renewal.local = type(client._local)()  # as in processes of their own
        client._cache = client._local.cache
    clients[0].store_answer(KEY, astra.authorize("usr_1"))
    old = store.load(UNBOUND, KEY)
    assert old is not None
    for _ in range(5):
        clients[0].refresh(KEY)
        clients[1].access_token(KEY)
    store.delete(UNBOUND, KEY)
    store.save(old, replaces=None)
    before, rejected = astra.refreshes, 0
    for number in range(100):
        client = clients[number % 2]
        token = client.access_token(KEY)
        while not astra.accepts(token):
            rejected += 1
            token = client.replace(KEY, rejected=token)
    assert astra.refreshes - before == 1
    assert rejected <= 4


def test_a_grant_in_memory_is_looked_up_once_a_minute() -> None:
    world = World()
    world.tokens.access_token(KEY)
    answer = world.astra.authorize("usr_2")
    stored = world.store.load(KEY)
    assert stored is not None
    world.store.save(
        Grant.issued(KEY, answer=answer, now=NOW, former=stored, astra_user_id="usr_2"), replaces=stored.version
    )
    world.clock.now += 59
    assert world.tokens.access_token(KEY) == world.first
    world.clock.now += 1
    assert world.tokens.access_token(KEY) == answer.access_token
    assert world.astra.refreshes == 0
