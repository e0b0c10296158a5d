"""Settings: what is refused, and what the error says to do."""

from __future__ import annotations

from typing import Any

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


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://localhost:8000/astra", "http://[::1]:8000"])
def test_the_hosted_pages_of_a_server_on_this_machine_are_its_own(url: str) -> None:
    """Links to the real pages would carry ids, a phone number and a session token that only the local server knows."""
    for environment in ("sandbox", "production"):
        assert build_settings("id", "s", base_url=url, environment=environment).hosts.app == url
    assert build_settings("id", "s", base_url=url, app_url="http://127.0.0.1:9").hosts.app == "http://127.0.0.1:9"
    link = astra.Astra("id", "s", base_url=url, redirect_uri="http://localhost/back").oauth.authorize_url(user_id="u_1")
    assert link.url.startswith(f"{url}/login/oauth/authorize?")


def test_a_proxy_on_another_machine_leaves_the_hosted_pages_with_astra() -> None:
    assert build_settings("id", "s", base_url="https://proxy.example").hosts.app == "https://app-sandbox.astra.finance"


@pytest.mark.parametrize("app_url", ["https://app-sandbox.astra.finance", "https://app.astra.finance/"])
def test_a_server_on_this_machine_beside_astras_own_pages_is_refused(app_url: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="Leave app_url out"):
        build_settings("id", "s", base_url="http://127.0.0.1:8000", app_url=app_url)


@pytest.mark.parametrize("secure", ["https://secure.api-sandbox.astra.finance", "https://API.astra.finance."])
def test_a_server_on_this_machine_is_not_one_whose_card_numbers_go_to_astra(secure: str) -> None:
    with pytest.raises(astra.ConfigurationError, match="Leave secure_base_url out"):
        build_settings("id", "s", base_url="http://127.0.0.1:8000", secure_base_url=secure)


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
        "https://[bad",
        "https://\u2100.example",
        "https://h:abc",
        "https://h:99999",
        "https://h:0",
        "https://h\n",
        " https://h",
        "https://a b.example",
        "http://evil.example\\.localhost",
        "",
        "https:///path",
        "https://:8080",
        "https://h:",
        "https://@h",
        "https://h?",
        "https://h?x=1",
        "https://h#",
        "https://h#part",
        "https://h/a?b",
        "https://h/..",
        "https://h/a/./b",
        "https://h/%2e%2e",
        "https://h/;a",
        "https://h..example",
        "https://.",
        "https://-",
        "https://" + "a" * 64 + ".example",
        b"https://h",
        5,
    ],
)
def test_an_origin_that_could_show_tokens_or_is_none_is_refused(url: object) -> None:
    for name in ("base_url", "secure_base_url", "app_url"):
        with pytest.raises(astra.ConfigurationError, match=name):
            build_settings("id", "s", **{name: url})  # type: ignore[arg-type]


@pytest.mark.parametrize("end", ["/v1", "/v1/", "/V1", "/v2"])
@pytest.mark.parametrize("name", ["base_url", "secure_base_url", "app_url"])
def test_an_address_that_ends_in_the_version_is_refused_with_the_one_to_write(name: str, end: str) -> None:
    with pytest.raises(astra.ConfigurationError) as refused:
        build_settings("id", "s", **{name: f"https://proxy.example/astra{end}"})  # type: ignore[arg-type]
    version = end.strip("/")
    assert str(refused.value) == (
        f"{name} must not end in /{version}: the SDK puts the version into each path. "
        "Write 'https://proxy.example/astra'."
    )


def test_a_client_with_the_version_in_base_url_is_refused_before_it_calls() -> None:
    with pytest.raises(astra.ConfigurationError, match=r"Write 'https://api\.astra\.finance'\."):
        astra.Astra("id", "s", environment="production", base_url="https://api.astra.finance/v1")


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "https://api.astra.finance"},
        {"base_url": "https://API.astra.finance/"},
        {"base_url": "https://api.astra.finance.:443"},
        {"base_url": "https://api-sandbox.astra.finance", "environment": "production"},
        {"secure_base_url": "https://secure.api.astra.finance"},
        {"app_url": "https://app.astra.finance"},
    ],
)
def test_hosts_of_another_environment_of_astra_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(astra.ConfigurationError, match="Say environment='production' or 'sandbox', and leave out"):
        astra.Astra("id", "s", **given)  # type: ignore[arg-type]


def test_card_numbers_go_to_the_secure_host_also_when_the_host_of_calls_is_spelled_out() -> None:
    settings = build_settings("id", "s", environment="production", base_url="https://api.astra.finance")
    assert settings.hosts.secure == "https://secure.api.astra.finance"


@pytest.mark.parametrize(
    "url", ["https://h", "https://h.", "https://h:8443", "https://my-proxy.example/astra", "https://[::1]"]
)
def test_an_address_of_a_proxy_is_fine(url: str) -> None:
    assert build_settings("id", "s", base_url=url + "/").hosts.api == url


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/cb",
        "https://a.example/cb?x=1",
        "http://localhost:8000/cb",
        "com.example.app:/cb",
        "myapp://cb",
    ],
)
def test_a_redirect_uri_that_leads_somewhere_is_fine(uri: str) -> None:
    assert build_settings("id", "s", redirect_uri=uri).redirect_uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        " ",
        "callback",
        "/callback",
        "a.example/cb",
        "https://",
        "https:///cb",
        "https://a.example:abc/cb",
        "https://a.example/cb#part",
        "https://a.example/cb#",
        "https://me:hunter2@a.example/cb",
        "https://a.example/cb\n",
        "https://a.example/c b",
        "ftp://a.example/cb",
        "javascript:alert(1)",
        "myapp://",
        "https://[bad",
        b"https://a.example/cb",
        5,
    ],
)
@pytest.mark.parametrize("kind", [astra.Astra, astra.AsyncAstra])
def test_a_redirect_uri_that_leads_nowhere_is_refused_by_the_constructor(kind: Any, uri: object) -> None:
    with pytest.raises(astra.ConfigurationError, match="redirect_uri") as caught:
        kind("id", "s", redirect_uri=uri)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ASTRA_BASE_URL", "https://x.test:abc"),
        ("ASTRA_SECURE_BASE_URL", "https://u:p@x.test"),
        ("ASTRA_APP_URL", "https://x.test?q=1"),
        ("ASTRA_REDIRECT_URI", "callback"),
    ],
)
def test_an_address_in_the_environment_is_checked_as_an_argument_is(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_ID", "id")
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "s")
    monkeypatch.setenv(variable, value)
    for kind in (astra.Astra, astra.AsyncAstra):
        with pytest.raises(astra.ConfigurationError, match=variable.removeprefix("ASTRA_").lower()):
            kind.from_env()


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(astra.ConfigurationError) as caught:
        build_settings("id", "s", base_url="https://me:hunter2@h:port")
    assert "hunter2" not in str(caught.value)


def test_an_environment_that_is_no_text_is_refused() -> None:
    with pytest.raises(astra.ConfigurationError, match="environment"):
        build_settings("id", "s", environment=["sandbox"])  # type: ignore[arg-type]


def test_an_unknown_environment_is_refused_by_name() -> None:
    with pytest.raises(astra.ConfigurationError, match="'staging'"):
        astra.Astra("id", "secret", environment="staging")


def test_a_missing_secret_says_where_to_find_it() -> None:
    with pytest.raises(astra.ConfigurationError, match="dashboard"):
        astra.Astra("id", "")


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan"), 1e308, 10**400, 2_000_001])
def test_a_call_always_has_a_real_timeout(seconds: float) -> None:
    with pytest.raises(astra.ConfigurationError):
        build_settings("id", "s", timeout=seconds)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 2.7, -1, "2", True])
def test_max_retries_is_a_whole_number(value: object) -> None:
    with pytest.raises(astra.ConfigurationError, match="max_retries"):
        build_settings("id", "s", max_retries=value)  # type: ignore[arg-type]


def test_a_timeout_that_is_no_number_is_refused() -> None:
    with pytest.raises(astra.ConfigurationError, match="timeout"):
        build_settings("id", "s", timeout="3")  # type: ignore[arg-type]


def test_a_plain_number_is_the_limit_of_the_whole_call() -> None:
    assert build_settings("id", "s", timeout=3).timeout == Timeout(total=3, attempt=3, connect=3)


def test_variables_are_read_when_asked_and_never_shown() -> None:
    found = read_environment({"ASTRA_CLIENT_ID": "id", "ASTRA_CLIENT_SECRET": "s3cret", "ASTRA_MAX_RETRIES": "5"})
    assert (found.client_id, found.max_retries, found.environment) == ("id", 5, None)
    assert "s3cret" not in repr(found)
    with pytest.raises(astra.ConfigurationError, match="ASTRA_TIMEOUT"):
        read_environment({"ASTRA_TIMEOUT": "soon"})


@pytest.mark.filterwarnings("ignore::astra.AstraMemoryStoreWarning")
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
