"""States on the server: one contract for every store, and what they are worth against forged redirects."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

import astra
from astra.oauth import AsyncStates, IssuedState, States, StateStore, Ticket, open_state_store
from astra.sandbox import Sandbox


@pytest.fixture(params=["memory", "sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite:///{tmp_path}/tokens.db"
        case "postgresql":
            return str(request.getfixturevalue("postgres_url"))
        case _:
            return str(request.getfixturevalue("redis_url"))


@pytest.fixture
def store(url: str) -> Iterator[StateStore]:
    with open_state_store(url) as opened:
        yield opened


def ticket(key: str = "c42", *, expires_at: float = 2_000.0) -> Ticket:
    return Ticket(key=key, browser="b" * 64, expires_at=expires_at)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


# -- the stores ------------------------------------------------------------------------------------------------------


def test_a_ticket_is_taken_once(store: StateStore) -> None:
    store.put("1", ticket("ключ " + "c" * 250), now=1_000)
    store.put("2", ticket("other"), now=1_000)
    assert store.take("1") == ticket("ключ " + "c" * 250)
    assert store.take("1") is None
    assert store.take("2") == ticket("other")
    assert store.take("3") is None


def test_of_many_that_take_a_ticket_at_once_one_gets_it(store: StateStore) -> None:
    for round_ in range(5):
        store.put(str(round_), ticket(), now=1_000)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(store.take, [str(round_)] * 16))
        assert found.count(ticket()) == 1
        assert found.count(None) == 15


@pytest.mark.sampled(2)
def test_of_many_processes_that_take_a_ticket_at_once_one_gets_it(url: str) -> None:
    if url == "memory://":
        assert open_state_store(url).take("race") is None  # each process has its own
        return
    program = f"""
import sys
from astra.oauth import open_state_store
with open_state_store({url!r}) as store:
    store.take("nothing")
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(store.take(str(number)) is not None for number in range(20)))
"""
    with open_state_store(url) as store:
        for number in range(20):
            store.put(str(number), ticket(), now=1_000)
    takers = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for taker in takers:
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("go\n")
        taker.stdin.flush()
    assert sum(int(taker.communicate(timeout=60)[0]) for taker in takers) == 20


def test_a_new_ticket_takes_the_expired_ones_away(url: str) -> None:
    with open_state_store(url) as store:
        store.put("old", ticket(expires_at=1_000.05), now=1_000)
        store.put("new", ticket(expires_at=99_000), now=90_000)
        if not url.startswith("redis"):  # there they end by the server's clock
            assert store.take("old") is None
        assert store.take("new") == ticket(expires_at=99_000)


def test_a_host_whose_clock_is_hours_ahead_forgets_no_ticket_of_the_others(store: StateStore) -> None:
    store.put("waits", ticket(), now=1_000)
    store.put("ahead", ticket(expires_at=13_600), now=10_000)
    assert store.take("waits") == ticket()


def test_the_token_store_and_the_states_may_share_a_place(url: str) -> None:
    if url == "memory://":
        assert isinstance(open_state_store(url), StateStore)
        return
    with (
        astra.Astra("id", "secret", token_store=url) as client,
        States(url) as states,
    ):
        client.tokens.check_store()
        issued = states.issue("c42")
        assert client.tokens.get("c42") is None
        assert states.use(f"state={issued.state}", cookie=issued.cookie).key == "c42"


def test_what_is_stored_authorizes_nobody(tmp_path: Path) -> None:
    with States(tmp_path / "tokens.db") as states:
        issued = states.issue("c42")
    stored = (tmp_path / "tokens.db").read_bytes()
    assert b"c42" in stored
    assert issued.state.encode() not in stored
    assert issued.cookie.encode() not in stored
    assert (tmp_path / "tokens.db").stat().st_mode & 0o077 == 0


def test_a_store_that_fails_raises_its_own_error(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "tokens.db"
    with States(missing) as states, pytest.raises(astra.StateStoreError, match="state store failed"):
        states.issue("c42")
    with pytest.raises(astra.ConfigurationError, match="No state store has the scheme 'jsonl'"):
        open_state_store("jsonl:///states.jsonl")
    with States("redis://127.0.0.1:1/0") as states, pytest.raises(astra.StateStoreError):
        states.use("state=s", cookie="c" * 20)


# -- the states ------------------------------------------------------------------------------------------------------


def test_a_state_leads_back_to_its_person_once() -> None:
    with States("memory://") as states:
        issued = states.issue("c42")
        used = states.use({"code": "abc", "state": issued.state}, cookie=issued.cookie)
        assert (used.key, used.state) == ("c42", issued.state)
        with pytest.raises(astra.AuthorizationRedirectError) as caught:
            states.use({"code": "abc", "state": issued.state}, cookie=issued.cookie)
        assert caught.value.code == "state_unknown"


def test_a_state_expires() -> None:
    clock = Clock()
    with States("memory://", lifetime=timedelta(minutes=10), clock=clock) as states:
        early, late = states.issue("c42"), states.issue("c43")
        clock.now += 599
        assert states.use(f"state={early.state}", cookie=early.cookie).key == "c42"
        clock.now += 1
        with pytest.raises(astra.AuthorizationRedirectError, match="too old"):
            states.use(f"state={late.state}", cookie=late.cookie)


@pytest.mark.parametrize("cookie", [None, "", "somebody-else's-cookie"])
def test_another_browser_cannot_use_a_state_and_nobody_can_afterwards(cookie: str | None) -> None:
    """Somebody begins an authorization of their own and sends its redirect to another person."""
    with States("memory://") as states:
        issued = states.issue("attacker")
        with pytest.raises(astra.AuthorizationRedirectError) as caught:
            states.use(f"code=theirs&state={issued.state}", cookie=cookie)
        assert caught.value.code == "state_mismatch"
        with pytest.raises(astra.AuthorizationRedirectError):
            states.use(f"code=theirs&state={issued.state}", cookie=issued.cookie)


def test_two_tabs_of_one_browser_share_a_cookie() -> None:
    with States("memory://") as states:
        first = states.issue("c42")
        second = states.issue("c42", cookie=first.cookie)
        assert first.cookie == second.cookie
        assert states.use(f"state={first.state}", cookie=second.cookie).key == "c42"
        assert states.use(f"state={second.state}", cookie=second.cookie).key == "c42"


@pytest.mark.parametrize(
    ("redirect", "code"),
    [
        ("code=abc", "missing_state"),
        ("code=abc&state=", "missing_state"),
        ("code=abc&state=guessed", "state_unknown"),
        ("code=abc&state=a&state=a", "invalid_redirect"),
    ],
)
def test_a_redirect_that_answers_no_link_is_refused(redirect: str, code: str) -> None:
    with States("memory://") as states, pytest.raises(astra.AuthorizationRedirectError) as caught:
        states.use(redirect, cookie="c" * 20)
    assert caught.value.code == code


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(days=31), 600, None])
def test_a_lifetime_that_cannot_be_right_is_refused(lifetime: Any) -> None:
    with pytest.raises(astra.ConfigurationError, match="lifetime"):
        States("memory://", lifetime=lifetime)


def test_keys_and_cookies_are_checked() -> None:
    with States("memory://") as states:
        with pytest.raises(astra.InvalidRequestError):
            states.issue("")
        with pytest.raises(astra.InvalidRequestError):
            states.issue("c42", cookie="short")
        with pytest.raises(astra.InvalidRequestError):
            states.use("state=s", cookie=17)  # type: ignore[arg-type]
        with pytest.raises(astra.InvalidRequestError):
            states.use(17, cookie="c" * 20)  # type: ignore[arg-type]


async def test_the_whole_way_with_asyncio(url: str) -> None:
    with Sandbox() as sandbox:
        async with (
            AsyncStates(url) as states,
            astra.AsyncAstra(
                sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, redirect_uri=sandbox.redirect_uri
            ) as client,
        ):
            person = sandbox.users.create(status="approved")
            issued: IssuedState = await states.issue("c42")
            link = client.oauth.authorize_url(user_id=person.id, state=issued.state)
            came_back_to = sandbox.visit(link.url)
            used = await states.use(came_back_to, cookie=issued.cookie)
            redirect = client.oauth.parse_redirect(came_back_to, state=used.state)
            user = await client.oauth.exchange(redirect.code, key=used.key)
            assert (await user.profile.get()).id == person.id


def test_a_store_of_the_caller_stays_open(tmp_path: Path) -> None:
    class Counted(StateStore):
        closed = 0

        def put(self, id: str, ticket: Ticket, *, now: float) -> None: ...

        def take(self, id: str) -> Ticket | None: ...

        def close(self) -> None:
            self.closed += 1

    mine = Counted()
    with States(mine) as states:
        states.issue("c42")
    assert mine.closed == 0


# -- what is kept is damaged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kept",
    ["", "not json", "[" * 100_000, "null", '{"key": "c42"}', '["c42", "b"]', '["c42", "b", null]', '[1, "b", 2]'],
)
def test_what_redis_holds_damaged_is_a_failure_of_the_store(redis_url: str, kept: str) -> None:
    redis.Redis.from_url(redis_url).set("astra:state:1", kept)
    with open_state_store(redis_url) as store:
        with pytest.raises(astra.StateStoreError, match=r"is damaged\. Start again with a new link"):
            store.take("1")
        assert store.take("1") is None


@pytest.mark.parametrize("column", ["key", "browser", "expires_at"])
@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
def test_a_row_that_is_damaged_is_a_failure_of_the_store(tmp_path: Path, scheme: str, column: str) -> None:
    with open_state_store(f"{scheme}:///{tmp_path}/tokens.db") as store:
        store.put("1", ticket(), now=1_000)
        with sqlite3.connect(tmp_path / "tokens.db") as rows:
            rows.execute(f"UPDATE astra_oauth_states SET {column}=x'ff00'")
        rows.close()
        with pytest.raises(astra.StateStoreError):
            store.take("1")
