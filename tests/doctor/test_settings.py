"""Where each setting came from, and which cannot be used: one that is wrong hides no other."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from astra.config import VARIABLES, raw_variables
from astra.doctor.findings import Finding
from astra.doctor.settings import Setup, read_setup

CREDENTIALS = {"ASTRA_CLIENT_ID": "client-1", "ASTRA_CLIENT_SECRET": "hush"}


def read(**variables: str) -> Setup:
    return read_setup(raw_variables(CREDENTIALS | variables))


def finding(check: str, **variables: str) -> Finding:
    (found,) = [one for one in read(**variables).findings if one.check == check]
    return found


def test_every_setting_has_a_line_that_says_where_it_came_from() -> None:
    found = read(ASTRA_TIMEOUT="5").findings
    checks = [one.check for one in found]
    for field in VARIABLES.values():
        assert checks.count("redirect_uri" if field == "redirect_uri" else f"settings.{field}") == 1
    by_check = {one.check: one for one in found}
    assert by_check["settings.timeout"].details == {
        "variable": "ASTRA_TIMEOUT",
        "source": "ASTRA_TIMEOUT",
        "value": "5.0",
    }
    assert by_check["settings.max_retries"].details["source"] == "default"
    assert by_check["settings.environment"].message == "sandbox (default; ASTRA_ENVIRONMENT is not set)"
    assert by_check["redirect_uri"].details["source"] == "default"
    assert {one.status for one in found} == {"ok"}


def test_secrets_are_told_as_set_or_not() -> None:
    keys = f"{Fernet.generate_key().decode()},{Fernet.generate_key().decode()}"
    assert finding("settings.client_secret").message == "set (ASTRA_CLIENT_SECRET)"
    assert finding("settings.token_keys").message == "not set (ASTRA_TOKEN_KEYS)"
    shown = finding("settings.token_keys", ASTRA_TOKEN_KEYS=keys)
    assert shown.message == "set, 2 with the current one first (ASTRA_TOKEN_KEYS)"
    store = "postgresql://app:s3cret@db/app"
    assert finding("settings.token_store", ASTRA_TOKEN_STORE=store).details["value"] == "postgresql://db/app"


def test_a_secret_that_is_the_client_id_is_a_fault_that_shows_it_nowhere_whole() -> None:
    same = "hush-hush-hush-hush-hush"
    setup = read(ASTRA_CLIENT_ID=same, ASTRA_CLIENT_SECRET=f" {same} ")
    (found,) = [one for one in setup.findings if one.check == "settings.client_secret"]
    assert (found.status, found.message) == ("fail", "ASTRA_CLIENT_SECRET and ASTRA_CLIENT_ID are the same")
    assert same not in str(setup.findings)


@pytest.mark.parametrize("field", ["client_id", "client_secret"])
def test_credentials_that_are_missing_are_a_fault(field: str) -> None:
    found = finding(f"settings.{field}", **{f"ASTRA_{field.upper()}": ""})
    assert (found.status, found.message) == ("fail", f"ASTRA_{field.upper()} is not set")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ASTRA_ENVIRONMENT", "prod", "environment must be 'sandbox' or 'production', not what is set"),
        ("ASTRA_BASE_URL", "http://proxy.example.com", "plain http"),
        ("ASTRA_SECURE_BASE_URL", "ftp://x", "https address"),
        ("ASTRA_APP_URL", "https://user:s3cret@a.example", "must not hold credentials"),
        ("ASTRA_TOKEN_STORE", "tokens.db", "named by a URL"),
        ("ASTRA_TOKEN_KEYS", "s3cret", "32 random bytes"),
        ("ASTRA_TOKEN_KEYS", "s3cret,,b", "empty key"),
        ("ASTRA_REQUEST_LOG", "redis://cache", "scheme"),
        ("ASTRA_TIMEOUT", "s3cret", "positive number of seconds, not what is set"),
        ("ASTRA_TIMEOUT", "99999999", "at most"),
        ("ASTRA_MAX_RETRIES", "-1", "whole number"),
        ("ASTRA_MAX_RESPONSE_SIZE", "0", "number of bytes"),
        ("ASTRA_CLIENT_ID", "'quoted'", "quotation marks"),
        ("ASTRA_CLIENT_SECRET", "two\nlines", "line break"),
        ("ASTRA_HTTP", "s3cret", "ASTRA_HTTP must be httpx or httpx2"),
    ],
)
def test_a_setting_that_cannot_be_used_is_a_fault_that_hides_no_other(name: str, value: str, said: str) -> None:
    setup = read(**{name: value})
    check = f"settings.{name.removeprefix('ASTRA_').lower()}"
    by_check = {one.check: one for one in setup.findings}
    assert by_check[check].status == "fail"
    assert said in by_check[check].message
    assert f"Correct {name}." == by_check[check].advice
    assert "s3cret" not in str(setup.findings)
    others = [one for other, one in by_check.items() if other.startswith("settings.") and other != check]
    assert {one.status for one in others} == {"ok"}


def test_a_variable_that_is_set_but_empty_is_a_warning() -> None:
    found = finding("settings.token_store", ASTRA_TOKEN_STORE=" ")
    assert (found.status, found.message) == (
        "warn",
        "ASTRA_TOKEN_STORE is set, but empty, which counts as not set",
    )


def test_hosts_are_shown_with_where_they_came_from() -> None:
    found = finding("hosts", ASTRA_ENVIRONMENT="production")
    assert found.details == {
        "api": "https://api.astra.finance",
        "secure": "https://secure.api.astra.finance",
        "app": "https://app.astra.finance",
        "sources": {"api": "default", "secure": "default", "app": "default"},
    }


def test_a_server_on_this_machine_serves_the_hosted_pages_too() -> None:
    found = finding("hosts", ASTRA_BASE_URL="http://127.0.0.1:8787")
    assert found.status == "ok"
    assert found.message.endswith("app http://127.0.0.1:8787 (follows ASTRA_BASE_URL, which is this machine)")
    assert found.details["sources"] == {"api": "ASTRA_BASE_URL", "secure": "default", "app": "ASTRA_BASE_URL"}
    proxied = finding("hosts", ASTRA_BASE_URL="https://proxy.example.com")
    assert proxied.details["sources"]["app"] == "default"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"ASTRA_ENVIRONMENT": "production", "ASTRA_BASE_URL": "https://api-sandbox.astra.finance"},
            "environment is 'production', api is sandbox's, secure is sandbox's, app is production's",
        ),
        (
            {"ASTRA_SECURE_BASE_URL": "https://secure.api.astra.finance"},
            "environment is 'sandbox', api is sandbox's, secure is production's, app is sandbox's",
        ),
    ],
)
def test_hosts_of_several_environments_are_a_fault(variables: dict[str, str], said: str) -> None:
    found = finding("hosts", **variables)
    assert found.status == "fail"
    assert found.message.startswith(f"The hosts are of several environments: {said}. Say environment=")


def test_hosts_are_not_known_while_a_setting_of_them_is_wrong() -> None:
    setup = read(ASTRA_BASE_URL="x", ASTRA_ENVIRONMENT="prod")
    by_check = {one.check: one for one in setup.findings}
    assert setup.settings is None
    assert by_check["hosts"].message == "not known while base_url, environment cannot be used"
    assert by_check["identity"].status == "fail"


def test_what_fits_only_one_by_one_is_a_fault() -> None:
    found = finding("hosts", ASTRA_BASE_URL="http://127.0.0.1:1", ASTRA_APP_URL="https://app.astra.finance")
    assert found.status == "fail"
    assert "pages that know nothing" in found.message


def test_the_identity_is_what_grants_are_kept_under() -> None:
    assert finding("identity", ASTRA_ENVIRONMENT="production").message == "grants of production, client client-1"
    local = finding("identity", ASTRA_BASE_URL="http://127.0.0.1:1")
    assert local.details == {"environment": "sandbox@loopback", "client_id": "client-1"}
    assert finding("identity", ASTRA_CLIENT_ID="").status == "fail"


@pytest.mark.parametrize(
    ("uri", "variables", "status"),
    [
        ("https://a.example/cb", {}, "ok"),
        ("http://localhost:8000/cb", {}, "ok"),
        ("http://localhost:8000/cb", {"ASTRA_ENVIRONMENT": "production"}, "fail"),
        ("https://127.0.0.1/cb", {"ASTRA_ENVIRONMENT": "production"}, "fail"),
        (
            "http://127.0.0.1/cb",
            {"ASTRA_ENVIRONMENT": "production", "ASTRA_BASE_URL": "http://127.0.0.1:1"},
            "ok",
        ),
        ("http://a.example/cb", {}, "fail"),
        ("https://a.example/c b", {}, "fail"),
        ("https://a.example/cb#x", {}, "fail"),
        ("https://user:s3cret@a.example/cb", {}, "fail"),
        ("a.example/cb", {}, "fail"),
    ],
)
def test_the_redirect_uri_is_judged(uri: str, variables: dict[str, str], status: str) -> None:
    found = finding("redirect_uri", ASTRA_REDIRECT_URI=uri, **variables)
    assert found.status == status
    assert found.details["source"] == "ASTRA_REDIRECT_URI"
    assert "s3cret" not in str(found)


@pytest.mark.parametrize(
    ("variables", "is_production"),
    [
        ({}, False),
        ({"ASTRA_ENVIRONMENT": "production"}, True),
        ({"ASTRA_ENVIRONMENT": "production", "ASTRA_BASE_URL": "x"}, True),
        ({"ASTRA_ENVIRONMENT": "production", "ASTRA_BASE_URL": "https://proxy.example.com"}, True),
    ],
)
def test_production_is_where_calls_go(variables: dict[str, str], is_production: bool) -> None:
    assert read(**variables).is_production is is_production
