"""Every operation, replayed from its cassette with the network blocked, by both clients."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import vcr
from astra_api.operations import OPERATIONS
from astra_api.types import Model

import astra
from astra.pagination._async.pager import AsyncPage, AsyncPager
from astra.pagination._sync.pager import Page, Pager
from astra.testing.vcr import vcr_settings
from astra.tokens import TokenAnswer
from tests.cassettes.recorder import replay_inputs
from tests.cassettes.scenarios import Scenario, scenarios
from tests.cassettes.world import BUSINESS, DATA, PERSON

pytestmark = pytest.mark.block_network
ALL = scenarios()
GRANT = TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt")
KEYS = (PERSON, BUSINESS, "receiver")


def test_there_is_a_success_and_a_failure_for_every_operation() -> None:
    assert {scenario.name for scenario in ALL} == {
        f"{operation}.{outcome}" for operation in OPERATIONS for outcome in ("success", "failure")
    }


def check(scenario: Scenario, result: Any) -> None:
    """A success is typed and carries its request id."""
    assert scenario.error is None
    if isinstance(result, Model | Page | AsyncPage):
        assert result.request_id
    else:
        # A session after an exchange, or the request id of an answer without a body.
        assert result is not None


def check_error(scenario: Scenario, error: astra.APIError) -> None:
    """A failure is of its class and carries status, request id and operation."""
    assert (type(error), error.status_code) == (scenario.error, scenario.status)
    assert error.request_id
    assert error.operation == scenario.operation


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
def test_the_sync_client_replays(scenario: Scenario) -> None:
    replay(scenario, DATA / f"{scenario.name}.yaml")


def replay(scenario: Scenario, path: Path) -> None:
    world, redirect_uri = replay_inputs(path)
    with (
        astra.Astra("id", "secret", redirect_uri=redirect_uri, max_retries=0) as client,
        vcr.VCR(**vcr_settings()).use_cassette(str(path), record_mode="none") as tape,
    ):
        for key in KEYS:
            client.tokens.store_answer(key, GRANT)
        try:
            result = scenario.act(client, world)
            check(scenario, result.page() if isinstance(result, Pager) else result)
        except astra.APIError as error:
            check_error(scenario, error)
        assert tape.all_played


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.name)
async def test_the_async_client_replays(scenario: Scenario) -> None:
    path = DATA / f"{scenario.name}.yaml"
    world, redirect_uri = replay_inputs(path)
    async with astra.AsyncAstra("id", "secret", redirect_uri=redirect_uri, max_retries=0) as client:
        for key in KEYS:
            await client.tokens.store_answer(key, GRANT)
        with vcr.VCR(**vcr_settings()).use_cassette(str(path), record_mode="none") as tape:
            try:
                result = scenario.act(client, world)
                if isinstance(result, AsyncPager):
                    result = result.page()
                check(scenario, await result if inspect.isawaitable(result) else result)
            except astra.APIError as error:
                check_error(scenario, error)
            assert tape.all_played
