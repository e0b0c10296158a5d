"""A grant belongs to one client in one environment, whichever way the client was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from astra import Astra, AsyncAstra, ConfigurationError, InvalidRequestError
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, TokenAnswer, open_store

ANSWER = TokenAnswer(access_token="access", expires_in=7200, refresh_token="refresh")
KEY = Fernet.generate_key().decode()


def client(url: str, client_id: str = "client-1", **options: Any) -> Astra:
    return Astra(client_id, "s3cret", token_store=url, **options)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/tokens.db"


def test_a_local_sandbox_that_is_started_again_on_another_port_finds_its_grants(url: str) -> None:
    with client(url, base_url="http://127.0.0.1:8791") as first:
        first.tokens.store_answer("customer-1", ANSWER)
    with client(url, base_url="http://localhost:50123") as second:
        assert second.tokens.get("customer-1") is not None


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"environment": "production"},
        {"client_id": "client-2", "base_url": "http://127.0.0.1:8791"},
        {"environment": "production", "base_url": "http://127.0.0.1:8791"},
        {"base_url": "https://proxy.example.com"},
    ],
)
def test_a_client_of_another_environment_or_id_does_not_see_them(url: str, options: dict[str, Any]) -> None:
    with client(url, base_url="http://127.0.0.1:8791") as first:
        first.tokens.store_answer("customer-1", ANSWER)
    with client(url, **options) as other:
        assert other.tokens.get("customer-1") is None
        other.tokens.store_answer("customer-1", ANSWER)
    with open_store(url) as store:
        assert sorted(store.identities().values()) == [1, 1]


def test_keep_alive_and_due_keys_of_a_client_that_sees_none_of_the_grants_say_so(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with client(url, environment="production", base_url="https://api.astra.finance") as first:
        assert first.tokens.keep_alive().exit_code == 0
        first.tokens.store_answer("customer-1", ANSWER)
    with client(url) as other:
        assert list(other.tokens.due_keys()) == []
        assert "1 of production, client client-1: most likely the client id" in caplog.text
        report = other.tokens.keep_alive()
        assert (report.exit_code, report.refreshed) == (1, 0)
        assert "the store has no grants of sandbox, client client-1, but 1 of production" in (report.ended_early or "")
        assert other.tokens.keep_alive(keys=["customer-2"]).exit_code == 0


def from_constructor(url: str) -> Any:
    return Astra("client-1", "s3cret", token_store=url, http_client=httpx.MockTransport(never))


def from_environment(url: str) -> Any:
    return Astra.from_env(token_store=url, http_client=httpx.MockTransport(never))


def from_store_object(url: str) -> Any:
    return Astra("client-1", "s3cret", token_store=open_store(url), http_client=httpx.MockTransport(never))


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"sent: {request.url}")


@pytest.mark.parametrize("make", [from_constructor, from_environment, from_store_object])
def test_every_client_without_keys_refuses_encrypted_tokens_before_it_sends(
    make: Callable[[str], Any], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_ID", "client-1")
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "s3cret")
    identity = Identity("sandbox", "client-1")
    with open_store(url).for_identity(identity, keys=[KEY]) as grants:
        grants.save(make_grant("customer-1"), replaces=None)
    astra = make(url)
    with pytest.raises(ConfigurationError, match="Set ASTRA_TOKEN_KEYS"):
        astra.user("customer-1").profile.get()
    astra.close()
    with open_store(url).for_identity(identity, keys=[KEY]) as grants:
        assert grants.load("customer-1") == make_grant("customer-1")


@pytest.mark.parametrize("key", [42, "", " ", "a" * 256, "a\0", None])
async def test_a_key_that_no_store_can_keep_is_refused_alike_by_all_that_take_one(key: Any) -> None:
    with Astra("client-1", "s3cret", http_client=httpx.MockTransport(never)) as astra:
        for call in (astra.tokens.get, astra.tokens.refresh, astra.tokens.access_token, astra.tokens.forget):
            with pytest.raises(InvalidRequestError, match=r"^key "):
                call(key)
        with pytest.raises(InvalidRequestError, match=r"^key "):
            astra.tokens.store_answer(key, ANSWER)
    async with AsyncAstra("client-1", "s3cret") as in_tasks:
        with pytest.raises(InvalidRequestError, match=r"^key "):
            await in_tasks.tokens.access_token(key)
