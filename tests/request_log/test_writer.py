"""Writing behind the callers' backs: bounded, durable, and safe across exit, kill and fork."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from astra.request_log import RequestRecord
from astra.request_log.sqlite import SQLiteRequestLog
from astra.request_log.writer import BackgroundWriter
from tests.request_log.test_logs import record


class Target:
    """A sink that can be blocked and broken."""

    def __init__(self) -> None:
        self.batches: list[list[RequestRecord]] = []
        self.purged: list[datetime] = []
        self.failures = 0
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.closed = 0

    def write(self, batch: list[RequestRecord]) -> None:
        self.entered.set()
        assert self.gate.wait(30)
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.batches.append(batch)

    def purge(self, before: datetime) -> None:
        self.purged.append(before)

    def close(self) -> None:
        self.closed += 1

    def forked(self) -> None: ...

    def ids(self) -> list[str]:
        return [item.call_id for batch in self.batches for item in batch]


def wait_for(condition, seconds: float = 20.0) -> bool:
    """Waits for another thread's work, which gives no signal of its own."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def test_records_are_written_without_being_asked() -> None:
    target = Target()
    writer = BackgroundWriter(target, interval=0.01)
    writer.append(record(0))
    assert wait_for(lambda: target.ids() == ["call_0"])
    writer.append(record(1))
    assert wait_for(lambda: target.ids() == ["call_0", "call_1"])
    writer.close()


def test_the_record_of_a_write_is_not_kept_waiting_and_takes_those_before_it_along() -> None:
    target = Target()
    writer = BackgroundWriter(target, interval=3600)
    for number in range(50):
        writer.append(record(number))
    assert target.ids() == []
    writer.append(record(50, method="POST"), hurry=True)
    assert wait_for(lambda: len(target.ids()) == 51)
    writer.append(record(51))
    writer.append(record(52, method="PUT"), hurry=True)
    writer.append(record(53, method="DELETE"), hurry=True)
    assert wait_for(lambda: len(target.ids()) == 54)
    assert len(target.batches) <= 4
    writer.close()


def test_a_stream_of_writes_is_still_written_in_batches() -> None:
    target = Target()
    writer = BackgroundWriter(target, interval=0.5)
    started = time.monotonic()
    for number in range(20_000):
        writer.append(record(number, method="POST"), hurry=True)
    writer.close()
    assert len(target.ids()) == 20_000
    assert len(target.batches) <= 10 + (time.monotonic() - started) / 0.02 + 20_000 / 2_000


def test_many_records_make_few_batches() -> None:
    target = Target()
    writer = BackgroundWriter(target, interval=0.2)
    for number in range(1_000):
        writer.append(record(number))
    writer.close()
    assert len(target.ids()) == 1_000
    assert len(target.batches) <= 2


def test_append_does_not_wait_for_a_target_that_hangs() -> None:
    target = Target()
    target.gate.clear()
    writer = BackgroundWriter(target, interval=0.0)
    writer.append(record(0))
    assert target.entered.wait(10)
    for number in range(1, 1_000):
        writer.append(record(number))
    assert target.ids() == [], "the target still hangs, and all were taken"
    target.gate.set()
    writer.close()
    assert len(target.ids()) == 1_000


def test_a_full_queue_drops_the_oldest_and_says_how_many(caplog) -> None:
    target = Target()
    target.gate.clear()
    writer = BackgroundWriter(target, capacity=10, interval=0.0)
    writer.append(record(0))
    assert target.entered.wait(10)
    for number in range(1, 101):
        writer.append(record(number))
    with caplog.at_level(logging.WARNING, "astra.request_log"):
        target.gate.set()
        writer.close()
    assert target.ids() == ["call_0", *(f"call_{number}" for number in range(91, 101))]
    assert writer.dropped == 90
    assert "90 of its oldest waiting records were dropped" in caplog.text


def test_a_target_that_recovers_gets_everything_in_order(caplog) -> None:
    target = Target()
    target.failures = 3
    writer = BackgroundWriter(target, interval=0.01)
    for number in range(20):
        writer.append(record(number))
    assert wait_for(lambda: len(target.ids()) == 20)
    writer.close()
    assert target.ids() == [f"call_{number}" for number in range(20)]
    assert [entry.message for entry in caplog.records if "cannot be written" in entry.message] == [
        "request log cannot be written (OSError: disk full); will try again"
    ]


def test_a_target_that_stays_broken_keeps_the_newest_records() -> None:
    target = Target()
    target.failures = 1_000_000
    writer = BackgroundWriter(target, capacity=5, interval=60)
    for number in range(12):
        writer.append(record(number))
        writer.flush()
    target.failures = 0
    writer.close()
    assert target.ids() == [f"call_{number}" for number in range(7, 12)]
    assert writer.dropped == 7


def test_what_is_lost_at_close_is_counted(caplog) -> None:
    target = Target()
    target.failures = 1_000_000
    writer = BackgroundWriter(target, interval=60)
    for number in range(7):
        writer.append(record(number))
    writer.close()
    assert "closed with 7 records that could not be written" in caplog.text


def test_a_log_that_is_closed_while_its_target_hangs_gives_up_in_time(caplog, monkeypatch) -> None:
    monkeypatch.setattr("astra.request_log.writer.PATIENCE", 0.05)
    target = Target()
    target.gate.clear()
    writer = BackgroundWriter(target, interval=0.0)
    writer.append(record(0))
    assert target.entered.wait(10)
    writer.append(record(1))
    writer.close()
    assert "request log hangs; 1 records were not written" in caplog.text
    target.gate.set()
    writer.close()
    assert target.ids() == ["call_0", "call_1"]


def test_a_forgotten_log_is_written_out(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    log = SQLiteRequestLog(path, interval=60)
    log.append(record(0))
    del log
    gc.collect()
    assert count(path) == 1


def test_a_closed_log_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    log = SQLiteRequestLog(tmp_path / "r.db")
    log.append(record(0))
    log.close()
    assert set(threading.enumerate()) <= before


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM astra_requests").fetchone()[0])
    finally:
        connection.close()


PRELUDE = """
import os, signal, sys, time
from datetime import UTC, datetime
from astra.request_log import RequestRecord
from astra.request_log.sqlite import SQLiteRequestLog
log = SQLiteRequestLog(sys.argv[1], interval=float(sys.argv[2]))
def add(count):
    for number in range(count):
        log.append(RequestRecord(f"call_{os.getpid()}_{number}", "r", datetime.now(UTC), "op", "GET", "/", 200, 1.0))
"""


def run(path: Path, program: str, *, interval: float = 60.0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PRELUDE + program, str(path), str(interval)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("ending", ["", "sys.exit(3)", "raise SystemExit", "1 / 0"])
def test_everything_is_written_when_the_interpreter_exits(tmp_path: Path, ending: str) -> None:
    done = run(tmp_path / "r.db", f"add(50)\n{ending}\n")
    assert count(tmp_path / "r.db") == 50, done.stderr


def test_records_of_other_atexit_functions_are_written_too(tmp_path: Path) -> None:
    done = run(tmp_path / "r.db", "import atexit; atexit.register(add, 5)\nadd(1)\n")
    assert count(tmp_path / "r.db") == 6, done.stderr


def test_kill_9_loses_nothing_that_was_there_before_the_last_interval(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    program = "add(200)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    command = [sys.executable, "-c", PRELUDE + program, str(path), "0.1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(1.0)  # what is promised: a record is durable within about a second
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)
    process.stdout.close()
    assert count(path) == 200


def test_a_forked_child_writes_its_own_records_and_not_its_parents(tmp_path: Path) -> None:
    program = """
add(10)
child = os.fork()
add(5)
if child == 0:
    log.close()
    os._exit(0)
os.waitpid(child, 0)
"""
    done = run(tmp_path / "r.db", program)
    assert count(tmp_path / "r.db") == 20, done.stderr


def test_a_fork_while_records_are_being_written_neither_hangs_nor_loses(tmp_path: Path) -> None:
    program = """
import threading
stop = threading.Event()
def busy():
    while not stop.is_set():
        add(20)
        time.sleep(0.001)
thread = threading.Thread(target=busy)
thread.start()
for _ in range(10):
    child = os.fork()
    if child == 0:
        add(1)
        log.close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
stop.set()
thread.join()
log.close()
print("done")
"""
    done = run(tmp_path / "r.db", program, interval=0.001)
    assert done.stdout.strip() == "done", done.stderr


def test_four_processes_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    command = [sys.executable, "-c", PRELUDE + "add(500)\nlog.close()\n", str(path), "0.01"]
    started = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
    assert count(path) == 2_000


def test_a_folder_that_is_missing_breaks_no_call(tmp_path: Path, caplog) -> None:
    log = SQLiteRequestLog(tmp_path / "missing" / "r.db", interval=60)
    log.append(record(0))
    log.flush()
    assert "cannot be written" in caplog.text
    os.mkdir(tmp_path / "missing")
    log.close()
    assert count(tmp_path / "missing" / "r.db") == 1
