"""`astra tokens status` for people and for monitoring."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.tokens.operators import KEY, ME, NEW, OTHER, WRONG, as_json, astra, dead, make, put


def test_all_is_well(any_url: str) -> None:
    result = astra("status", "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["ok"], shown["problems"], shown["notes"]) == (0, True, [], [])
    assert (shown["total"], shown["active"], shown["due"], shown["dying"], shown["dead"]) == (1, 1, 0, 0, {})
    assert astra("status").exit_code == 0


def test_the_names_are_those_of_the_guide(url: str) -> None:
    put(url, make("a"))
    shown = as_json(astra("status", "--json"))
    assert set(shown) == {
        "store", "environment", "client_id", "total", "active", "due", "dying", "first_end", "dead", "revivable",
        "failing", "stuck", "next_attempt", "people_with_several_keys", "nobodys", "unreadable", "keys",
        "not_of_this_identity", "sharing", "problems", "notes", "ok", "version",
    }  # fmt: skip
    assert set(shown["keys"]) == {"by_key", "fernet", "plain", "unopened", "waiting"}


def test_each_kind_of_trouble_is_counted_and_named(url: str) -> None:
    put(url, make("due", days_ago=6), make("dying", days_ago=9), make("fine"))
    put(url, make("stuck", failures=3, next_attempt_at=time.time() + 60))
    put(url, dead("refused"), dead("expired", days_ago=12, reason="expired"), make("theirs", identity=OTHER))
    result = astra("status", "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["ok"], len(shown["problems"])) == (1, False, 3)
    assert (shown["total"], shown["active"], shown["due"], shown["dying"]) == (6, 4, 2, 1)
    assert (shown["dead"], shown["revivable"]) == ({"invalid_grant": 1, "expired": 1}, 1)
    assert (shown["failing"], shown["stuck"], shown["next_attempt"][:2]) == (1, 1, "20")
    assert shown["not_of_this_identity"] == {str(OTHER): 1}
    text = astra("status").stdout
    assert text.count("PROBLEM: ") == 3
    assert f"of others: {OTHER}" in text
    assert "dead: expired" in text


@pytest.mark.parametrize(
    ("grants", "options"),
    [
        ([make("a", days_ago=9)], ["--dying-within", "12h"]),
        ([dead("a")], ["--most-dead", "1"]),
        ([make("a", failures=3)], ["--failing-from", "4"]),
    ],
    ids=["dying", "dead", "failing"],
)
def test_what_needs_people_is_a_matter_of_thresholds(url: str, grants: list[object], options: list[str]) -> None:
    put(url, *grants)  # type: ignore[arg-type]
    assert (astra("status").exit_code, astra("status", *options).exit_code) == (1, 0)


def test_a_person_under_two_keys_is_named_with_both(url: str) -> None:
    put(url, make("a", astra_user_id="usr_1"), make("b", astra_user_id="usr_1", days_ago=2), make("c"))
    result = astra("status", "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["people_with_several_keys"]) == (0, 1)
    assert shown["sharing"] == [{"astra_user_id": "usr_1", "keys": ["a", "b"]}]
    assert "usr_1: 'a', 'b'" in astra("status").stdout


def test_rows_are_counted_by_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(url, make("a"), make("b"))
    put(url, make("c"), keys=(WRONG,))
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{NEW},{KEY}")
    result = astra("status", "--json")
    keys = as_json(result)["keys"]
    assert (result.exit_code, sorted(keys["by_key"].values())) == (1, [1, 2])
    assert (keys["unopened"], keys["waiting"]) == (1, 3)
    assert "cannot be read with the keys in ASTRA_TOKEN_KEYS" in result.stdout


def test_a_plain_store_is_well_without_keys(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_TOKEN_KEYS")
    put(url, make("a"), keys=())
    assert as_json(astra("status", "--json"))["keys"]["plain"] == 1
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{KEY},plain")
    assert as_json(astra("status", "--json"))["notes"] == [
        "1 grants are not under the current key: astra tokens rotate-keys"
    ]


def test_a_damaged_row_needs_people(url: str, tmp_path: Path) -> None:
    put(url, make("a"), make("b"))
    with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
        connection.execute("UPDATE astra_grants SET refreshed_at='never' WHERE key='a'")
    result = astra("status", "--json")
    assert (result.exit_code, as_json(result)["unreadable"]) == (1, 1)


def test_nothing_to_count_says_where_it_looked(url: str) -> None:
    result = astra("status")
    assert (result.exit_code, f"grants of {ME}" in result.stderr.splitlines()[-1]) == (0, True)
    assert "no grants: looked at" in result.stderr


@pytest.mark.parametrize("options", [["--dying-within", "soon"], ["--most-dead", "-1"], ["--failing-from", "0"]])
def test_thresholds_that_mean_nothing_exit_with_2(url: str, options: list[str]) -> None:
    assert astra("status", *options).exit_code == 2
