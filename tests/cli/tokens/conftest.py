"""A store that is there, and the settings of its client in the environment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from astra.tokens import Grant, TokenAnswer, open_store
from scripts.bench.sandbox_process import SandboxProcess
from tests.cli.tokens.operators import DAY, KEY, ME, make, put


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of an encrypted store that is there, and empty, with the settings of its client in the environment."""
    url = f"sqlite:///{tmp_path}/tokens.db"
    settings = {
        "ASTRA_CLIENT_ID": ME.client_id,
        "ASTRA_CLIENT_SECRET": "SECRET-of-client",
        "ASTRA_ENVIRONMENT": ME.environment,
        "ASTRA_TOKEN_STORE": url,
        "ASTRA_TOKEN_KEYS": KEY,
        "COLUMNS": "300",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    put(url, make("first"))
    with open_store(url) as store:
        store.delete(ME, "first")
    return url


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def any_url(request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of an encrypted store of each durable kind, with one grant of the client's."""
    names = {"postgresql": "postgres_url", "redis": "redis_url"}
    found = url if request.param == "sqlite" else str(request.getfixturevalue(names[request.param]))
    monkeypatch.setenv("ASTRA_TOKEN_STORE", found)
    put(found, make("a"))
    return found


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """A local Astra."""
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def seed(
    sandbox: SandboxProcess, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], list[list[str]]]:
    """Makes the client one of the sandbox's, whose users are authorized under k0, k1, ... since six days."""

    def make_users(number: int) -> list[list[str]]:
        monkeypatch.delenv("ASTRA_ENVIRONMENT")
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        sandbox.do("seed", users=number, path=str(tmp_path / "users.jsonl"))
        users: list[list[str]] = [json.loads(line) for line in (tmp_path / "users.jsonl").read_text().splitlines()]
        with sandbox.view(url, keys=[KEY]) as store:
            for index, (user_id, access, refresh) in enumerate(users):
                answer = TokenAnswer(access_token=access, expires_in=7 * DAY, refresh_token=refresh)
                issued = time.time() - 6 * DAY
                store.save(Grant.issued(f"k{index}", answer=answer, now=issued, astra_user_id=user_id), replaces=None)
        return users

    return make_users
