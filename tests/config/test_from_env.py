"""`from_env()` makes what the constructor makes: every option, from its variable or from an argument in its place."""

from __future__ import annotations

import inspect
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

import astra
from astra.config import read_environment
from astra.testing.store_contract import make_grant
from astra.tokens import Identity, open_store

KEY, FORMER = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The two variables without which nothing goes."""
    monkeypatch.setenv("ASTRA_CLIENT_ID", "id")
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "s3cret")
    return monkeypatch


@pytest.fixture
def encrypted(tmp_path: Path) -> str:
    """URL of a store whose grants, good for two hours, are encrypted with `KEY`."""
    url = f"sqlite:///{tmp_path}/tokens.db"
    now = time.time()
    with open_store(url).for_identity(Identity("sandbox", "id"), keys=[KEY]) as store:
        for key, left in (("a", 7200), ("late", -1)):
            grant = make_grant(
                key, access_expires_at=now + left, refresh_expires_at=now + 864_000, refreshed_at=now - 60
            )
            store.save(grant, replaces=None)
    return url


class Astras:
    """Stands in for Astra's servers, and counts what reaches them."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Says that the token is good if it is the plain one."""
        self.sent.append(request)
        good = request.headers["Authorization"] == f"Bearer {make_grant('a').access_token}"
        return httpx.Response(200 if good else 401, json={"id": "usr_1"}, headers={"Request-Id": "req-1"})


@pytest.mark.parametrize("kind", [astra.Astra, astra.AsyncAstra])
def test_it_takes_every_option_that_the_constructor_takes(kind: type) -> None:
    constructor, reader = (inspect.signature(function).parameters for function in (kind, kind.from_env))  # type: ignore[attr-defined]
    assert list(reader) == list(constructor)
    assert {parameter.kind for parameter in reader.values()} == {inspect.Parameter.KEYWORD_ONLY}


def test_an_encrypted_store_works_with_nothing_but_the_environment(
    encrypted: str, variables: pytest.MonkeyPatch
) -> None:
    variables.setenv("ASTRA_TOKEN_STORE", encrypted)
    variables.setenv("ASTRA_TOKEN_KEYS", f" {FORMER} ,{KEY}")
    server = Astras()
    with astra.Astra.from_env(http_client=httpx.MockTransport(server)) as client:
        client.user("a").profile.get()
    assert len(server.sent) == 1


@pytest.mark.parametrize("key", ["a", "late"])
def test_an_encrypted_store_without_its_keys_is_refused_and_no_user_is_lost(
    key: str, encrypted: str, variables: pytest.MonkeyPatch
) -> None:
    variables.setenv("ASTRA_TOKEN_STORE", encrypted)
    server = Astras()
    with (
        astra.Astra.from_env(http_client=httpx.MockTransport(server)) as client,
        pytest.raises(astra.ConfigurationError, match="ASTRA_TOKEN_KEYS"),
    ):
        client.user(key).profile.get()
    assert server.sent == []
    with open_store(encrypted).for_identity(Identity("sandbox", "id"), keys=[KEY]) as store:
        grant = store.load(key)
        assert grant is not None
        assert grant.state == "active"
        assert store.acquire_lease(key, owner="another", ttl=1), "nobody holds a lease any more"


async def test_the_async_client_refuses_it_too(encrypted: str, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("ASTRA_TOKEN_STORE", encrypted)
    server = Astras()
    async with astra.AsyncAstra.from_env(http_client=httpx.MockTransport(server)) as client:
        with pytest.raises(astra.ConfigurationError, match="ASTRA_TOKEN_KEYS"):
            await client.user("a").profile.get()
        with pytest.raises(astra.ConfigurationError, match="ASTRA_TOKEN_KEYS"):
            await client.tokens.keep_alive(older_than=timedelta(0))
    assert server.sent == []
    with open_store(encrypted).for_identity(Identity("sandbox", "id"), keys=[KEY]) as store:
        assert store.acquire_lease("a", owner="another", ttl=1), "keep-alive gave back what it had claimed"


def test_a_store_object_is_encrypted_with_the_keys_of_the_environment(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("ASTRA_TOKEN_KEYS", KEY)
    store = open_store("memory://")
    with astra.Astra.from_env(token_store=store) as client:
        client.tokens.store.save(make_grant("a"), replaces=None)
        assert client.tokens.store.base is store
    stored = store.load(Identity("sandbox", "id"), "a")
    assert stored is not None
    assert stored.access_token.startswith("astra1:")


@pytest.mark.filterwarnings("ignore::astra.AstraMemoryStoreWarning")
@pytest.mark.parametrize(
    ("argument", "value", "variable"),
    [
        ("client_id", "other", "ASTRA_CLIENT_ID"),
        ("client_secret", "other", "ASTRA_CLIENT_SECRET"),
        ("environment", "production", "ASTRA_ENVIRONMENT"),
        ("base_url", "https://other.example", "ASTRA_BASE_URL"),
        ("secure_base_url", "https://other.example", "ASTRA_SECURE_BASE_URL"),
        ("app_url", "https://other.example", "ASTRA_APP_URL"),
        ("redirect_uri", "https://other.example/x", "ASTRA_REDIRECT_URI"),
        ("timeout", 7.0, "ASTRA_TIMEOUT"),
        ("max_retries", 0, "ASTRA_MAX_RETRIES"),
    ],
)
def test_an_argument_is_used_instead_of_its_variable(
    argument: str, value: Any, variable: str, variables: pytest.MonkeyPatch
) -> None:
    said = {"ASTRA_ENVIRONMENT": "sandbox", "ASTRA_TIMEOUT": "9", "ASTRA_MAX_RETRIES": "4"}
    variables.setenv(variable, said.get(variable, "https://variable.example"))
    from_variable = astra.Astra.from_env().settings
    from_argument = astra.Astra.from_env(**{argument: value}).settings
    variables.delenv(variable)
    from_constructor = astra.Astra(**({"client_id": "id", "client_secret": "s3cret"} | {argument: value})).settings
    assert from_argument == from_constructor != from_variable


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1.5", "2.7", "inf", "nan", "many", "²"])
def test_a_number_of_retries_that_is_none_is_refused_by_name(number: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="ASTRA_MAX_RETRIES"):
        read_environment({"ASTRA_MAX_RETRIES": number})


@pytest.mark.parametrize("number", ["0", "-3", "inf", "nan", "soon"])
def test_a_time_limit_that_is_none_is_refused_by_name(number: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="ASTRA_TIMEOUT"):
        read_environment({"ASTRA_TIMEOUT": number})


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ASTRA_TIMEOUT", "soon"), ("ASTRA_ENVIRONMENT", "produktion"), ("ASTRA_BASE_URL", "htp:/x")],
)
def test_what_is_refused_is_shown_as_it_was_set(variable: str, value: str, variables: pytest.MonkeyPatch) -> None:
    variables.setenv(variable, value)
    with pytest.raises(astra.ConfigurationError, match=f"not {value!r}"):
        astra.Astra.from_env()


def test_a_variable_that_is_nearly_right_is_pointed_out_and_a_foreign_one_is_not() -> None:
    with pytest.warns(astra.AstraConfigurationWarning, match="did you mean ASTRA_TOKEN_KEYS") as caught:
        read_environment({"ASTRA_TOKEN_KEY": KEY, "ASTRA_SOMETHING_ELSE": "x"})
    assert len(caught) == 1
    assert KEY not in str(caught[0].message)


@pytest.mark.parametrize("keys", [",", "key,", ",key", "a,,b"])
def test_an_empty_encryption_key_is_refused_and_no_token_is_kept_in_the_clear(keys: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="ASTRA_TOKEN_KEYS"):
        read_environment({"ASTRA_TOKEN_KEYS": keys})
