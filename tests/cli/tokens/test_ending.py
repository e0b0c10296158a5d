"""`astra tokens forget` and `revive`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scripts.bench.sandbox_process import SandboxProcess
from tests.cli.tokens.operators import KEY, NEW, OTHER, WRONG, as_json, astra, dead, make, put, rows

Seed = Callable[[int], list[list[str]]]


def known(url: str) -> list[str]:
    return [grant.key for grant in rows(url)]


def states(url: str) -> dict[str, str]:
    return {grant.key: grant.state for grant in rows(url)}


# -- forget ----------------------------------------------------------------------------------------------------------


def test_forget_deletes_the_grant_and_ends_its_access_token(url: str, seed: Seed, sandbox: SandboxProcess) -> None:
    (user, *_), other = seed(2)
    before = sandbox.do("refreshes", user_id=user), sandbox.do("refreshes", user_id=other[0])
    result = astra("forget", "k0", "--yes")
    assert (result.exit_code, result.stdout, known(url)) == (0, "forgotten: 'k0'\n", ["k1"])
    assert (sandbox.do("refreshes", user_id=user), sandbox.do("refreshes", user_id=other[0])) == (
        before[0] + 1,
        before[1],
    )


def test_forget_asks_first(url: str) -> None:
    put(url, make("a"))
    result = astra("forget", "a", say="n\n")
    assert (result.exit_code, known(url)) == (1, ["a"])
    assert "Delete the grant of 'a'?" in result.stderr
    assert (astra("forget", "a").exit_code, known(url)) == (2, ["a"])


def test_forget_by_astra_id_takes_all_keys_of_the_person_and_nobody_elses(
    url: str, seed: Seed, sandbox: SandboxProcess
) -> None:
    (user, access, refresh), _ = seed(2)
    with sandbox.view(url, keys=[KEY]) as store:
        grant = store.load("k0")
        assert grant is not None
        assert store.save(make("again", astra_user_id=user, access_token=access, refresh_token=refresh), replaces=None)
    result = astra("forget", "--astra-user", user, say="n\n")
    assert "'again', 'k0'" in result.stderr
    assert known(url) == ["again", "k0", "k1"]
    result = astra("forget", "--astra-user", user, "--yes", "--json")
    assert (result.exit_code, as_json(result)["forgotten"], known(url)) == (0, ["again", "k0"], ["k1"])


@pytest.mark.parametrize("arguments", [[], ["a", "--astra-user", "usr_a"]])
def test_forget_needs_exactly_one_name(url: str, arguments: list[str]) -> None:
    put(url, make("a"))
    assert astra("forget", *arguments, "--yes").exit_code == 2
    assert known(url) == ["a"]


def test_what_cannot_be_read_is_forgotten_only_on_purpose(url: str) -> None:
    put(url, make("lost"), keys=(WRONG,))
    put(url, make("fine"))
    result = astra("forget", "lost", "--yes")
    assert (result.exit_code, known(url)) == (2, ["fine", "lost"])
    assert "--without-keys" in result.stderr
    result = astra("forget", "lost", "--yes", "--without-keys")
    assert (result.exit_code, known(url)) == (0, ["fine"])
    assert "the access token of 'lost' could not be ended" in result.stderr


def test_a_damaged_grant_can_be_forgotten(url: str, tmp_path: Path) -> None:
    put(url, make("a"))
    with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
        connection.execute("UPDATE astra_grants SET refreshed_at='never'")
    result = astra("forget", "a", "--yes")
    assert (result.exit_code, known(url)) == (0, [])
    assert "could not be ended" in result.stderr


def test_forget_touches_no_grant_of_another_client(url: str) -> None:
    put(url, make("a", identity=OTHER))
    assert astra("forget", "a", "--yes").exit_code == 7
    assert known(url) == ["a"]


def test_an_empty_key_is_no_key(url: str) -> None:
    assert astra("forget", "", "--yes").exit_code == 2
    assert astra("show", " ").exit_code == 2


# -- revive ----------------------------------------------------------------------------------------------------------


def test_a_key_is_revived(any_url: str) -> None:
    put(any_url, dead("gone"))
    result = astra("revive", "gone", "--yes", "--json")
    assert (result.exit_code, as_json(result)["revived"], states(any_url)["gone"]) == (0, 1, "active")
    again = astra("revive", "gone", "--yes")
    assert (again.exit_code, "is not dead" in again.stderr) == (1, True)


def test_revive_asks_first_and_says_how_many(url: str) -> None:
    put(url, dead("a"), dead("b"), dead("old", days_ago=20))
    result = astra("revive", "--since", "2d", say="n\n")
    assert result.exit_code == 1
    assert "Bring 2 grants back? 1 more are past their lifetime and stay dead." in result.stderr
    assert set(states(url).values()) == {"dead"}
    assert astra("revive", "--since", "2d", say="y\n").stdout.endswith("2 brought back, 1 stay dead\n")
    assert states(url) == {"a": "active", "b": "active", "old": "dead"}


def test_only_those_that_died_since_then_are_revived(url: str) -> None:
    put(url, dead("early", hours_ago=50), dead("late", hours_ago=1), dead("theirs", identity=OTHER))
    assert "0 brought back" in astra("revive", "--since", "30m", "--yes").stdout
    assert "1 brought back" in astra("revive", "--since", "2h", "--yes").stdout
    assert states(url) == {"early": "dead", "late": "active", "theirs": "dead"}
    day = (datetime.now(UTC) - timedelta(days=4)).date().isoformat()
    assert "1 brought back" in astra("revive", "--since", day, "--yes").stdout


def test_nobody_to_revive_is_no_failure_and_says_where_it_looked(url: str) -> None:
    put(url, make("a"))
    result = astra("revive", "--since", "2d")
    assert (result.exit_code, "looked at SQLite file" in result.stderr) == (0, True)


def test_a_grant_past_its_lifetime_cannot_be_revived(url: str) -> None:
    put(url, dead("old", days_ago=20))
    result = astra("revive", "old", "--yes")
    assert (result.exit_code, "has to authorize again" in result.stderr, states(url)) == (1, True, {"old": "dead"})


@pytest.mark.parametrize("arguments", [[], ["a", "--since", "2d"], ["--since", "soon"], ["--since", "2999-01-01"]])
def test_revive_needs_exactly_one_key_or_time(url: str, arguments: list[str]) -> None:
    put(url, dead("a"))
    assert astra("revive", *arguments, "--yes").exit_code == 2
    assert states(url) == {"a": "dead"}


def test_a_revived_grant_is_kept_alive_again(url: str, seed: Seed, sandbox: SandboxProcess) -> None:
    seed(1)
    with sandbox.view(url, keys=[KEY]) as store:
        grant = store.load("k0")
        assert grant is not None
        store.save(grant.invalidated(now=grant.refreshed_at, access_rejected=False), replaces=grant.version)
    assert as_json(astra("keep-alive", "--json"))["refreshed"] == 0
    assert astra("revive", "k0", "--yes").exit_code == 0
    assert as_json(astra("keep-alive", "--json"))["refreshed"] == 1


def test_what_is_revived_is_encrypted_with_the_current_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(url, dead("a"))
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{NEW},{KEY}")
    assert astra("revive", "a", "--yes").exit_code == 0
    (row,) = rows(url)
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", NEW)
    assert (row.state, astra("show", "a").exit_code) == ("active", 0)
