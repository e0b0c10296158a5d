"""Redirects from Astra's page: the right ones are read in every form, all others are refused and not shown."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import QueryDict
from starlette.datastructures import QueryParams
from werkzeug.datastructures import MultiDict

from astra.errors import AuthorizationRedirectError, InvalidRequestError
from astra.oauth import STATE_NOT_CHECKED, Redirect
from astra.oauth.redirects import LONGEST_REDIRECT, LONGEST_TEXT, LONGEST_VALUE, accept_redirect, read_redirect
from tests.django_project import configure_django

URI = "https://app.example.com/back?x=1"


def parse(redirect: Any, *, state: Any = "s1", redirect_uri: str | None = URI) -> Redirect:
    return accept_redirect(read_redirect(redirect, redirect_uri=redirect_uri), state=state)


def refused(redirect: Any, *, state: Any = "s1", redirect_uri: str | None = URI) -> AuthorizationRedirectError:
    with pytest.raises(AuthorizationRedirectError) as caught:
        parse(redirect, state=state, redirect_uri=redirect_uri)
    return caught.value


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.com/back?x=1&code=abc&authorization_code=abc&state=s1",
        "https://APP.example.com:443/back?x=1&authorization_code=abc&state=s1#top",
        "/back?x=1&code=abc&state=s1",
        "?code=abc&state=s1",
        "code=abc&state=s1",
        {"code": "abc", "state": "s1"},
        {"authorization_code": "abc", "state": "s1"},
        QueryParams("x=1&x=2&code=abc&state=s1"),
        MultiDict([("x", "1"), ("x", "2"), ("code", "abc"), ("state", "s1")]),
    ],
    ids=str,
)
def test_the_code_is_read_in_either_spelling_from_any_form_of_redirect(redirect: str | Mapping[str, str]) -> None:
    found = parse(redirect)
    assert (found.code, found.state) == ("abc", "s1")
    assert "abc" not in repr(found)


def test_djangos_parameters_are_read() -> None:
    configure_django()
    assert parse(QueryDict("code=abc&state=s1")).code == "abc"
    assert refused(QueryDict("code=abc&code=abc&state=s1")).code == "invalid_redirect"


@pytest.mark.parametrize("state", [None, ""])
@pytest.mark.parametrize("redirect", ["code=abc&state=", "code=abc", "code=abc&state=s1"])
def test_without_a_state_to_compare_with_a_redirect_is_refused(redirect: str, state: str | None) -> None:
    """A lost session gives None or "", and a forged redirect has no state, or an empty one."""
    error = refused(redirect, state=state)
    assert error.code == "missing_state"
    assert "Start again with a new link" in str(error)
    assert "STATE_NOT_CHECKED" in str(error)


@pytest.mark.parametrize("returned", ["&state=forged", "&state=", "", "&state=s", "&state=s11", "&state=S1"])
def test_a_redirect_with_another_state_is_refused(returned: str) -> None:
    error = refused(f"code=abc{returned}")
    assert error.code == "state_mismatch"
    assert "Start again with a new link" in str(error)


@pytest.mark.parametrize("state", [False, 0, 17, b"s1"])
def test_a_state_that_is_no_text_is_an_error_of_the_program(state: object) -> None:
    with pytest.raises(InvalidRequestError, match="state must be the text") as caught:
        parse("code=abc&state=s1", state=state)
    assert caught.value.argument == "state"
    assert type(state).__name__ in str(caught.value)


def test_only_the_named_sentinel_skips_the_check() -> None:
    assert parse("code=abc&state=any", state=STATE_NOT_CHECKED) == Redirect(code="abc", state="any")
    assert parse("code=abc", state=STATE_NOT_CHECKED).state is None
    assert "the state is not checked" in repr(STATE_NOT_CHECKED)


def test_a_redirect_made_by_hand_shows_no_code() -> None:
    assert "abc" not in repr(Redirect(code="abc", state=None))


def test_a_state_in_any_script_is_compared() -> None:
    assert parse({"code": "abc", "state": "ключ\ud800"}, state="ключ\ud800").state == "ключ\ud800"
    assert refused({"code": "abc", "state": "ключ\ud800"}, state="s1").code == "state_mismatch"


def test_the_state_is_checked_before_anything_that_the_redirect_claims() -> None:
    assert refused("error=access_denied&state=forged").code == "state_mismatch"
    assert refused("state=forged").code == "state_mismatch"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/back",
        "https://app.example.com.evil.example/back",
        "http://app.example.com/back",
        "http://app.example.com:443/back",
        "https://app.example.com:8443/back",
        "https://app.example.com/other",
        "https://app.example.com/back/",
        "https://app.example.com",
        "https://app.example.com@evil.example/back",
        "https://user@app.example.com/back",
        "https://:pw@app.example.com/back",
        "javascript://app.example.com/back",
    ],
)
def test_an_address_that_is_not_the_redirect_uri_is_refused(place: str) -> None:
    error = refused(f"{place}?code=abc&state=s1")
    assert error.code == "foreign_redirect"
    assert "Behind a proxy" in str(error)
    assert "evil" not in str(error)


@pytest.mark.parametrize(
    ("uri", "redirect"),
    [
        ("https://app.example.com", "https://app.example.com/?code=abc&state=s1"),
        ("http://127.0.0.1:8000/back", "http://127.0.0.1:8000/back?code=abc&state=s1"),
        ("http://localhost/back", "http://localhost:80/back?code=abc&state=s1"),
        ("com.example.app:/back", "com.example.app:/back?code=abc&state=s1"),
    ],
)
def test_every_kind_of_redirect_uri_matches_itself(uri: str, redirect: str) -> None:
    assert parse(redirect, redirect_uri=uri).code == "abc"
    assert refused(redirect.replace("back", "").replace("/?", "/x?"), redirect_uri="https://other.example/").code == (
        "foreign_redirect"
    )


def test_where_no_redirect_uri_is_known_none_is_compared() -> None:
    assert parse("https://any.example/?code=abc&state=s1", redirect_uri=None).code == "abc"


@pytest.mark.parametrize("name", ["code", "authorization_code", "state", "error", "error_description"])
def test_a_parameter_that_is_there_twice_is_refused(name: str) -> None:
    good = {"code": "abc", "state": "s1"}
    pairs = [*good.items(), (name, good.get(name, "x")), (name, good.get(name, "x"))]
    for redirect in ("&".join(f"{key}={value}" for key, value in pairs), QueryParams(pairs), MultiDict(pairs)):
        error = refused(redirect)
        assert error.code == "invalid_redirect"
        assert f"the parameter {name} twice" in str(error)


def test_what_aiohttp_gives_is_asked_for_all_values() -> None:
    class Query(dict[str, str]):
        def getall(self, name: str) -> list[Any]:
            return [self[name], self[name] if name != "state" else 17]

    with pytest.raises(InvalidRequestError, match="'state' of the redirect is no text"):
        parse(Query(state="s1"))
    assert refused(Query(code="abc")).code == "invalid_redirect"


def test_a_person_who_declined_is_told_apart() -> None:
    error = refused("error=access_denied&error_description=The+person+said+no&state=s1")
    assert (error.code, error.description) == ("access_denied", "The person said no")
    assert str(error) == "Astra's page ended without authorization: access_denied (The person said no)."
    alone = refused("error=access_denied&state=s1")
    assert (alone.description, str(alone)) == (None, "Astra's page ended without authorization: access_denied.")


def test_a_long_description_is_cut() -> None:
    error = refused({"error": "server_error", "error_description": "x" * (LONGEST_TEXT + 1), "state": "s1"})
    assert error.description == "x" * LONGEST_TEXT


@pytest.mark.parametrize("forged", ["a\nb", "a\x1b[31mb", "a\x00b", "a\u202eb", "a\r", "a b", "", "a" * 101, "ключ"])
def test_an_error_that_no_page_sends_is_refused_and_not_shown(forged: str) -> None:
    error = refused({"error": forged, "state": "s1"})
    assert error.code == "invalid_redirect"
    assert "its error is blank" in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize("forged", ["a\nb", "a\x1b[31mb", "a\x00b", "a\u202eb"])
def test_control_characters_in_a_description_are_refused_and_not_shown(forged: str) -> None:
    error = refused({"error": "access_denied", "error_description": forged, "state": "s1"})
    assert (error.code, error.description) == ("invalid_redirect", None)
    assert "error_description has control characters" in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "redirect", ["code=abc&error=access_denied&state=s1", "authorization_code=abc&error=&state=s1"]
)
def test_a_code_beside_an_error_is_refused(redirect: str) -> None:
    error = refused(redirect)
    assert error.code == "invalid_redirect"
    assert "a code and an error" in str(error)


def test_two_codes_that_differ_are_refused() -> None:
    error = refused("code=abc&authorization_code=abd&state=s1")
    assert error.code == "invalid_redirect"
    assert "differ" in str(error)


@pytest.mark.parametrize("code", ["", " ", "\t", "a b", "a\nb", "ключ", "a\x7f", "a" * (LONGEST_VALUE + 1)])
def test_a_code_that_no_page_sends_is_refused_and_not_shown(code: str) -> None:
    error = refused({"code": code, "state": "s1"})
    assert error.code == "invalid_redirect"
    assert "its code is blank" in str(error)
    assert "aaa" not in str(error)


def test_the_limits_leave_room_for_longer_codes_than_astras() -> None:
    assert (LONGEST_REDIRECT, LONGEST_VALUE, LONGEST_TEXT) == (16_384, 2_048, 500)


def test_the_longest_code_is_taken() -> None:
    assert len(parse({"code": "a" * LONGEST_VALUE, "state": "s1"}).code) == LONGEST_VALUE
    assert parse({"code": "!~", "state": "s1"}).code == "!~"
    assert refused({"error": "a" * 100, "state": "s1"}).code == "a" * 100


def test_a_redirect_without_a_code_says_so() -> None:
    error = refused("https://app.example.com/back?state=s1")
    assert error.code == "missing_code"
    assert refused("https://evil.example/back").code == "foreign_redirect"
    assert "Pass the whole address" in str(error)


@pytest.mark.parametrize(
    ("redirect", "why"),
    [
        ("code=abc&state=s1&x=" + "a" * LONGEST_REDIRECT, "longer than any"),
        ("code=%ff%fe&state=s1", "cannot be decoded"),
        ("https://[::1/back?code=abc&state=s1", "cannot be read"),
        ("https://app.example.com:99999/back?code=abc&state=s1", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused(redirect: str, why: str) -> None:
    error = refused(redirect)
    assert error.code == "invalid_redirect"
    assert why in str(error)


def test_the_longest_redirect_is_read() -> None:
    redirect = "code=abc&state=s1&x="
    assert parse(redirect + "a" * (LONGEST_REDIRECT - len(redirect))).code == "abc"


@pytest.mark.parametrize("redirect", [None, 17, b"code=abc", ["code", "abc"]])
def test_what_is_no_redirect_is_an_error_of_the_program(redirect: object) -> None:
    with pytest.raises(InvalidRequestError, match="redirect must be an address") as caught:
        parse(redirect)
    assert caught.value.argument == "redirect"
    assert type(redirect).__name__ in str(caught.value)


def test_a_redirect_uri_that_is_no_text_is_an_error_of_the_program() -> None:
    with pytest.raises(InvalidRequestError, match="redirect_uri must be text") as caught:
        parse("code=abc&state=s1", redirect_uri=17)  # type: ignore[arg-type]
    assert caught.value.argument == "redirect_uri"


def test_parameters_that_are_lists_are_an_error_of_the_program() -> None:
    with pytest.raises(InvalidRequestError, match="'code' of the redirect is no text") as caught:
        parse({"code": ["abc"], "state": "s1"})
    assert caught.value.argument == "redirect"


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.com/back?code=SECRETCODE&state=forged",
        "https://evil.example/back?code=SECRETCODE&state=s1",
        "code=SECRETCODE&code=SECRETCODE&state=s1",
        "code=SECRETCODE&error=x&state=s1",
        "code=SECRETCODE&authorization_code=SECRETCODE2&state=s1",
        "code=SECRETCODE\x01&state=s1",
    ],
)
def test_neither_the_error_nor_a_frame_shows_the_code(redirect: str) -> None:
    found = read_redirect(redirect, redirect_uri=URI)
    with pytest.raises(AuthorizationRedirectError) as caught:
        accept_redirect(found, state="s1")
    stack = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    ours = "".join(str(frame.locals) for frame in stack if frame.filename.endswith("astra/oauth/redirects.py"))
    assert ours
    assert "SECRETCODE" not in ours + str(caught.value) + repr(caught.value)
