"""Who may see pages that are for one person on this machine."""

from __future__ import annotations

import pytest

from astra.web.door import Answer, Door, is_here

DOOR = Door(token="right-token", session="right-session", cookie="here", command="`astra x`")
HERE = {"host": "127.0.0.1:8788"}
INSIDE = {**HERE, "cookie": "here=right-session"}


def answer(
    path: str = "/", query: str = "", *, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer | None:
    return DOOR.answer(method, path, query, HERE if headers is None else headers)


def status(found: Answer | None) -> int:
    return 200 if found is None else found.status


def test_the_printed_url_gives_the_cookie_and_takes_the_token_out_of_the_address() -> None:
    found = answer("/tokens", "list=dead&token=right-token")
    assert found == Answer(status=303, location="/tokens?list=dead", cookie=True)


def test_the_cookie_lets_in_and_is_not_the_token() -> None:
    assert answer(headers=INSIDE) is None
    assert status(answer(headers={**HERE, "cookie": "here=right-token"})) == 401


@pytest.mark.parametrize("query", ["", "token=", "token=wrong", "token=right-tokem", "token=%C3%BC", "token=%FF"])
def test_nobody_else_gets_in(query: str) -> None:
    assert status(answer(query=query)) == 401


def test_a_wrong_token_is_refused_also_with_the_cookie() -> None:
    assert status(answer(query="token=wrong", headers=INSIDE)) == 401


@pytest.mark.parametrize("cookie", ["here=", "here=wrong", "other=right-session", "=;=;", "here"])
def test_another_cookie_is_none(cookie: str) -> None:
    assert status(answer(headers={**HERE, "cookie": cookie})) == 401


@pytest.mark.parametrize("other", ['a={"b": [1, 2]}', "x y=1", "=", "a=\xff", 'q="', "a[]=1"])
def test_a_cookie_of_another_server_beside_it_does_not_matter(other: str) -> None:
    for cookie in (f"{other}; here=right-session", f"here=right-session; {other}"):
        assert answer(headers={**HERE, "cookie": cookie}) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"])
def test_nothing_but_reading_is_taken(method: str) -> None:
    assert status(answer(method=method, headers=INSIDE)) == 405


def test_head_is_reading() -> None:
    assert answer(method="HEAD", headers=INSIDE) is None


def test_the_style_of_the_refusal_needs_no_token() -> None:
    assert answer("/assets/web.css") is None
    assert status(answer("/assets/web.css", headers={"host": "evil.example"})) == 403


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example"])
def test_the_redirect_never_leads_to_another_host(path: str) -> None:
    found = answer(path, "token=right-token")
    assert found is not None
    assert found.location is not None
    assert found.location.startswith("/")
    assert not found.location.startswith("//")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:9000", "127.0.0.1", "127.0.0.1:8788", "[::1]:8788", "LOCALHOST"]
)
def test_names_of_this_machine_are_known_at_any_port(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8788", "127.0.0.1.evil.example", "localhost.evil.example", "x.localhost",
     "localhost@evil.example", "evil@127.0.0.1", "127.0.0.2", "0.0.0.0", "[::1", "127.0.0.1:port", "192.168.1.5"],
)  # fmt: skip
def test_a_name_that_was_pointed_here_is_refused_whatever_it_shows(host: str) -> None:
    assert not is_here(host)
    assert status(answer(query="token=right-token", headers={"host": host})) == 403


def test_secrets_are_not_in_the_repr() -> None:
    assert "right" not in repr(DOOR)
