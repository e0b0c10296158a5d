"""One contract for every request log, and what each kind adds."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from astra.errors import ConfigurationError, InvalidRequestError
from astra.instrumentation.record import ADDED
from astra.request_log import RequestLog, RequestQuery, RequestRecord, open_request_log
from astra.request_log.jsonl import JSONLinesRequestLog
from astra.request_log.sql import SQLRequestLog, requests_table
from astra.request_log.sqlite import SQLiteRequestLog
from astra.request_log.sqlite_select import MIGRATIONS

START = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
KINDS = ["memory", "sqlite", "jsonl", "postgresql", "sqlalchemy-sqlite"]


def record(number: int, **changes: object) -> RequestRecord:
    values: dict[str, object] = {
        "call_id": f"call_{number}",
        "request_id": f"req-{number}",
        "time": START + timedelta(seconds=number),
        "operation": "get_transfer",
        "method": "GET",
        "path": "/v1/transfers/{id}",
        "status": 200,
        "duration_ms": 12.5,
        "attempt": 1,
        "user_key": "customer-1",
        "error_name": None,
    }
    return RequestRecord(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {
        "memory": lambda: "memory://",
        "sqlite": lambda: f"sqlite:///{tmp_path}/requests.db",
        "jsonl": lambda: f"jsonl:///{tmp_path}/requests.jsonl",
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "sqlalchemy-sqlite": lambda: f"sqlite+pysqlite:///{tmp_path}/other.db",
    }[request.param]()


@pytest.fixture
def opened() -> Iterator[Callable[[str], RequestLog]]:
    logs: list[RequestLog] = []

    def opening(url: str) -> RequestLog:
        logs.append(open_request_log(url))
        return logs[-1]

    yield opening
    for log in logs:
        log.close()


@pytest.fixture
def log(url: str, opened) -> RequestLog:
    return opened(url)


def fill(log: RequestLog) -> None:
    log.append(record(0))
    log.append(record(1, status=404, error_name="NotFoundError", user_key="customer-2"))
    log.append(record(2, status=429, error_name="RateLimitError", operation="create_routine", method="POST"))
    made = {"status": 201, "resource_id": "routine-1", "client_correlation_id": "INV42"}
    log.append(record(3, call_id="call_2", attempt=2, operation="create_routine", method="POST", **made))
    log.append(record(4, request_id=None, status=None, error_name="APITimeoutError"))
    log.append(record(5, status=503, error_name="ServiceUnavailableError", user_key=None, resource_id="routine-1"))


def test_a_record_comes_back_as_it_was_taken(log: RequestLog) -> None:
    taken = record(0, duration_ms=1.0625, user_key="Zoë 'x' 🚀", error_name="X", status=500)
    taken = attrs.evolve(taken, resource_id="r" * 255, client_correlation_id="INV42")
    log.append(taken)
    assert log.query() == [taken]
    assert log.query()[0].time.tzinfo is not None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [5, 4, 3, 2, 1, 0]),
        ({"limit": 2}, [5, 4]),
        ({"limit": None}, [5, 4, 3, 2, 1, 0]),
        ({"request_id": "req-3"}, [3]),
        ({"request_id": "unknown"}, []),
        ({"call_id": "call_2"}, [3, 2]),
        ({"resource_id": "routine-1"}, [5, 3]),
        ({"resource_id": "routine-1", "failed": True, "limit": 1}, [5]),
        ({"resource_id": "routine-1", "user_key": "customer-1"}, [3]),
        ({"client_correlation_id": "INV42"}, [3]),
        ({"client_correlation_id": "INV42", "status": "2xx"}, [3]),
        ({"client_correlation_id": "INV4"}, []),
        ({"user_key": "customer-1"}, [4, 3, 2, 0]),
        ({"user_key": "customer-1", "limit": 1}, [4]),
        ({"user_key": "customer-1", "status": "4xx"}, [2]),
        ({"operation": "create_routine"}, [3, 2]),
        ({"operation": "create_routine", "failed": True}, [2]),
        ({"status": 404}, [1]),
        ({"status": "404"}, [1]),
        ({"status": "4xx"}, [2, 1]),
        ({"status": "2XX"}, [3, 0]),
        ({"status": "none"}, [4]),
        ({"status": 418}, []),
        ({"status": "1xx"}, []),
        ({"failed": True}, [5, 4, 2, 1]),
        ({"failed": False}, [3, 0]),
        ({"failed": True, "status": "4xx", "limit": 1}, [2]),
        ({"since": START + timedelta(seconds=4)}, [5, 4]),
        ({"until": START + timedelta(seconds=1)}, [0]),
        ({"since": START + timedelta(seconds=1), "until": START + timedelta(seconds=3), "status": "4xx"}, [2, 1]),
    ],
)
def test_filters_find_the_newest_first(log: RequestLog, filters, expected: list[int]) -> None:
    fill(log)
    assert [(found.time - START).seconds for found in log.query(**filters)] == expected


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
def test_times_in_another_zone_mean_the_same_moment(kind: str, tmp_path: Path, opened) -> None:
    log = opened(f"{kind}:///{tmp_path}/log")
    fill(log)
    from datetime import timezone

    since = (START + timedelta(seconds=4)).astimezone(timezone(timedelta(hours=5)))
    assert len(log.query(since=since)) == 2


def test_an_id_finds_all_attempts_of_its_call(log: RequestLog) -> None:
    fill(log)
    for any_id in ("req-2", "req-3", "call_2"):
        assert [found.attempt for found in log.find(any_id)] == [1, 2]
    assert log.find("nothing") == []


def test_statistics_sum_up_by_operation(log: RequestLog) -> None:
    for number in range(100):
        log.append(record(number, duration_ms=float(number + 1), status=500 if number < 5 else 200))
    log.append(record(200, operation="create_routine", duration_ms=7.0))
    first, second = log.stats()
    assert (first.operation, first.count, first.failed, first.error_rate) == ("get_transfer", 100, 5, 0.05)
    assert (first.p50_ms, first.p95_ms, first.p99_ms, first.max_ms) == (50.0, 95.0, 99.0, 100.0)
    assert (second.operation, second.count, second.p50_ms, second.p99_ms) == ("create_routine", 1, 7.0, 7.0)
    assert [entry.count for entry in log.stats(RequestQuery(status="5xx", limit=None))] == [5]


def test_an_empty_log_has_no_answers(log: RequestLog) -> None:
    assert (log.query(), log.find("x"), log.stats()) == ([], [], [])


def test_records_of_many_threads_all_arrive(log: RequestLog) -> None:
    barrier = threading.Barrier(8)

    def work(thread: int) -> None:
        barrier.wait()
        for number in range(100):
            log.append(record(number, call_id=f"call_{thread}_{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len({found.call_id for found in log.query(limit=None)}) == 800


def test_closing_twice_is_fine_and_a_later_record_is_not_lost(url: str, log: RequestLog, opened) -> None:
    log.append(record(0))
    log.close()
    log.close()
    log.append(record(1))
    log.flush()
    assert len(log.query()) == 2


@pytest.mark.parametrize("url", KINDS[1:4], indirect=True)
def test_another_process_finds_the_records(url: str, log: RequestLog) -> None:
    fill(log)
    log.flush()
    program = (
        "import sys; from astra.request_log import open_request_log\n"
        "log = open_request_log(sys.argv[1])\nprint(len(log.query()))"
    )
    shown = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "6"


@pytest.mark.long
def test_searches_cross_the_blocks_of_the_sqlite_file(tmp_path: Path) -> None:
    log = SQLiteRequestLog(tmp_path / "r.db", capacity=100_000)
    for number in range(70_000):
        log.append(record(number, user_key=f"customer-{number % 30_000}"))
    log.flush()
    assert [found.request_id for found in log.query(user_key="customer-7")] == ["req-60007", "req-30007", "req-7"]
    assert [found.request_id for found in log.query(user_key="customer-7", limit=2)] == ["req-60007", "req-30007"]
    assert [found.request_id for found in log.query(request_id="req-3")] == ["req-3"]
    log.close()


@pytest.mark.parametrize("status", ["40", "abc", "9xx", 4040, "4x", ""])
def test_a_status_filter_that_means_nothing_is_refused(status) -> None:
    with pytest.raises(InvalidRequestError):
        open_request_log("memory://").query(status=status)


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), "2h", 3600])
def test_what_is_no_time_with_a_zone_is_refused(moment) -> None:
    with pytest.raises(InvalidRequestError, match="since must be an aware datetime"):
        open_request_log("memory://").query(since=moment)


@pytest.mark.parametrize(
    "url",
    [
        "requests.db",
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///x.db?retention_days=0",
        "sqlite:///x.db?retention_days=soon",
        "sqlite:///x.db?retention_days=inf",
        "jsonl:///x?days=3",
        "nosuchdb://h/d",
    ],
)
def test_a_url_that_cannot_be_read_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_request_log(url)


def test_a_log_is_opened_as_it_is() -> None:
    log = open_request_log("memory://")
    assert open_request_log(log) is log


def test_opening_creates_nothing(tmp_path: Path, opened) -> None:
    opened(f"sqlite:///{tmp_path}/a.db")
    opened(f"jsonl:///{tmp_path}/a.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.db", "a.jsonl"])
def test_the_file_is_for_its_owner_only(name: str, tmp_path: Path, opened) -> None:
    log = opened(f"{'sqlite' if name.endswith('db') else 'jsonl'}:///{tmp_path}/{name}")
    log.append(record(0))
    log.flush()
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_is_no_log_is_a_configuration_error(tmp_path: Path, opened) -> None:
    path = tmp_path / "other.db"
    path.write_text("this is a letter " * 100)
    with pytest.raises(ConfigurationError, match="cannot be read as the request log"):
        opened(f"sqlite:///{path}").query()


@pytest.mark.parametrize("name", ["a.db", "%41?.db", "with space#.db"])
def test_any_file_name_works(name: str, tmp_path: Path) -> None:
    log = SQLiteRequestLog(tmp_path / name)
    log.append(record(0))
    assert len(log.query()) == 1
    log.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_records_past_their_retention_are_deleted(kind: str, request, tmp_path: Path) -> None:
    day = timedelta(days=1)
    if kind == "sqlite":
        log: RequestLog = SQLiteRequestLog(tmp_path / "r.db", retention=day)
    else:
        log = SQLRequestLog(request.getfixturevalue("postgres_url"), retention=day)
    now = datetime.now(UTC)
    for number in range(20):
        log.append(record(number, time=now - timedelta(days=2, seconds=number)))
    log.append(record(100, time=now))
    log.flush()
    assert [found.request_id for found in log.query()] == ["req-100"]
    log.close()


def test_json_lines_rotate_by_day_and_old_days_are_deleted(tmp_path: Path) -> None:
    log = JSONLinesRequestLog(tmp_path / "requests.jsonl", retention=timedelta(days=10))
    now = datetime.now(UTC)
    days = [now - timedelta(days=age) for age in (30, 9, 1, 0)]
    for number, day in enumerate(days):
        log.append(record(number, time=day))
    log.flush()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"requests-{day.date().isoformat()}.jsonl" for day in days[1:]]
    assert [found.request_id for found in log.query()] == ["req-3", "req-2", "req-1"]
    log.close()


def test_each_json_line_is_a_record_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    log = JSONLinesRequestLog(path)
    log.append(record(0, user_key="Zoë\n"))
    log.flush()
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["request_id"] == "req-0"
    assert json.loads(line)["time"] == "2026-11-24T12:00:00.123456+00:00"
    log.close()


def test_half_a_line_of_a_killed_process_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text('{"call_id": "call_9", "requ')
    log = JSONLinesRequestLog(path)
    log.append(record(0))
    assert [found.call_id for found in log.query()] == ["call_0"]
    log.close()


def test_a_rotated_away_file_is_followed_by_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    log = JSONLinesRequestLog(path)
    log.append(record(0))
    log.flush()
    path.rename(tmp_path / "requests.jsonl.1")
    log.append(record(1))
    log.flush()
    assert len(path.read_text().splitlines()) == 1
    log.close()


@pytest.mark.parametrize("key", ["a\u0000b", "lone \udcff surrogate", "x" * 1_000, "Zoë", "tab\there"])
def test_no_text_holds_up_the_records_behind_it(log: RequestLog, key: str) -> None:
    log.append(record(0, user_key=key, request_id=key))
    log.append(record(1))
    assert [found.call_id for found in log.query()] == ["call_1", "call_0"]
    assert [found.call_id for found in log.query(user_key=key)] == ["call_0"]
    assert [found.call_id for found in log.query(request_id=key)] == ["call_0"]


FIRST_LAYOUT = ("call_0", "req-0", 1_700_000_000_000_000, "get_transfer", "GET", "/v1/transfers/{id}", 200, 1.0, 1, "u")


@pytest.fixture
def first_sqlite(tmp_path: Path) -> Path:
    """A file as release 0.1.0 wrote it."""
    path = tmp_path / "r.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("CREATE TABLE astra_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.execute("INSERT INTO astra_meta VALUES ('requests_schema', 1)")
        columns = (
            "call_id, request_id, time_us, operation, method, path, status, duration_ms, attempt, user_key, failed"
        )
        connection.execute(f"INSERT INTO astra_requests ({columns}) VALUES ({'?, ' * 10}0)", FIRST_LAYOUT)
    return path


def test_a_file_of_the_first_release_is_read_as_it_is_and_grows_with_the_first_record(first_sqlite: Path) -> None:
    before = first_sqlite.read_bytes()
    with SQLiteRequestLog(first_sqlite) as log:
        (old,) = log.query()
        assert (old.request_id, old.resource_id, old.client_correlation_id) == ("req-0", None, None)
        assert log.query(user_key="u", failed=False) == [old]
        assert log.query(resource_id="r") == log.query(client_correlation_id="INV42") == []
        assert [entry.count for entry in log.stats()] == [1]
        assert first_sqlite.read_bytes() == before
        new = record(10**6, resource_id="r", client_correlation_id="INV42")
        log.append(new)
        assert log.query() == [new, old]
        assert log.query(resource_id="r") == log.query(client_correlation_id="INV42") == [new]


@pytest.mark.parametrize("kind", ["postgresql", "sqlalchemy-sqlite"])
def test_a_table_of_the_first_release_gets_the_new_columns(kind: str, request, tmp_path: Path) -> None:
    import sqlalchemy as sa

    url = f"sqlite:///{tmp_path}/r.db" if kind != "postgresql" else request.getfixturevalue("postgres_url")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    table = requests_table()
    added = ("resource_id", "client_correlation_id")
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        for name in added:
            connection.execute(sa.text(f"DROP INDEX astra_requests_{name}"))
            connection.execute(sa.text(f"ALTER TABLE astra_requests DROP COLUMN {name}"))
        old = record(0).to_dict() | {"time": START}
        rows = {name: value for name, value in old.items() if name not in added}
        connection.execute(sa.insert(sa.table("astra_requests", *map(sa.column, rows))), rows)
    with SQLRequestLog(engine) as log:
        new = record(1, resource_id="r", client_correlation_id="INV42")
        log.append(new)
        assert log.query() == [new, record(0)]
        assert log.query(client_correlation_id="INV42") == [new]
    engine.dispose()


def test_a_line_of_the_first_release_is_read(tmp_path: Path) -> None:
    old = {name: value for name, value in record(0).to_dict().items() if name not in ADDED}
    (tmp_path / "r.jsonl").write_text(json.dumps(old) + "\n" + json.dumps(old | {"call_id": None, "time": 5}) + "\n")
    assert open_request_log(f"jsonl:///{tmp_path}/r.jsonl").query() == [record(0)]
    del old["operation"]
    with pytest.raises(KeyError):
        RequestRecord.from_dict(old)


def test_a_file_that_another_process_keeps_locked_holds_up_a_query_and_a_close_for_a_bounded_time(
    tmp_path: Path, caplog
) -> None:
    path = tmp_path / "r.db"
    log = SQLiteRequestLog(path, busy_timeout=0.1, interval=0.01)
    log.append(record(0))
    log.flush()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        log.append(record(1))
        # With write-ahead logging a writer keeps no reader out.
        assert [found.request_id for found in log.query()] == ["req-0"]
        log.close()
        assert time.monotonic() - started < 2.0
        assert "closed with 1 records that could not be written" in caplog.text
        other.execute("ROLLBACK")
    log.flush()
    assert [found.request_id for found in log.query()] == ["req-1", "req-0"]
    log.close()


@pytest.mark.parametrize("kind", ["sqlite", "jsonl", "postgresql", "sqlalchemy-sqlite"])
def test_the_retention_can_be_part_of_every_url(kind: str, request, tmp_path: Path, opened) -> None:
    url = {
        "sqlite": f"sqlite:///{tmp_path}/r.db",
        "jsonl": f"jsonl:///{tmp_path}/r.jsonl",
        "sqlalchemy-sqlite": f"sqlite+pysqlite:///{tmp_path}/o.db",
    }.get(kind) or request.getfixturevalue("postgres_url")
    log = opened(url + ("&" if "?" in url else "?") + "retention_days=30")
    now = datetime.now(UTC)
    for number, age in enumerate((60, 29, 0)):
        log.append(record(number, time=now - timedelta(days=age)))
    log.flush()
    assert [found.request_id for found in log.query()] == ["req-2", "req-1"]
