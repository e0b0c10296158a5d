"""`astra requests tail` shows the latest requests and those that come, of the log and of a running sandbox."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from astra import Astra
from astra.cli.following import LATE, Follower
from astra.sandbox import Sandbox
from tests.cli.processes import ASTRA, clean, here, run

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@contextmanager
def following(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    command = [*ASTRA, "requests", "tail", "--follow", "--json", "--interval", "0.1", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean(**variables)
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def next_row(child: subprocess.Popen[str]) -> Any:
    assert child.stdout is not None
    return json.loads(child.stdout.readline())


def ended(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Ends it by Ctrl-C; returns its exit code and what it told."""
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=30)
    return child.returncode, told


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def test_of_the_log_it_shows_what_comes_until_ctrl_c(sandbox: Sandbox, tmp_path: Path) -> None:
    log = f"sqlite:///{tmp_path}/requests.db"
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=log) as astra:
        assert astra.request_log is not None
        astra.bins.get("400000")
        astra.request_log.flush()
        with following("--operation", "get_bin", ASTRA_REQUEST_LOG=log) as child:
            first = next_row(child)
            astra.payment_instruments.list()
            second_id = astra.bins.get("400000").request_id
            astra.request_log.flush()
            second = next_row(child)
            assert ended(child) == (0, "")
    assert (first["operation"], first["version"]) == ("get_bin", 1)
    assert (second["operation"], second["request_id"]) == ("get_bin", second_id)


def test_of_a_sandbox_it_shows_what_comes_and_needs_no_log(sandbox: Sandbox) -> None:
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as astra:
        for _ in range(3):
            astra.bins.get("400000")
        with following("--sandbox", sandbox.control_url, "-n", "1") as child:
            first = next_row(child)
            later = astra.payment_instruments.list().request_id
            second = next_row(child)
            assert ended(child) == (0, "")
    assert first["request_id"] == sandbox.requests[2].request_id
    assert (second["request_id"], second["operation"]) == (later, "list_payment_instruments")
    assert "body" not in second


def test_without_follow_it_ends_with_the_newest_last(sandbox: Sandbox, tmp_path: Path) -> None:
    log = f"sqlite:///{tmp_path}/requests.db"
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=log) as astra:
        ids = [astra.bins.get("400000").request_id for _ in range(3)]
    rows = run("requests", "tail", "-n", "2", ASTRA_REQUEST_LOG=log).stdout.splitlines()
    assert [str(one) in row for one, row in zip(ids[1:], rows[1:], strict=True)] == [True, True]


@pytest.mark.parametrize("command", ["list", "tail", "stats", "export"])
@pytest.mark.parametrize("scheme", ["sqlite", "jsonl"])
def test_a_log_that_is_not_there_is_no_quiet_day(command: str, scheme: str, tmp_path: Path) -> None:
    done = here("requests", command, "--log", f"{scheme}:///{tmp_path}/reqests.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no request log in the " in done.stderr
    assert f"{tmp_path}/reqests.db, and none was made. Is the path right?" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_empty_result_says_where_it_looked_for_what(sandbox: Sandbox, tmp_path: Path) -> None:
    log = f"sqlite:///{tmp_path}/requests.db"
    with Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url, request_log=log) as astra:
        astra.bins.get("400000")
    place = f"the SQLite file {tmp_path}/requests.db"
    done = here("requests", "list", "--operation", "get_bim", "--since", "2026-01-01", ASTRA_REQUEST_LOG=log)
    assert (done.returncode, done.stdout) == (0, "")
    told = f"no requests: looked at {place} for operation get_bim, since 2026-01-01 00:00:00+00:00."
    assert done.stderr == f'{told} Did you mean "get_bin"?\n'
    stats = here("requests", "stats", "--user", "nobody", ASTRA_REQUEST_LOG=log)
    assert stats.stderr == f"no requests: looked at {place} for user_key nobody.\n"
    tail = here("requests", "tail", "--user", "nobody", ASTRA_REQUEST_LOG=log)
    assert tail.stderr == f"no requests: looked at {place} for user_key nobody\n"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--sandbox", "http://127.0.0.1:1/_sandbox?token=x"], 3, "Start one: astra sandbox"),
        (["--from-sandbox", "--failed"], 2, "Of a sandbox only --operation can be asked for"),
        ([], 2, "Which request log? Set ASTRA_REQUEST_LOG"),
    ],
)
def test_mistakes_are_told(arguments: list[str], code: int, told: str) -> None:
    done = here("requests", "tail", *arguments)
    [line] = done.stderr.splitlines()
    assert (done.returncode, line.startswith("error: "), told in line) == (code, True, True)


def test_what_was_seen_is_forgotten_when_it_is_too_old_to_come_again() -> None:
    follower: Follower[str] = Follower(NOON)
    assert follower.since == NOON - LATE
    assert follower.new([("b", NOON + timedelta(seconds=2), "b"), ("a", NOON + timedelta(seconds=1), "a")]) == [
        "a",
        "b",
    ]
    late = NOON + timedelta(seconds=1, milliseconds=500)
    assert follower.new([("b", NOON + timedelta(seconds=2), "b"), ("c", late, "c")]) == ["c"]
    assert follower.since == NOON + timedelta(seconds=2) - LATE
    for hour in range(1, 1000):
        time = NOON + timedelta(hours=hour)
        assert follower.new([(hour, time, "x")]) == ["x"]
        assert follower.new([(hour, time, "x")]) == []
    assert len(follower._seen) == 1
