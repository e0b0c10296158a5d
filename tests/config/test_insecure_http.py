"""Plain http beyond this machine: only where it is asked for, never to Astra, never in production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from astra import Astra, ConfigurationError, PermissionDeniedError
from astra._secret import Secret
from astra.doctor.settings import Setup, read_setup
from astra.sandbox import Sandbox

NAME = "astra-sandbox"


class Resolving(httpx.HTTPTransport):
    """Leads every name to 127.0.0.2, as the resolver of a network of containers leads a name to a container."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.2")
        return super().handle_request(request)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A local Astra in another container."""
    with Sandbox(host="127.0.0.2", allow_hosts=[NAME]) as running:
        yield running


def settings(sandbox: Sandbox, *, name: str = NAME) -> dict[str, Any]:
    return {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "base_url": sandbox.url.replace("127.0.0.2", name),
        "redirect_uri": sandbox.redirect_uri,
        "max_retries": 0,
    }


def test_with_the_switch_all_works_by_name_over_plain_http(sandbox: Sandbox) -> None:
    with Resolving() as transport, Astra(**settings(sandbox), allow_insecure_http=True, http_client=transport) as astra:
        intent = sandbox.user_intents.create()
        link = astra.oauth.authorize_url(user_intent_id=intent.id)
        assert link.url.startswith(f"http://{NAME}:")
        code = astra.oauth.parse_redirect(sandbox.visit(link.url), state=link.state).code
        user = astra.oauth.exchange(code, key="customer-42")
        source, destination = user.accounts.list().to_list()[:2]
        routine = user.routines.create(
            type="one-time",
            name="Top-up",
            payment_type="ach",
            source_id=source.id,
            destination_id=destination.id,
            amount="5",
        )
        assert user.routines.get(routine.id).status == "active"


def test_without_the_switch_it_is_refused_and_the_switch_is_named(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigurationError, match="allow_insecure_http=True, or ASTRA_ALLOW_INSECURE_HTTP=1"):
        Astra(**settings(sandbox))
    assert sandbox.requests == []


def test_a_sandbox_that_does_not_know_its_name_says_so(sandbox: Sandbox) -> None:
    given = settings(sandbox, name="other")
    with (
        Resolving() as transport,
        Astra(**given, allow_insecure_http=True, http_client=transport) as astra,
        pytest.raises(PermissionDeniedError, match="--allow-host"),
    ):
        astra.user_intents.get("any")


@pytest.mark.parametrize("host", ["api.astra.finance", "api-sandbox.astra.finance", "ASTRA.finance", "astra.finance."])
@pytest.mark.parametrize("name", ["base_url", "secure_base_url", "app_url"])
def test_astras_own_hosts_are_never_called_by_plain_http(host: str, name: str) -> None:
    with pytest.raises(ConfigurationError, match="never called by plain http"):
        Astra("id", "secret", allow_insecure_http=True, **{name: f"http://{host}"})  # type: ignore[arg-type]


def test_production_is_never_called_by_plain_http() -> None:
    with pytest.raises(ConfigurationError, match="environment is 'production'"):
        Astra("id", "secret", environment="production", base_url=f"http://{NAME}", allow_insecure_http=True)


@pytest.mark.parametrize("value", ["yes", 1, None, "0"])
def test_the_switch_is_true_or_false(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="allow_insecure_http must be True or False"):
        Astra("id", "secret", allow_insecure_http=value)


@pytest.mark.parametrize(
    ("text", "allowed"), [("1", True), ("true", True), ("0", False), ("False", False), ("", False)]
)
def test_the_environment_has_the_switch(monkeypatch: pytest.MonkeyPatch, text: str, allowed: bool) -> None:
    variables = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret", "BASE_URL": f"http://{NAME}:8787"}
    for name, value in (variables | {"ALLOW_INSECURE_HTTP": text}).items():
        monkeypatch.setenv(f"ASTRA_{name}", value)
    if allowed:
        Astra.from_env().close()
        with pytest.raises(ConfigurationError, match="plain http"):
            Astra.from_env(allow_insecure_http=False)
    else:
        with pytest.raises(ConfigurationError, match="plain http"):
            Astra.from_env()
        Astra.from_env(allow_insecure_http=True).close()


def test_a_switch_that_says_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_ALLOW_INSECURE_HTTP", "on")
    with pytest.raises(ConfigurationError, match="ASTRA_ALLOW_INSECURE_HTTP must be 1 or 0"):
        Astra.from_env(client_id="id", client_secret="secret")


def setup(**variables: str) -> Setup:
    given = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret"} | variables
    return read_setup({f"ASTRA_{name}": Secret(value) for name, value in given.items()})


@pytest.mark.parametrize(
    ("variables", "status", "message"),
    [
        ({"ALLOW_INSECURE_HTTP": "1"}, "warn", "whoever is on that network reads secrets"),
        ({"ALLOW_INSECURE_HTTP": "1", "ENVIRONMENT": "production"}, "fail", "environment is 'production'"),
        ({"ALLOW_INSECURE_HTTP": "0"}, "fail", "base_url cannot be used"),
        ({}, "fail", "base_url cannot be used"),
    ],
)
def test_the_doctor_tells_of_plain_http(variables: dict[str, str], status: str, message: str) -> None:
    [found] = [one for one in setup(BASE_URL=f"http://{NAME}:8787", **variables).findings if one.check == "hosts"]
    assert (found.status, message in found.message) == (status, True), found.message


def test_the_doctor_says_nothing_of_plain_http_on_this_machine() -> None:
    [found] = [
        one for one in setup(BASE_URL="http://127.0.0.1:8787", ALLOW_INSECURE_HTTP="1").findings if one.check == "hosts"
    ]
    assert found.status == "ok"
