"""Settings: what is refused, and what the error says to do."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import astra
from astra.config import Timeout, build_settings, read_environment


def test_the_environments_have_their_documented_hosts() -> None:
    sandbox = build_settings("id", "secret").hosts
    assert (sandbox.api, sandbox.secure, sandbox.app) == (
        "https://api-sandbox.astra.finance",
        "https://secure.api-sandbox.astra.finance",
        "https://app-sandbox.astra.finance",
    )
    production = build_settings("id", "secret", environment="production").hosts
    assert (production.api, production.secure, production.app) == (
        "https://api.astra.finance",
        "https://secure.api.astra.finance",
        "https://app.astra.finance",
    )


def test_secure_calls_follow_base_url_unless_told_otherwise() -> None:
    assert build_settings("id", "s", base_url="http://127.0.0.1:8000/").hosts.secure == "http://127.0.0.1:8000"
    both = build_settings("id", "s", base_url="https://a.example", secure_base_url="https://b.example")
    assert both.hosts.secure == "https://b.example"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:8000", "http://a.localhost"])
def test_plain_http_is_fine_on_this_machine(url: str) -> None:
    assert build_settings("id", "s", base_url=url).hosts.api == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://x",
        "example.com",
        "https://",
        "https://u:p@x",
    ],
)
def test_an_origin_that_could_show_tokens_or_is_none_is_refused(url: str) -> None:
    for name in ("base_url", "secure_base_url", "app_url"):
        with pytest.raises(astra.ConfigurationError, match=name):
            build_settings("id", "s", **{name: url})  # type: ignore[arg-type]


def test_an_unknown_environment_is_refused_by_name() -> None:
    with pytest.raises(astra.ConfigurationError, match="'staging'"):
        astra.Astra("id", "secret", environment="staging")


def test_a_missing_secret_says_where_to_find_it() -> None:
    with pytest.raises(astra.ConfigurationError, match="dashboard"):
        astra.Astra("id", "")


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_call_always_has_a_real_timeout(seconds: float) -> None:
    with pytest.raises(astra.ConfigurationError):
        build_settings("id", "s", timeout=seconds)


def test_a_plain_number_is_the_limit_of_the_whole_call() -> None:
    assert build_settings("id", "s", timeout=3).timeout == Timeout(total=3, attempt=3, connect=3)


def test_variables_are_read_when_asked_and_never_shown() -> None:
    found = read_environment({"ASTRA_CLIENT_ID": "id", "ASTRA_CLIENT_SECRET": "s3cret", "ASTRA_MAX_RETRIES": "5"})
    assert (found.client_id, found.max_retries, found.environment) == ("id", 5, None)
    assert "s3cret" not in repr(found)
    with pytest.raises(astra.ConfigurationError, match="ASTRA_TIMEOUT"):
        read_environment({"ASTRA_TIMEOUT": "soon"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("ASTRA_MAX_RETRIES", text) for text in ("inf", "nan", "2.7", "-1", "two", "1e3", "²")),
        *(("ASTRA_TIMEOUT", text) for text in ("abc", "nan", "-1", "0", "inf")),
    ],
)
def test_a_number_that_is_none_is_refused_by_name(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(astra.ConfigurationError, match=name):
        read_environment({name: text})
    for other in ("ASTRA_CLIENT_ID", "ASTRA_CLIENT_SECRET"):
        monkeypatch.setenv(other, "x")
    monkeypatch.setenv(name, text)
    with pytest.raises(astra.ConfigurationError, match=name):
        astra.Astra.from_env()


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2.7, -1, "2", True])
def test_max_retries_is_a_whole_number(value: object) -> None:
    with pytest.raises(astra.ConfigurationError, match="max_retries"):
        astra.Astra("id", "secret", max_retries=value)  # type: ignore[arg-type]


def test_a_timeout_that_is_no_number_is_refused() -> None:
    with pytest.raises(astra.ConfigurationError, match="timeout"):
        astra.Astra("id", "secret", timeout="3")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ASTRA_TOKEN_KEY", "ASTRA_TOKEN_KEYS"),
        ("ASTRA_CLIENTID", "ASTRA_CLIENT_ID"),
        ("ASTRA_TOKENSTORE", "ASTRA_TOKEN_STORE"),
    ],
)
def test_a_misspelt_variable_is_warned_of(name: str, meant: str) -> None:
    with pytest.warns(astra.AstraConfigurationWarning, match=f"{name} is no variable.*{meant}"):
        read_environment({name: "x"})


def test_variables_of_others_are_none_of_our_business() -> None:
    read_environment({"ASTRA_DB_PASSWORD": "x", "ASTRA_RECORD": "real", "PATH": "/bin", "ASTRA_CLIENT_ID": "id"})


def test_keys_are_separated_by_commas_and_never_shown() -> None:
    found = read_environment({"ASTRA_TOKEN_KEYS": " new , old,, "})
    assert found.token_keys == ("new", "old")
    assert "new" not in repr(found)


@pytest.mark.parametrize("kind", [astra.Astra, astra.AsyncAstra])
def test_from_env_takes_every_option_of_the_constructor_by_keyword(kind: type) -> None:
    def names(function: object) -> set[str]:
        return set(inspect.signature(function).parameters) - {"self"}  # type: ignore[arg-type]

    assert names(kind.from_env) == names(kind.__init__)  # type: ignore[attr-defined, misc]
    parameters = inspect.signature(kind.from_env).parameters.values()  # type: ignore[attr-defined]
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}


def test_an_argument_wins_over_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables = {
        "CLIENT_ID": "id",
        "CLIENT_SECRET": "s",
        "ENVIRONMENT": "production",
        "BASE_URL": "https://a.example",
        "SECURE_BASE_URL": "https://b.example",
        "APP_URL": "https://c.example",
        "REDIRECT_URI": "https://d.example",
        "TIMEOUT": "9",
        "MAX_RETRIES": "7",
        "TOKEN_STORE": "sqlite:///env.db",
        "REQUEST_LOG": "sqlite:///env.db",
    }
    for name, text in variables.items():
        monkeypatch.setenv(f"ASTRA_{name}", text)
    found = astra.Astra.from_env().settings
    assert (found.environment, found.redirect_uri, found.max_retries) == ("production", "https://d.example", 7)
    assert (found.hosts.api, found.hosts.secure, found.hosts.app, found.timeout.total) == (
        "https://a.example",
        "https://b.example",
        "https://c.example",
        9,
    )
    client = astra.Astra.from_env(
        client_id="other",
        client_secret="other",
        environment="sandbox",
        base_url="https://e.example",
        secure_base_url="https://f.example",
        app_url="https://g.example",
        redirect_uri="https://h.example",
        timeout=3,
        max_retries=0,
        token_store=tmp_path / "t.db",
        request_log="memory://",
    )
    found = client.settings
    assert (found.client_id, found.client_secret, found.environment) == ("other", "other", "sandbox")
    assert (found.redirect_uri, found.max_retries, found.timeout.total) == ("https://h.example", 0, 3)
    assert (found.hosts.api, found.hosts.secure, found.hosts.app) == (
        "https://e.example",
        "https://f.example",
        "https://g.example",
    )
    assert "t.db" in repr(client.tokens.store)
    assert type(client.request_log).__name__ == "MemoryRequestLog"
    client.close()


def test_from_env_makes_a_client_and_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_ID", "id")
    monkeypatch.delenv("ASTRA_CLIENT_SECRET", raising=False)
    with pytest.raises(astra.ConfigurationError, match="ASTRA_CLIENT_SECRET"):
        astra.Astra.from_env()
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("ASTRA_ENVIRONMENT", "production")
    client = astra.Astra.from_env()
    assert client.settings.environment == "production"
    assert "s3cret" not in repr(client) + repr(client.settings)
