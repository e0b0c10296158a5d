"""From a code to a session, against the local Astra: nothing that was granted is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

import astra
from astra.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[astra.Astra]:
    with astra.Astra(
        sandbox.client_id,
        sandbox.client_secret,
        base_url=sandbox.url,
        redirect_uri=sandbox.redirect_uri,
        max_retries=0,
    ) as made:
        yield made


def code_of(sandbox: Sandbox) -> str:
    return sandbox.authorize(user_id=sandbox.users.create(status="approved").id)


def test_an_exchange_gives_the_users_session_and_learns_astras_id(client: astra.Astra, sandbox: Sandbox) -> None:
    person = sandbox.users.create(status="approved")
    user = client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
    assert user.key() == "customer-42"
    assert user.profile.get().id == person.id
    assert client.user(astra_user_id=person.id).profile.get().id == person.id


def test_without_a_key_astras_id_is_the_key(client: astra.Astra, sandbox: Sandbox) -> None:
    person = sandbox.users.create(status="approved")
    user = client.oauth.exchange(sandbox.authorize(user_id=person.id))
    assert user.key() == person.id
    assert client.tokens.find_key(person.id) == person.id


def test_a_code_works_once_and_the_refusal_says_what_to_do(client: astra.Astra, sandbox: Sandbox) -> None:
    code = code_of(sandbox)
    client.oauth.exchange(code, key="customer-42")
    with pytest.raises(astra.OAuthError) as caught:
        client.oauth.exchange(code, key="customer-42")
    assert (caught.value.code, caught.value.status_code) == ("invalid_grant", 400)
    assert caught.value.request_id
    assert "works once" in str(caught.value.hint)
    assert code not in str(caught.value)


def test_an_unregistered_redirect_uri_gets_a_hint(client: astra.Astra, sandbox: Sandbox) -> None:
    with pytest.raises(astra.OAuthError) as caught:
        client.oauth.exchange(code_of(sandbox), key="k", redirect_uri="https://evil.example/back")
    assert caught.value.hint is not None


def test_wrong_client_credentials_name_the_environment(sandbox: Sandbox) -> None:
    code = code_of(sandbox)
    client = astra.Astra("nobody", "wrong", base_url=sandbox.url, redirect_uri=sandbox.redirect_uri)
    with client, pytest.raises(astra.OAuthError) as caught:
        client.oauth.exchange(code, key="k")
    assert caught.value.code == "invalid_client"
    assert "set to sandbox" in str(caught.value)


def test_authorizing_again_replaces_the_grant(client: astra.Astra, sandbox: Sandbox) -> None:
    person = sandbox.users.create(status="approved")
    client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
    first = client.tokens.get("customer-42")
    client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
    second = client.tokens.get("customer-42")
    assert first is not None
    assert second is not None
    assert second.version > first.version
    assert client.user("customer-42").profile.get().id == person.id


def test_trusted_authentication_needs_no_page_but_the_users_consent(client: astra.Astra, sandbox: Sandbox) -> None:
    person = sandbox.users.create(status="approved")
    verification = client.partner_identity.create_verification(user_id=person.id)
    with pytest.raises(astra.InvalidRequestError, match="consent"):
        client.oauth.exchange_identity_token(verification.token, user_consent_captured=False, key="k")
    user = client.oauth.exchange_identity_token(verification.token, user_consent_captured=True, key="k")
    assert user.profile.get().id == person.id
    assert verification.token not in repr(verification)


def test_a_user_who_never_authorized_is_told_apart_from_a_failure(client: astra.Astra) -> None:
    with pytest.raises(astra.UnknownUserError) as caught:
        client.user("stranger").profile.get()
    assert isinstance(caught.value, astra.ReauthorizationRequired)
    assert (caught.value.user_key, caught.value.authorize_url) == ("stranger", None)
    assert "If the key is right, the user has to authorize" in str(caught.value)


def test_an_empty_code_is_refused_before_anything_is_sent(client: astra.Astra, sandbox: Sandbox) -> None:
    with pytest.raises(astra.InvalidRequestError):
        client.oauth.exchange("", key="k")
    assert not sandbox.requests


def test_a_code_is_not_used_when_its_tokens_could_not_be_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    person = sandbox.users.create(status="approved").id
    store, code = f"sqlite:///{tmp_path}/tokens.db", sandbox.authorize(user_id=person)
    options: dict[str, Any] = {"base_url": sandbox.url, "redirect_uri": sandbox.redirect_uri, "token_store": store}
    keys = [Fernet.generate_key().decode()]
    with (
        astra.Astra(sandbox.client_id, sandbox.client_secret, token_keys=keys, **options) as first,
        astra.Astra(sandbox.client_id, sandbox.client_secret, **options) as without_keys,
    ):
        first.oauth.exchange(sandbox.authorize(user_id=person), key="customer-42")
        with pytest.raises(astra.ConfigurationError, match="ASTRA_TOKEN_KEYS"):
            without_keys.oauth.exchange(code, key="customer-42")
        assert first.oauth.exchange(code, key="customer-42").key() == "customer-42"
