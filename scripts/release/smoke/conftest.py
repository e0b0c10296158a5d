"""The smoke: what users do with an installed SDK, in an environment that has the wheel and nothing of this repository.

`scripts.release` runs it, with the addresses of a real PostgreSQL and a real Redis in SMOKE_POSTGRES and SMOKE_REDIS.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from astra import Astra
from astra.sandbox import Sandbox

Run = Callable[..., str]


@pytest.fixture
def postgres_url() -> str:
    return os.environ["SMOKE_POSTGRES"]


@pytest.fixture
def redis_url() -> str:
    return os.environ["SMOKE_REDIS"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    return {
        "ASTRA_CLIENT_ID": sandbox.client_id,
        "ASTRA_CLIENT_SECRET": sandbox.client_secret,
        "ASTRA_BASE_URL": sandbox.url,
        "ASTRA_APP_URL": sandbox.url,
        "ASTRA_REDIRECT_URI": sandbox.redirect_uri,
        "ASTRA_TOKEN_STORE": f"sqlite:///{tmp_path / 'tokens.db'}",
        "ASTRA_REQUEST_LOG": f"sqlite:///{tmp_path / 'requests.db'}",
        "ASTRA_IDEMPOTENCY_STORE": f"sqlite:///{tmp_path / 'payments.db'}",
    }


@pytest.fixture
def astra(settings: dict[str, str], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Astra]:
    """A client of an installation with a file for each store, and one user, `customer-42`."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with Astra.from_env() as astra:
        user = sandbox.users.create(accounts=2)
        astra.oauth.exchange(sandbox.authorize(user_id=user.id), key="customer-42")
        yield astra


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs Python in a process of its own, with warnings as errors; returns what it printed."""

    def run(*arguments: str, status: int = 0, **variables: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "error", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run
