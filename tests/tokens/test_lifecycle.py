"""From a user key to a working access token, in one process. Time is a number that the test moves."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from astra.errors import (
    APIConnectionError,
    APITimeoutError,
    AstraError,
    InternalServerError,
    OAuthError,
    RateLimitError,
    ReauthorizationRequired,
    ResponseDecodeError,
    TokenUnavailableError,
)
from astra.testing.store_contract import NOW, at_once
from astra.tokens import AsyncTokens, Grant, TokenAnswer, Tokens, TokenSettings
from astra.tokens.identity import UNBOUND
from astra.tokens.stores.memory import MemoryStore
from tests.tokens.fake_astra import FakeAstra

KEY = "customer-1"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class World:
    """One user of a fake Astra, one store, one lifecycle over it."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        self.astra = FakeAstra()
        self.store = MemoryStore().for_identity(UNBOUND)
        self.hooked: list[ReauthorizationRequired] = []
        self.tokens = self.client(**options)
        self.first = self.astra.authorize("usr_1").access_token
        self.tokens.store_answer(
            KEY,
            TokenAnswer(
                access_token=self.first,
                expires_in=7200,
                refresh_token=next(iter(self.astra._refresh_tokens)),
            ),
            astra_user_id="usr_1",
        )

    def client(self, **options: Any) -> Tokens:
        arguments: dict[str, Any] = {
            "refresh": self.astra.refresh,
            "authorize_url": lambda grant: f"https://app/authorize?user_id={grant.astra_user_id}",
            "on_reauthorization_required": self.hooked.append,
            "clock": self.clock,
            "monotonic": self.clock,
        }
        return Tokens(self.store, **(arguments | options))

    def fail_with(self, error: Exception) -> None:
        def fail() -> None:
            self.attempts += 1
            raise error

        self.attempts = 0
        self.astra.before = fail

    def recover(self) -> None:
        self.astra.before = lambda: None


@pytest.fixture
def world() -> World:
    return World()


class TestWhileAllIsWell:
    def test_a_fresh_token_is_handed_out_without_a_refresh(self, world: World) -> None:
        assert world.tokens.access_token(KEY) == world.first
        world.clock.now += 7200 - 121
        assert world.tokens.access_token(KEY) == world.first
        assert world.astra.refreshes == 0

    @pytest.mark.parametrize("left", [120.0, 30.0, 0.0, -9000.0])
    def test_a_token_close_to_its_expiry_or_past_it_is_refreshed(self, world: World, left: float) -> None:
        world.clock.now += 7200 - left
        token = world.tokens.access_token(KEY)
        assert token != world.first
        assert world.astra.accepts(token)
        assert world.astra.refreshes == 1

    def test_a_refresh_is_visible_to_every_client_over_the_store_object(self, world: World) -> None:
        other = world.client()
        world.clock.now += 7200
        assert world.tokens.access_token(KEY) == other.access_token(KEY)
        assert world.astra.refreshes == 1

    def test_the_store_keeps_the_new_refresh_token_with_its_own_lifetime(self, world: World) -> None:
        world.clock.now += 7200
        world.tokens.access_token(KEY)
        grant = world.tokens.get(KEY)
        assert grant is not None
        assert grant.refresh_expires_at == world.clock.now + 864_000
        assert grant.astra_user_id == "usr_1"

    def test_a_user_is_found_by_astras_id(self, world: World) -> None:
        assert world.tokens.find_key("usr_1") == KEY
        assert world.tokens.find_key("usr_2") is None

    def test_all_users_are_listed(self, world: World) -> None:
        mine = world.tokens.get(KEY)
        assert mine is not None
        for number in range(1200):
            world.store.save(attrs.evolve(mine, key=f"k{number}", version=1), replaces=None)
        assert {grant.key for grant in world.tokens.list()} == {KEY, *(f"k{number}" for number in range(1200))}

    def test_a_forced_refresh_refreshes(self, world: World) -> None:
        assert world.astra.accepts(world.tokens.refresh(KEY).access_token)
        assert world.astra.refreshes == 1

    def test_a_user_who_never_authorized_has_to(self, world: World) -> None:
        with pytest.raises(ReauthorizationRequired, match="no grant") as caught:
            world.tokens.access_token("stranger")
        assert caught.value.user_key == "stranger"
        assert world.hooked == []

    def test_a_forgotten_user_has_to_authorize_again(self, world: World) -> None:
        assert world.tokens.forget(KEY)
        assert not world.tokens.forget(KEY)
        with pytest.raises(ReauthorizationRequired):
            world.tokens.access_token(KEY)

    def test_constructing_a_client_sends_nothing(self, world: World) -> None:
        world.fail_with(AssertionError("sent"))
        world.client()
        assert world.attempts == 0


class TestA401:
    def test_a_superseded_token_is_replaced_by_the_one_in_the_store(self, world: World) -> None:
        other_process = Tokens(world.store, refresh=world.astra.refresh, clock=world.clock)
        newer = other_process.refresh(KEY).access_token
        assert world.tokens.replace(KEY, rejected=world.first) == newer
        assert world.astra.refreshes == 1

    def test_a_killed_token_is_refreshed_once_for_all_who_had_it(self, world: World) -> None:
        world.astra.kill_access_token("usr_1")
        tokens = at_once(50, lambda _: world.tokens.replace(KEY, rejected=world.first))
        assert len(set(tokens)) == 1
        assert world.astra.accepts(tokens[0])
        assert world.astra.refreshes == 1

    def test_a_token_killed_again_and_again_is_replaced_each_time(self, world: World) -> None:
        token = world.first
        for death in range(1, 6):
            world.astra.kill_access_token("usr_1")
            token = world.tokens.replace(KEY, rejected=token)
            assert world.astra.accepts(token)
            assert world.astra.refreshes == death


class TestFailuresOfTheTokenEndpoint:
    FAILURES = [
        APIConnectionError("lost", sent=True),
        APITimeoutError("late", sent=True),
        InternalServerError("broken", status_code=500),
        RateLimitError("slow down", status_code=429, retry_after=3.0),
        ResponseDecodeError("garbage"),
        OAuthError("wrong secret", status_code=401, code="invalid_client"),
    ]

    @pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
    def test_calls_go_on_while_the_token_lives_and_then_get_the_error(self, world: World, error: AstraError) -> None:
        world.fail_with(error)
        for left in (119.0, 60.0, 29.0, 1.0):
            world.clock.now = NOW + 7200 - left
            assert world.tokens.access_token(KEY) == world.first
        world.clock.now = NOW + 7201
        with pytest.raises(type(error)):
            world.tokens.access_token(KEY)
        world.recover()
        world.clock.now += 60
        assert world.astra.accepts(world.tokens.access_token(KEY))

    def test_a_failed_early_refresh_is_not_repeated_at_once(self, world: World) -> None:
        world.fail_with(InternalServerError("broken", status_code=500))
        world.clock.now += 7200 - 100
        for _ in range(50):
            world.tokens.access_token(KEY)
        assert world.attempts == 1
        world.clock.now += 5
        world.tokens.access_token(KEY)
        assert world.attempts == 2

    def test_a_failed_refresh_that_was_a_must_is_not_repeated_at_once(self, world: World) -> None:
        world.fail_with(InternalServerError("broken", status_code=500))
        world.clock.now += 7200
        for _ in range(50):
            with pytest.raises(InternalServerError):
                world.tokens.access_token(KEY)
        assert world.attempts == 1

    def test_retry_after_is_kept_and_told(self, world: World) -> None:
        world.fail_with(RateLimitError("slow down", status_code=429, retry_after=30.0))
        world.clock.now += 7200
        with pytest.raises(RateLimitError):
            world.tokens.access_token(KEY)
        world.clock.now += 20
        with pytest.raises(RateLimitError) as caught:
            world.tokens.access_token(KEY)
        assert caught.value.retry_after == 10
        assert world.attempts == 1
        world.recover()
        world.clock.now += 11
        assert world.astra.accepts(world.tokens.access_token(KEY))

    def test_a_lost_answer_costs_no_call_although_the_server_has_replaced_the_token(self, world: World) -> None:
        def lose() -> None:
            world.astra.after = lambda: None
            raise APIConnectionError("lost", sent=True)

        world.astra.after = lose
        world.clock.now += 7200 - 60
        token = world.tokens.access_token(KEY)
        assert token == world.first
        assert not world.astra.accepts(token)
        assert world.astra.accepts(world.tokens.replace(KEY, rejected=token))

    @pytest.mark.parametrize("minutes", [5, -5])
    def test_a_clock_that_is_off_costs_no_call(self, world: World, minutes: int) -> None:
        token = world.tokens.access_token(KEY)
        world.clock.now += 7200 + minutes * 60
        token = world.tokens.access_token(KEY)
        if not world.astra.accepts(token):
            token = world.tokens.replace(KEY, rejected=token)
        assert world.astra.accepts(token)

    def test_every_waiter_gets_an_error_of_its_own(self, world: World) -> None:
        world.fail_with(InternalServerError("broken", status_code=500))
        world.astra.kill_access_token("usr_1")

        def call(_: int) -> BaseException:
            with pytest.raises(InternalServerError) as caught:
                world.tokens.replace(KEY, rejected=world.first)
            return caught.value

        errors = at_once(20, call)
        assert len({id(error) for error in errors}) == 20
        assert world.attempts == 1


class TestDeath:
    def test_a_refused_refresh_token_asks_the_user_once(self, world: World) -> None:
        world.astra.kill_refresh_tokens("usr_1")
        world.astra.kill_access_token("usr_1")

        def call(_: int) -> ReauthorizationRequired:
            with pytest.raises(ReauthorizationRequired) as caught:
                world.tokens.replace(KEY, rejected=world.first)
            return caught.value

        errors = at_once(20, call)
        assert len(world.hooked) == 1
        assert {error.user_key for error in errors} == {KEY}
        assert {error.authorize_url for error in errors} == {"https://app/authorize?user_id=usr_1"}
        assert world.astra.refreshes == 1
        with pytest.raises(ReauthorizationRequired):
            world.tokens.access_token(KEY)
        assert len(world.hooked) == 1
        assert world.astra.refreshes == 1

    def test_the_living_access_token_is_served_out(self, world: World) -> None:
        world.astra.kill_refresh_tokens("usr_1")
        world.clock.now += 7200 - 100
        assert world.tokens.access_token(KEY) == world.first
        assert len(world.hooked) == 1
        world.clock.now += 100
        with pytest.raises(ReauthorizationRequired):
            world.tokens.access_token(KEY)
        assert len(world.hooked) == 1

    def test_a_refresh_token_past_its_lifetime_is_dead_when_astra_has_said_so(self, world: World) -> None:
        world.clock.now += 11 * 24 * 3600
        world.astra.kill_refresh_tokens("usr_1")
        for _ in range(2):
            with pytest.raises(ReauthorizationRequired):
                world.tokens.access_token(KEY)
        assert world.astra.refreshes == 1
        assert len(world.hooked) == 1
        grant = world.tokens.get(KEY)
        assert grant is not None
        assert (grant.state, grant.dead_reason) == ("dead", "expired")

    def test_a_host_whose_clock_is_days_ahead_buries_nobody(self, world: World) -> None:
        world.clock.now += 11 * 24 * 3600
        assert world.astra.accepts(world.tokens.access_token(KEY))
        assert world.hooked == []

    def test_an_outage_buries_nobody_whose_refresh_token_is_past_its_lifetime(self, world: World) -> None:
        world.clock.now += 11 * 24 * 3600
        world.fail_with(APIConnectionError("no answer"))
        with pytest.raises(APIConnectionError):
            world.tokens.access_token(KEY)
        world.recover()
        world.clock.now += 60
        assert world.astra.accepts(world.tokens.access_token(KEY))

    def test_a_user_who_authorizes_again_is_back_in_every_client(self, world: World) -> None:
        other = world.client()
        world.astra.kill_refresh_tokens("usr_1")
        world.astra.kill_access_token("usr_1")
        for tokens in (world.tokens, other):
            with pytest.raises(ReauthorizationRequired):
                tokens.replace(KEY, rejected=world.first)
        answer = world.astra.authorize("usr_1")
        other.store_answer(KEY, answer, astra_user_id="usr_1")
        assert world.tokens.access_token(KEY) == answer.access_token
        grant = world.tokens.get(KEY)
        assert grant is not None
        assert (grant.state, grant.astra_user_id) == ("active", "usr_1")

    def test_a_refusal_does_not_kill_a_grant_that_was_renewed_meanwhile(self, world: World) -> None:
        def authorize_again() -> None:
            world.astra.before = lambda: None
            world.astra.kill_refresh_tokens("usr_1")
            world.client().store_answer(KEY, world.astra.authorize("usr_1"))

        world.astra.kill_access_token("usr_1")
        world.astra.before = authorize_again
        assert world.astra.accepts(world.tokens.replace(KEY, rejected=world.first))
        assert world.hooked == []
        grant = world.tokens.get(KEY)
        assert grant is not None
        assert grant.state == "active"

    def test_the_hook_may_ask_for_the_same_users_token(self, world: World) -> None:
        seen: list[type[BaseException]] = []

        def hook(error: ReauthorizationRequired) -> None:
            try:
                tokens.access_token(error.user_key)
            except ReauthorizationRequired as again:
                seen.append(type(again))

        tokens = world.client(on_reauthorization_required=hook)
        world.astra.kill_refresh_tokens("usr_1")
        with pytest.raises(ReauthorizationRequired):
            tokens.replace(KEY, rejected=world.first)
        assert seen == [ReauthorizationRequired]

    def test_a_link_that_cannot_be_made_does_not_hide_the_error(self, world: World) -> None:
        def no_link(grant: Grant) -> str:
            raise ValueError("no redirect URI")

        tokens = world.client(authorize_url=no_link)
        world.astra.kill_refresh_tokens("usr_1")
        with pytest.raises(ReauthorizationRequired) as caught:
            tokens.replace(KEY, rejected=world.first)
        assert caught.value.authorize_url is None
        assert len(world.hooked) == 1

    def test_a_hook_that_fails_does_not_change_what_callers_get(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        def hook(error: ReauthorizationRequired) -> None:
            raise ValueError("hook")

        tokens = world.client(on_reauthorization_required=hook)
        world.astra.kill_refresh_tokens("usr_1")
        with pytest.raises(ReauthorizationRequired):
            tokens.replace(KEY, rejected=world.first)
        assert "on_reauthorization_required failed" in caplog.text


class TestSaves:
    def test_a_reencryption_during_a_refresh_does_not_lose_the_answer(self, world: World) -> None:
        def reencrypt() -> None:
            grant = world.store.load(KEY)
            assert grant is not None
            world.store.save(_evolve(grant, version=grant.version + 1), replaces=grant.version)

        world.astra.after = reencrypt
        world.clock.now += 7200
        token = world.tokens.access_token(KEY)
        stored = world.store.load(KEY)
        assert stored is not None
        assert stored.access_token == token

    def test_a_user_who_authorizes_during_a_refresh_keeps_the_tokens_of_the_authorization(self, world: World) -> None:
        def authorize_again() -> None:
            world.astra.after = lambda: None
            world.client().store_answer(KEY, world.astra.authorize("usr_1"))

        world.astra.after = authorize_again
        world.clock.now += 7200
        token = world.tokens.access_token(KEY)
        assert world.astra.accepts(token)
        assert world.tokens.access_token(KEY) == token
        stored = world.store.load(KEY)
        assert stored is not None
        assert stored.access_token == token

    def test_a_grant_forgotten_during_its_refresh_stays_forgotten(self, world: World) -> None:
        world.astra.after = lambda: bool(world.store.delete(KEY)) and None
        world.clock.now += 7200
        with pytest.raises(ReauthorizationRequired):
            world.tokens.access_token(KEY)
        assert world.store.load(KEY) is None

    def test_a_store_that_fails_at_the_save_costs_no_call(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        def break_down(*_: Any, **__: Any) -> Any:
            raise OSError("disk full")

        world.astra.after = lambda: setattr(world.store, "save_many", break_down)
        world.clock.now += 7200
        assert world.astra.accepts(world.tokens.access_token(KEY))
        assert "could not be saved" in caplog.text

    def test_a_store_that_is_away_costs_no_call_while_the_token_lives(self, world: World) -> None:
        def break_down(*_: Any, **__: Any) -> Any:
            raise OSError("unreachable")

        world.store.load = break_down  # type: ignore[method-assign]
        world.clock.now += 7200 - 100
        assert world.tokens.access_token(KEY) == world.first


def _evolve(grant: Grant, **changes: Any) -> Grant:
    import attrs

    return attrs.evolve(grant, **changes)


class TestWaiting:
    def test_a_lease_that_is_held_is_waited_for_no_longer_than_allowed(self, world: World) -> None:
        world.store.acquire_lease(KEY, owner="somebody", ttl=60)
        started = time.monotonic()
        with pytest.raises(TokenUnavailableError):
            world.tokens.replace(KEY, rejected=world.first, deadline=started + 0.2)
        assert time.monotonic() - started < 5

    def test_an_early_refresh_does_not_wait_for_somebody_elses(self) -> None:
        world = World(settings=TokenSettings(advisory_wait=0.05))
        world.store.acquire_lease(KEY, owner="somebody", ttl=60)
        world.clock.now += 7200 - 100
        assert world.tokens.access_token(KEY) == world.first

    def test_a_lease_of_a_crashed_holder_is_taken_over(self, world: World) -> None:
        world.store.acquire_lease(KEY, owner="crashed", ttl=0.2)
        assert world.astra.accepts(world.tokens.replace(KEY, rejected=world.first))

    def test_who_waits_for_a_lease_uses_what_its_holder_saved(self, world: World) -> None:
        waiting = threading.Event()
        original = world.store.acquire_lease

        def acquire(key: str, *, owner: str, ttl: float) -> bool:
            won = original(key, owner=owner, ttl=ttl)
            if not won:
                waiting.set()
            return won

        world.store.acquire_lease(KEY, owner="other-process", ttl=60)
        world.store.acquire_lease = acquire  # type: ignore[method-assign]
        got: list[str] = []
        thread = threading.Thread(target=lambda: got.append(world.tokens.replace(KEY, rejected=world.first)))
        thread.start()
        assert waiting.wait(10)
        grant = world.store.load(KEY)
        assert grant is not None
        answer = world.astra.authorize("usr_1")
        world.store.save(Grant.issued(KEY, answer=answer, now=NOW, former=grant), replaces=grant.version)
        thread.join(10)
        assert got == [answer.access_token]
        assert world.astra.refreshes == 0

    def test_a_leader_with_little_time_does_not_take_the_others_along(self, world: World) -> None:
        world.store.acquire_lease(KEY, owner="crashed", ttl=0.6)
        barrier = threading.Barrier(2)
        results: dict[str, object] = {}

        def call(name: str, allowed: float) -> None:
            barrier.wait(10)
            try:
                results[name] = world.tokens.replace(KEY, rejected=world.first, deadline=time.monotonic() + allowed)
            except TokenUnavailableError as error:
                results[name] = error

        threads = [threading.Thread(target=call, args=pair) for pair in (("hasty", 0.1), ("patient", 30.0))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert isinstance(results["hasty"], TokenUnavailableError)
        assert world.astra.accepts(str(results["patient"]))


class TestTasks:
    """What only asyncio can do wrong."""

    async def _tokens(self, world: World, refresh: Callable[[str], Any] | None = None) -> AsyncTokens:
        return AsyncTokens(
            world.store,
            refresh=refresh or world.astra.async_refresh,
            on_reauthorization_required=world.hooked.append,
            clock=world.clock,
        )

    async def test_a_thousand_tasks_share_one_refresh(self, world: World) -> None:
        async with await self._tokens(world) as tokens:
            world.astra.kill_access_token("usr_1")
            got = await asyncio.gather(*(tokens.replace(KEY, rejected=world.first) for _ in range(1000)))
        assert len(set(got)) == 1
        assert world.astra.refreshes == 1

    async def test_a_cancelled_caller_does_not_take_the_refresh_along(self, world: World) -> None:
        entered, go = asyncio.Event(), asyncio.Event()

        async def slow(refresh_token: str) -> TokenAnswer:
            entered.set()
            await go.wait()
            return world.astra.refresh(refresh_token)

        async with await self._tokens(world, slow) as tokens:
            leader = asyncio.create_task(tokens.replace(KEY, rejected=world.first))
            await entered.wait()
            waiter = asyncio.create_task(tokens.replace(KEY, rejected=world.first))
            await asyncio.sleep(0)
            leader.cancel()
            await asyncio.wait([leader])
            assert leader.cancelled()
            go.set()
            assert world.astra.accepts(await waiter)
        assert world.astra.refreshes == 1

    async def test_an_async_hook_is_awaited_once(self, world: World) -> None:
        called: list[str] = []

        async def hook(error: ReauthorizationRequired) -> None:
            await asyncio.sleep(0)
            called.append(error.user_key)

        world.astra.kill_refresh_tokens("usr_1")
        tokens = AsyncTokens(
            world.store, refresh=world.astra.async_refresh, on_reauthorization_required=hook, clock=world.clock
        )
        results = await asyncio.gather(
            *(tokens.replace(KEY, rejected=world.first) for _ in range(20)), return_exceptions=True
        )
        await tokens.aclose()
        assert [type(result) for result in results] == [ReauthorizationRequired] * 20
        assert called == [KEY]

    def test_threads_and_event_loops_share_one_refresh(self, world: World) -> None:
        world.astra.kill_access_token("usr_1")
        in_tasks = AsyncTokens(world.store, refresh=world.astra.async_refresh, clock=world.clock)

        async def ten() -> list[str]:
            return await asyncio.gather(*(in_tasks.replace(KEY, rejected=world.first) for _ in range(10)))

        def call(number: int) -> list[str]:
            if number % 2:
                return asyncio.run(ten())
            return [world.tokens.replace(KEY, rejected=world.first)]

        got = {token for tokens in at_once(10, call) for token in tokens}
        assert len(got) == 1
        assert world.astra.refreshes == 1

    def test_a_flight_whose_event_loop_ended_is_taken_over_by_the_next(self, world: World) -> None:
        async def hang(refresh_token: str) -> TokenAnswer:
            entered.set()
            await asyncio.sleep(3600)
            raise AssertionError

        async def leave() -> None:
            tokens = AsyncTokens(world.store, refresh=hang, clock=world.clock)
            task = asyncio.create_task(tokens.replace(KEY, rejected=world.first))
            await asyncio.to_thread(entered.wait, 10)
            task.cancel()

        entered = threading.Event()
        asyncio.run(leave())
        assert world.astra.accepts(world.tokens.replace(KEY, rejected=world.first))
