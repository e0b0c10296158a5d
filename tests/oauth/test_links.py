"""Links to Astra's hosted pages, and the redirects that come back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import astra


@pytest.fixture
def client() -> astra.Astra:
    return astra.Astra("client-id", "client-secret", redirect_uri="https://app.example.com/back?x=1")


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_authorize_link_has_what_the_documents_ask_for(client: astra.Astra) -> None:
    link = client.oauth.authorize_url(user_intent_id="intent_1", phone="+1 (555) 777-1234", phone_read_only=True)
    assert link.url.startswith("https://app-sandbox.astra.finance/login/oauth/authorize?")
    assert query_of(link.url) == {
        "client_id": "client-id",
        "redirect_uri": "https://app.example.com/back?x=1",
        "response_type": "code",
        "user_intent_id": "intent_1",
        "phone": "5557771234",
        "phone_read_only": "true",
        "state": link.state,
    }


def test_every_link_has_its_own_state(client: astra.Astra) -> None:
    assert client.oauth.authorize_url().state != client.oauth.authorize_url().state


def test_a_link_does_not_show_its_session_token(client: astra.Astra) -> None:
    link = client.oauth.authorize_url(session_token="one-minute-secret")
    assert "one-minute-secret" in link.url
    assert "one-minute-secret" not in repr(link)


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("verify_personal", "/verify/personal"),
        ("verify_document", "/verify/document"),
        ("verify_business", "/verify/business"),
        ("connect_institution", "/institutions/connect"),
        ("connect_card", "/cards/connect"),
    ],
)
def test_the_other_pages_have_their_paths_and_no_response_type(client: astra.Astra, page: str, path: str) -> None:
    link = client.oauth.page_url(page, user_id="u_1")  # type: ignore[arg-type]
    assert urlsplit(link.url).path == path
    assert "response_type" not in query_of(link.url)


def test_naming_both_a_user_and_an_intent_is_refused(client: astra.Astra) -> None:
    with pytest.raises(astra.InvalidRequestError, match="not both"):
        client.oauth.authorize_url(user_intent_id="i", user_id="u")


@pytest.mark.parametrize("value", ["", " ", 5, object()])
@pytest.mark.parametrize("name", ["user_intent_id", "user_id", "business_profile_id", "session_token"])
def test_what_is_no_id_is_not_put_into_a_link(client: astra.Astra, name: str, value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError, match=f"{name} must be text, not") as caught:
        client.oauth.authorize_url(**{name: value})
    assert caught.value.argument == name


def test_a_foreign_phone_number_is_refused(client: astra.Astra) -> None:
    with pytest.raises(astra.InvalidRequestError, match="ten digits"):
        client.oauth.authorize_url(phone="+44 20 7946 0000")


def test_without_a_redirect_uri_the_error_says_what_to_do() -> None:
    with pytest.raises(astra.ConfigurationError, match="ASTRA_REDIRECT_URI"):
        astra.Astra("client-id", "client-secret").oauth.authorize_url()


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.com/back?x=1&code=abc&authorization_code=abc&state=s1",
        "https://app.example.com/back?authorization_code=abc&state=s1",
        "code=abc&state=s1",
        {"code": "abc", "state": "s1"},
        {"authorization_code": "abc", "state": "s1"},
    ],
)
def test_the_code_is_read_in_either_spelling_from_any_form_of_redirect(
    client: astra.Astra, redirect: str | dict[str, str]
) -> None:
    found = client.oauth.parse_redirect(redirect, state="s1")
    assert found.code == "abc"
    assert "abc" not in repr(found)


def test_a_redirect_with_another_state_is_refused(client: astra.Astra) -> None:
    with pytest.raises(astra.AuthorizationRedirectError) as caught:
        client.oauth.parse_redirect("code=abc&state=forged", state="s1")
    assert caught.value.code == "state_mismatch"
    with pytest.raises(astra.AuthorizationRedirectError):
        client.oauth.parse_redirect("code=abc", state="s1")


def test_a_person_who_declined_is_told_apart(client: astra.Astra) -> None:
    with pytest.raises(astra.AuthorizationRedirectError) as caught:
        client.oauth.parse_redirect("error=access_denied&error_description=no&state=s1", state="s1")
    assert caught.value.code == "access_denied"
    assert caught.value.description == "no"


def test_a_redirect_without_a_code_says_so(client: astra.Astra) -> None:
    with pytest.raises(astra.AuthorizationRedirectError) as caught:
        client.oauth.parse_redirect("https://app.example.com/back?state=s1", state="s1")
    assert caught.value.code == "missing_code"
