"""The lifecycle under the real client, against the local Astra: faults of the token endpoint as users meet them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from astra import (
    APIConnectionError,
    APIError,
    Astra,
    AstraError,
    AsyncAstra,
    InternalServerError,
    RateLimitError,
    ReauthorizationRequired,
    ResponseDecodeError,
    TokenSettings,
)
from astra.sandbox import Sandbox
from tests.tokens.test_secrets import everything_shown_of

KEY = "customer-1"


class Clock:
    """Real time, moved."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def arguments(sandbox: Sandbox, clock: Clock, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.url,
        "redirect_uri": sandbox.redirect_uri,
        "max_retries": 0,
        "clock": clock,
        "token_settings": TokenSettings(backoff=0.01, advisory_backoff=0.01),
    }
    return found | options


@pytest.fixture
def astra(sandbox: Sandbox, clock: Clock) -> Iterator[Astra]:
    with Astra(**arguments(sandbox, clock)) as client:
        client.tokens._renewal.monotonic = clock  # pauses go by a clock of their own, which moves with this one
        user = sandbox.users.create(accounts=1)
        client.oauth.exchange(sandbox.authorize(user_id=user.id), key=KEY)
        yield client


def user_id(sandbox: Sandbox) -> str:
    return next(iter(sandbox._backend.engine.state.users.rows))


FAULTS: list[tuple[dict[str, Any], type[AstraError]]] = [
    ({"drop": "after"}, APIConnectionError),
    ({"drop": "before"}, APIConnectionError),
    ({"status": 500}, InternalServerError),
    ({"status": 502, "garbage": True}, InternalServerError),
    ({"status": 429, "headers": {"Retry-After": "1"}}, RateLimitError),
    ({"garbage": True}, ResponseDecodeError),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=lambda value: str(value))
def test_calls_go_on_while_the_token_lives_and_then_get_the_right_error(
    sandbox: Sandbox, clock: Clock, astra: Astra, fault: dict[str, Any], expected: type[AstraError]
) -> None:
    held = sandbox.faults.add(operation="exchange_token", times=None, **fault)
    acts = held.acts()
    clock.offset = 7200 - 60
    if not acts:
        # A refresh that Astra did replaces the token, so only one that it did not do leaves it alive.
        assert astra.user(KEY).profile.get().id == user_id(sandbox)
        assert held.hits >= 1
    clock.offset = 7200 + 1
    with pytest.raises(expected):
        astra.user(KEY).profile.get()
    sandbox.faults.clear()
    clock.offset += 40
    assert astra.user(KEY).profile.get().id == user_id(sandbox)


def test_a_lost_refresh_answer_costs_no_call(sandbox: Sandbox, clock: Clock, astra: Astra) -> None:
    sandbox.faults.add(operation="exchange_token", drop="after", times=2)
    clock.offset = 7200 - 60
    assert astra.user(KEY).profile.get().id == user_id(sandbox)


@pytest.mark.parametrize("minutes", [5, -5])
def test_a_clock_that_is_five_minutes_off_costs_no_call(
    sandbox: Sandbox, clock: Clock, astra: Astra, minutes: int
) -> None:
    for _ in range(4):
        sandbox.advance(minutes=50)
        clock.offset += 50 * 60
        clock.offset += minutes * 60 / 4
        assert astra.user(KEY).profile.get().id == user_id(sandbox)


def test_a_user_who_is_away_for_eleven_days_has_to_authorize_again_and_is_back(
    sandbox: Sandbox, clock: Clock, astra: Astra
) -> None:
    sandbox.advance(days=11)
    clock.offset = 11 * 24 * 3600
    with pytest.raises(ReauthorizationRequired) as caught:
        astra.user(KEY).profile.get()
    assert caught.value.authorize_url is not None
    redirect = sandbox.visit(caught.value.authorize_url)
    astra.oauth.exchange(redirect.partition("code=")[2].partition("&")[0], key=KEY)
    assert astra.user(KEY).profile.get().id == user_id(sandbox)


@pytest.fixture
def tokens_shown(sandbox: Sandbox) -> Callable[[str], list[str]]:
    """Finds every token that the sandbox has ever issued in a text."""
    state = sandbox._backend.engine.state

    def find(text: str) -> list[str]:
        issued = [*state.access_tokens, *state.refresh_tokens, sandbox.client_secret]
        return [token for token in issued if token in text]

    return find


@pytest.mark.parametrize(
    "fault",
    [{"drop": "after"}, {"drop": "before"}, {"status": 500}, {"garbage": True}, {"status": 400}, {"after_bytes": 40}],
    ids=str,
)
async def test_no_failed_refresh_shows_a_token_to_an_error_tracker(
    sandbox: Sandbox,
    clock: Clock,
    astra: Astra,
    fault: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    tokens_shown: Callable[[str], list[str]],
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.faults.add(operation="exchange_token", times=None, **fault)
    clock.offset = 7201
    with pytest.raises(AstraError) as caught:
        astra.user(KEY).profile.get()
    shown = everything_shown_of(caught.value)
    async with AsyncAstra(**arguments(sandbox, clock, token_store=astra.tokens.store.base)) as in_tasks:
        with pytest.raises(AstraError) as caught:
            await in_tasks.user(KEY).profile.get()
    shown += everything_shown_of(caught.value)
    assert tokens_shown(shown) == []
    assert tokens_shown(caplog.text + "".join(repr(vars(record)) for record in caplog.records)) == []


def test_no_failed_call_shows_a_token_to_an_error_tracker(
    sandbox: Sandbox, astra: Astra, tokens_shown: Callable[[str], list[str]]
) -> None:
    sandbox.faults.add(operation="get_user", status=500, times=None)
    with pytest.raises(APIError) as caught:
        astra.user(KEY).profile.get()
    assert tokens_shown(everything_shown_of(caught.value)) == []
