"""What several processes over one store may rely on, shown with processes that are really killed."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.bench.sandbox_process import SandboxProcess
from tests.tokens.processes import KEY, make_tokens, post_refresh, release, start

LEASE = 2.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def arguments(request: pytest.FixtureRequest, sandbox: SandboxProcess, tmp_path: Path) -> dict[str, Any]:
    """A user with a grant in a store that processes can share, and the user's access token, killed."""
    store = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/tokens.db",
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "redis": lambda: request.getfixturevalue("redis_url"),
    }[request.param]()
    user_id = sandbox.do("user")
    client = (sandbox.client_id, sandbox.client_secret)
    body = httpx.post(
        f"{sandbox.url}/v1/oauth/token",
        auth=client,
        data={
            "grant_type": "authorization_code",
            "code": sandbox.do("authorize", user_id=user_id),
            "redirect_uri": sandbox.redirect_uri,
        },
    ).json()
    found = {
        "store": store,
        "url": sandbox.url,
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "lease_ttl": LEASE,
        "user_id": user_id,
        "rejected": body["access_token"],
    }
    tokens = make_tokens(found)
    tokens.store_answer(KEY, post_refresh(sandbox.url, client, body["refresh_token"]), astra_user_id=user_id)
    found["rejected"] = str(tokens.access_token(KEY))
    tokens.store.close()
    sandbox.do("kill", user_id=user_id)
    return found


def accepts(arguments: dict[str, Any], token: str) -> bool:
    answer = httpx.get(f"{arguments['url']}/v1/user", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


@pytest.mark.sampled(2)
@pytest.mark.parametrize("step", ["before-post", "after-post", "before-save"])
def test_a_holder_of_the_lease_that_is_killed_costs_no_more_than_its_lease(
    arguments: dict[str, Any], step: str
) -> None:
    victim = start(arguments | {"die": step})
    assert release([victim]) == [""]
    assert victim.returncode == -signal.SIGKILL
    tokens = make_tokens(arguments)
    started = time.monotonic()
    token = tokens.replace(KEY, rejected=arguments["rejected"])
    assert time.monotonic() - started < LEASE + 1.5
    assert accepts(arguments, token)
    grant = tokens.get(KEY)
    assert grant is not None
    assert (grant.state, grant.access_token) == ("active", token)
    tokens.store.close()


@pytest.mark.sampled(1)
def test_processes_that_lose_a_token_at_once_refresh_once(arguments: dict[str, Any], sandbox: SandboxProcess) -> None:
    before = sandbox.do("refreshes", user_id=arguments["user_id"])
    children = [start(arguments) for _ in range(4)]
    found = {json.loads(line)["token"] for line in release(children)}
    assert len(found) == 1
    assert accepts(arguments, found.pop())
    assert sandbox.do("refreshes", user_id=arguments["user_id"]) == before + 1


@pytest.mark.long
def test_a_dead_refresh_token_is_told_to_every_caller_and_to_one_hook(
    arguments: dict[str, Any], sandbox: SandboxProcess
) -> None:
    sandbox.do("kill_refresh", user_id=arguments["user_id"])
    children = [start(arguments) for _ in range(4)]
    told = [json.loads(line) for line in release(children)]
    assert [one["token"] for one in told] == ["ReauthorizationRequired"] * 4
    assert sum(len(one["hooked"]) for one in told) == 1
