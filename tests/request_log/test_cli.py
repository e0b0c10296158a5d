"""`astra requests`, as an on-call engineer types it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from astra.cli.dates import parse_time
from astra.cli.requests import app
from astra.cli.table import align
from astra.request_log.sqlite import SQLiteRequestLog
from tests.request_log.test_logs import fill, record

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    path = tmp_path / "r.db"
    log = SQLiteRequestLog(path)
    fill(log)
    log.close()
    monkeypatch.setenv("ASTRA_REQUEST_LOG", f"sqlite:///{path}")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def ids(result: Result) -> list[str | None]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["request_id"] for line in result.stdout.splitlines()]


def test_list_shows_the_newest_first_with_its_request_id(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0
    header, *lines = result.stdout.splitlines()
    assert header.split()[0] == "time"
    assert [line.split()[0] for line in lines] == ["2026-11-24"] * 6
    assert "req-5" in lines[0]
    assert "APITimeoutError" in lines[1]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--user", "customer-2"], ["req-1"]),
        (["--status", "4xx"], ["req-2", "req-1"]),
        (["--status", "none"], [None]),
        (["--operation", "create_routine"], ["req-3", "req-2"]),
        (["--failed", "--limit", "1"], ["req-5"]),
        (["--since", "2026-11-24T12:00:04Z"], ["req-5", None]),
        (["--until", "2026-11-24T12:00:01"], ["req-0"]),
        (["--since", "2026-11-24", "--until", "2026-11-25", "-n", "1"], ["req-5"]),
        (["--user", "nobody"], []),
        (["--resource", "routine-1"], ["req-5", "req-3"]),
        (["--correlation", "INV42"], ["req-3"]),
    ],
)
def test_list_filters(run: Run, options: list[str], expected: list[str | None]) -> None:
    assert ids(run("list", "--json", *options)) == expected


def test_show_tells_all_attempts_of_a_call(run: Run) -> None:
    result = run("show", "req-3")
    assert result.exit_code == 0
    assert "create_routine  POST /v1/transfers/{id}" in result.stdout
    assert "call call_2, user customer-1, 2 attempt(s)" in result.stdout
    assert "req-2" in result.stdout
    assert ids(run("show", "call_2", "--json")) == ["req-2", "req-3"]


def test_the_ids_of_object_and_payment_are_listed_and_shown_but_not_exported(run: Run) -> None:
    listed = run("list").stdout.splitlines()
    assert ("resource id" in listed[0], "correlation id" in listed[0]) == (True, True)
    (made,) = [line for line in listed if "req-3" in line]
    assert ("routine-1" in made, "INV42" in made) == (True, True)
    assert json.loads(run("list", "--json", "--correlation", "INV42").stdout)["resource_id"] == "routine-1"
    assert "routine-1" in run("show", "req-5").stdout
    assert "routine-1" not in run("export").stdout


def test_an_export_has_the_names_and_types_of_the_list(run: Run) -> None:
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    exported = [json.loads(line) for line in run("export", "--format", "json").stdout.splitlines()]
    statuses = [{one["request_id"]: one["status"] for one in rows} for rows in (exported, listed)]
    assert statuses[0] == statuses[1]
    assert all(row.keys() <= listed[0].keys() for row in exported)
    assert {type(row["attempt"]) for row in exported} == {int}


def test_show_of_an_unknown_id_fails(run: Run) -> None:
    result = run("show", "req-99")
    assert (result.exit_code, result.stdout) == (7, "")
    assert "no request or call req-99" in result.stderr
    assert "and no payment: looked at request log: SQLite file /" in result.stderr


def test_show_by_an_object_or_a_reference_tells_all_calls_about_it(run: Run) -> None:
    assert ids(run("show", "routine-1", "--json")) == ["req-3", "req-5"]
    assert ids(run("show", "INV42", "--json")) == ["req-3"]
    assert "operation" in run("show", "routine-1").stdout.splitlines()[0]


def test_stats_sum_up(run: Run) -> None:
    first, second = (json.loads(line) for line in run("stats", "--json").stdout.splitlines())
    assert (first["operation"], first["count"], first["failed"], first["error_rate"]) == ("get_transfer", 4, 3, 0.75)
    assert (second["operation"], second["failed"]) == ("create_routine", 1)
    assert "75.0" in run("stats").stdout


def test_an_export_holds_what_support_needs_and_nobodys_name(run: Run) -> None:
    result = run("export", "--failed")
    assert result.exit_code == 0
    for needed in ("2026-11-24T12:00:01.123Z", "req-1", "404", "NotFoundError", "no answer", "/v1/transfers/{id}"):
        assert needed in result.stdout
    assert "customer" not in result.stdout
    assert [line.split()[1] for line in result.stdout.splitlines()[1:]] == ["req-1", "req-2", "-", "req-5"]


def test_an_export_by_ids_tells_their_whole_calls(run: Run) -> None:
    result = run("export", "req-3", "call_2", "req-0", "--format", "csv")
    assert [row["request id"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["req-0", "req-2", "req-3"]


def test_an_export_with_users_tells_them_apart_without_their_keys(run: Run) -> None:
    result = run("export", "--with-users", "--format", "json")
    users = [json.loads(line)["user"] for line in result.stdout.splitlines()]
    assert users[0] == users[2] != users[1]
    assert users[5] is None
    assert "customer" not in result.stdout
    again = [json.loads(line)["user"] for line in run("export", "--with-users", "--format", "json").stdout.splitlines()]
    assert again != users, "a hash that stays the same can be found by trying keys"


def test_an_empty_export_fails(run: Run) -> None:
    assert run("export", "--user", "nobody").exit_code == 7


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--status", "9xx"],
        ["list", "--since", "yesterday"],
        ["list", "--since", "999999999999w"],
        ["list", "--limit", "0"],
        ["list", "--log", "x.db"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_without_a_log_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_REQUEST_LOG", raising=False)
    result = CliRunner().invoke(app, ["list"])
    assert result.exit_code == 2
    assert "ASTRA_REQUEST_LOG" in result.stderr


def test_it_runs_from_the_shell_against_postgresql(postgres_url: str) -> None:
    from astra.request_log.sql import SQLRequestLog

    log = SQLRequestLog(postgres_url)
    fill(log)
    log.close()
    command = [sys.executable, "-m", "astra", "requests", "list", "--log", postgres_url]
    done = subprocess.run([*command, "--json", "--status", "404"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["request_id"] == "req-1"


def test_a_time_may_be_ago_or_iso() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert parse_time("90s", now=now) == now - timedelta(seconds=90)
    assert parse_time("1.5h", now=now) == now - timedelta(minutes=90)
    assert parse_time("2w", now=now) == now - timedelta(days=14)
    assert parse_time("2026-11-24T14:00:00+02:00", now=now) == now
    assert parse_time("2026-11-24", now=now) == now.replace(hour=0)


def test_a_value_cannot_move_the_cursor_of_a_terminal() -> None:
    shown = align(("user",), [("a\x1b[2J\nb",)])
    assert shown == "user\na?[2J?b\n"


def test_every_search_walks_an_index(tmp_path: Path) -> None:
    import sqlite3

    from astra.request_log.query import RequestQuery
    from astra.request_log.sqlite_select import select_statements

    log = SQLiteRequestLog(tmp_path / "r.db")
    log.append(record(0))
    log.close()
    connection = sqlite3.connect(tmp_path / "r.db")
    for query in (
        RequestQuery(user_key="u"),
        RequestQuery(status=404),
        RequestQuery(status="4xx"),
        RequestQuery(status="none"),
        RequestQuery(since=datetime.now(UTC)),
        RequestQuery(failed=True),
        RequestQuery(operation="get_transfer"),
        RequestQuery(request_id="r"),
        RequestQuery(call_id="c"),
        RequestQuery(resource_id="r"),
        RequestQuery(client_correlation_id="c"),
        RequestQuery(),
    ):
        for statement, values in select_statements(query, blocks=[0], statuses=[404, 429]):
            plan = " | ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values))
            assert "USING INDEX astra_requests" in plan, (query, plan)
    connection.close()
