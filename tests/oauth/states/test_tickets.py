"""Who may use a state: the person and the browser that it was issued for, once, in time."""

from __future__ import annotations

from typing import Any

import pytest

from astra.errors import AuthorizationRedirectError, InvalidRequestError
from astra.oauth.states.tickets import (
    LONGEST_LIFETIME,
    SHORTEST_COOKIE,
    Ticket,
    UsedState,
    check_ticket,
    fingerprint,
    issue,
)


def refused(ticket: Ticket | None, cookie: str | None, *, now: float = 0.0) -> AuthorizationRedirectError:
    with pytest.raises(AuthorizationRedirectError) as caught:
        check_ticket(ticket, "s", cookie, now=now)
    assert "Start again with a new link" in str(caught.value)
    return caught.value


def test_a_state_and_a_secret_are_made_that_nobody_can_guess() -> None:
    made = [issue("c42", given, expires_at=1.0)[0] for given in (None, "")]
    assert len({secret for issued in made for secret in (issued.state, issued.cookie)}) == 4
    assert all(len(secret) == 43 for issued in made for secret in (issued.state, issued.cookie))


def test_neither_is_shown_and_a_store_knows_only_their_hashes() -> None:
    issued, ticket = issue("c42", None, expires_at=1.0)
    assert issued.state not in repr(issued)
    assert issued.cookie not in repr(issued)
    assert "s3cret-state" not in repr(UsedState("c42", "s3cret-state"))
    assert ticket == Ticket(key="c42", browser=fingerprint(issued.cookie), expires_at=1.0)
    assert issued.cookie not in repr(ticket)


def test_a_fingerprint_is_the_sha_256() -> None:
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(fingerprint("\ud800")) == 64


def test_a_secret_that_the_browser_has_already_is_taken() -> None:
    issued, ticket = issue("c42", "a" * SHORTEST_COOKIE, expires_at=1.0)
    assert issued.cookie == "a" * SHORTEST_COOKIE
    assert check_ticket(ticket, issued.state, "a" * SHORTEST_COOKIE, now=0.5) == UsedState("c42", issued.state)
    assert (SHORTEST_COOKIE, LONGEST_LIFETIME) == (16, 2_592_000.0)


@pytest.mark.parametrize("cookie", ["a", "a" * (SHORTEST_COOKIE - 1), 17, b"a" * 40])
def test_a_secret_that_can_be_guessed_or_is_none_is_refused(cookie: Any) -> None:
    with pytest.raises(InvalidRequestError, match="cookie") as caught:
        issue("c42", cookie, expires_at=1.0)
    assert caught.value.argument == "cookie"


def test_a_state_that_is_not_known_is_refused() -> None:
    assert refused(None, "a" * 20).code == "state_unknown"


def test_a_state_that_is_too_old_is_refused_from_the_moment_on() -> None:
    issued, ticket = issue("c42", None, expires_at=10.0)
    assert check_ticket(ticket, issued.state, issued.cookie, now=9.9).key == "c42"
    assert refused(ticket, issued.cookie, now=10.0).code == "state_unknown"


@pytest.mark.parametrize("cookie", [None, "", "b" * 20])
def test_another_browser_is_refused(cookie: str | None) -> None:
    _, ticket = issue("c42", None, expires_at=10.0)
    error = refused(ticket, cookie)
    assert error.code == "state_mismatch"
    assert "another browser" in str(error)
