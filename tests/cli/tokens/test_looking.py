"""`astra tokens list` and `find`: what is shown, of whom, and in how much memory."""

from __future__ import annotations

import gc
import json
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from astra.tokens import UNBOUND, open_store
from tests.cli.tokens.operators import KEY, ME, OTHER, astra, dead, make, put


def keys(*arguments: str) -> list[str]:
    return [json.loads(line)["key"] for line in astra("list", "--json", *arguments).stdout.splitlines()]


def test_list_shows_this_clients_grants_and_those_of_nobody(url: str) -> None:
    put(url, make("mine"), make("theirs", identity=OTHER), make("nobodys", identity=UNBOUND))
    assert keys() == ["mine", "nobodys"]


def test_all_identities_are_listed_with_whose_they_are(any_url: str) -> None:
    put(any_url, make("a", identity=OTHER), make("b", identity=UNBOUND))
    lines = [json.loads(line) for line in astra("list", "--all-identities", "--json").stdout.splitlines()]
    found = {(line["environment"], line["client_id"], line["key"]) for line in lines}
    assert found == {("production", "client-1", "a"), ("sandbox", "client-1", "a"), (None, None, "b")}
    table = astra("list", "--all-identities").stdout.splitlines()
    assert (len(table), table[0].split()[-2:]) == (4, ["environment", "client"])


def test_a_failing_and_a_dead_grant_say_why_and_when(url: str) -> None:
    put(url, make("bad", failures=2, next_attempt_at=time.time() + 60), dead("gone", reason="expired"))
    bad, gone = (json.loads(line) for line in astra("list", "--json").stdout.splitlines())
    assert (bad["failures"], bad["next_attempt_at"][:2], bad["dead_reason"]) == (2, "20", None)
    assert (gone["dead_reason"], gone["dead_since"][:2], gone["next_attempt_at"]) == ("expired", "20", None)
    assert "expired" in astra("show", "gone").stdout


def test_list_is_narrowed_by_state_and_age(url: str) -> None:
    put(url, make("new"), make("old", days_ago=7), dead("gone", days_ago=8), dead("late", days_ago=1))
    assert keys("--state", "dead") == ["gone", "late"]
    assert keys("--state", "active", "--older-than", "6d") == ["old"]
    assert keys("--older-than", "6d") == ["gone", "old"]
    put(url, make("bad", failures=2, next_attempt_at=time.time() + 60))
    assert keys("--state", "failing") == ["bad"]
    assert keys("--state", "active") == ["bad", "new", "old"]
    assert keys("--older-than", "6d", "--all-identities", "--state", "dead") == ["gone"]
    assert astra("list", "--state", "tired").exit_code == 2


def test_an_empty_list_says_where_it_looked(url: str, tmp_path: Path) -> None:
    put(url, make("theirs", identity=OTHER))
    result = astra("list", "--json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"no grants: looked at SQLite file {tmp_path}/tokens.db, grants of {ME}" in result.stderr
    assert f"1 of {OTHER}" in result.stderr


def test_a_damaged_row_is_told_and_the_others_are_listed(url: str, tmp_path: Path) -> None:
    put(url, make("a"), make("b"))
    with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
        connection.execute("UPDATE astra_grants SET refreshed_at='never' WHERE key='a'")
    result = astra("list", "--json")
    assert (result.exit_code, [json.loads(line)["key"] for line in result.stdout.splitlines()]) == (1, ["b"])
    assert "'a'" in result.stderr


@pytest.mark.parametrize("number", [-1e300, 1e300])
def test_a_time_that_no_calendar_has_is_shown_as_it_is(url: str, number: float) -> None:
    put(url, make("a", refresh_expires_at=number))
    assert repr(number) in astra("list").stdout


def test_a_key_that_moves_the_cursor_does_not(url: str) -> None:
    put(url, make("a\x1b[2J\nb"))
    assert "a?[2J?b" in astra("list").stdout
    assert "\x1b" not in astra("show", "a\x1b[2J\nb").stdout


@pytest.mark.long
@pytest.mark.parametrize("options", [(), ("--json",), ("--all-identities",)])
def test_memory_does_not_grow_with_the_number_of_grants(
    url: str, options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from astra.cli.tokens import looking

    peaks: list[int] = []
    with open_store(url) as store:
        view = store.for_identity(ME, keys=[KEY])
        written = 0
        for total in (1_000, 2_000, 10_000):
            for start in range(written, total, 500):
                view.save_many([(make(f"k{number:06}"), None) for number in range(start, start + 500)])
            written = total
            gc.collect()
            with (tmp_path / "out").open("w") as file, monkeypatch.context() as patched:
                # The runner of the tests would keep all that is printed.
                patched.setattr("sys.stdout", file)
                tracemalloc.start()
                looking.list_grants(as_json="--json" in options, everybody="--all-identities" in options)
                peaks.append(tracemalloc.get_traced_memory()[1])
                tracemalloc.stop()
            assert len((tmp_path / "out").read_text().splitlines()) == total + ("--json" not in options)
    # The first run loads what is loaded once; the collector of garbage comes when it likes.
    assert peaks[2] - peaks[1] < 8_000 * 20


def test_find_names_all_keys_of_a_person_the_one_refreshed_last_first(any_url: str) -> None:
    put(any_url, make("b", astra_user_id="usr_1", days_ago=2), make("c", astra_user_id="usr_1"))
    put(any_url, dead("d", astra_user_id="usr_1", days_ago=3), make("c", identity=OTHER, astra_user_id="usr_1"))
    result = astra("find", "--astra-user", "usr_1", "--json")
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["key"], line["state"]) for line in found] == [("c", "active"), ("b", "active"), ("d", "dead")]
    table = astra("find", "--astra-user", "usr_1").stdout.splitlines()
    assert [line.split()[0] for line in table[1:]] == ["c", "b", "d"]


def test_find_names_a_key_whose_row_is_damaged(url: str, tmp_path: Path) -> None:
    put(url, make("a"))
    with closing(sqlite3.connect(tmp_path / "tokens.db")) as connection, connection:
        connection.execute("UPDATE astra_grants SET refresh_token='astra1:' || substr(refresh_token, 9)")
    result = astra("find", "--astra-user", "usr_a", "--json")
    assert json.loads(result.stdout)["key"] == "a"
    assert "error:" in result.stderr


def test_find_needs_an_id(url: str) -> None:
    assert astra("find").exit_code == 2


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["show", "a"], ["status", "--json"]], ids=" ".join)
def test_output_that_cannot_be_written_is_told(url: str, command: list[str]) -> None:
    put(url, make("a"))
    with open("/dev/full", "wb") as device:
        done = subprocess.run(
            [sys.executable, "-m", "astra", "tokens", *command], stdout=device, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, b"error: OSError: No space left on device")


def test_who_reads_the_first_line_only_sees_no_error(url: str) -> None:
    put(url, *[make(f"k{number:04}") for number in range(3000)])
    child = subprocess.Popen(
        [sys.executable, "-m", "astra", "tokens", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    assert child.stdout.readline().startswith(b"user key")
    child.stdout.close()
    told = child.stderr.read()
    child.stderr.close()
    child.wait(20)
    assert b"Traceback" not in told
    assert b"error" not in told
