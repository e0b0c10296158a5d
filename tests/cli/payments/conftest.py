"""A store that is there, and the settings of its client in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra import Astra
from astra.payments import open_idempotency_store
from astra.sandbox import Sandbox
from astra.tokens import Identity
from tests.cli.payments.payers import ME, put, uncertain


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a store where nothing is kept yet, with the settings of its client in the environment, but no secret."""
    url = f"sqlite:///{tmp_path}/payments.db"
    for name in [name for name in os.environ if name.upper().startswith("ASTRA_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "ASTRA_CLIENT_ID": ME.client_id,
        "ASTRA_BASE_URL": "http://127.0.0.1:1",
        "ASTRA_IDEMPOTENCY_STORE": url,
        "COLUMNS": "300",
    }.items():
        monkeypatch.setenv(name, value)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a store of each durable kind, with one payment of unknown outcome."""
    found = url if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    monkeypatch.setenv("ASTRA_IDEMPOTENCY_STORE", found)
    put(found, uncertain())
    return found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A local Astra."""
    with Sandbox() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def client(
    request: pytest.FixtureRequest, url: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Astra]:
    """A client of the sandbox's, of the settings in the environment, over stores of each durable kind; "customer-42" is
    authorized."""
    store = url if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    log = f"sqlite:///{tmp_path}/requests.db" if request.param == "sqlite" else store
    for name, value in {
        "ASTRA_CLIENT_ID": sandbox.client_id,
        "ASTRA_CLIENT_SECRET": sandbox.client_secret,
        "ASTRA_BASE_URL": sandbox.url,
        "ASTRA_REDIRECT_URI": sandbox.redirect_uri,
        "ASTRA_TOKEN_STORE": f"sqlite:///{tmp_path}/tokens.db",
        "ASTRA_IDEMPOTENCY_STORE": store,
        "ASTRA_REQUEST_LOG": log,
    }.items():
        monkeypatch.setenv(name, value)
    with Astra.from_env(max_retries=0) as astra:
        user = sandbox.users.create(accounts=2)
        astra.oauth.exchange(sandbox.authorize(user_id=user.id), key="customer-42")
        yield astra


@pytest.fixture
def identity(client: Astra) -> Identity:
    """Whose payments the client's are."""
    return Identity(ME.environment, os.environ["ASTRA_CLIENT_ID"])


@pytest.fixture
def empty(url: str) -> str:
    """URL of a store that is there, and has no payments."""
    from datetime import UTC, datetime

    put(url, uncertain("first"))
    with open_idempotency_store(url) as store:
        store.prune(environment=ME.environment, client_id=ME.client_id, before=datetime.now(UTC), states=["uncertain"])  # type: ignore[list-item]
    return url
