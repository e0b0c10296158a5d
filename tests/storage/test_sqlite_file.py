"""One SQLite file: whose it is, how it is opened by many at once, what is said when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from astra import ConfigurationError
from astra.payments.stores.sqlite import SQLiteIdempotencyStore
from astra.request_log.sqlite import SQLiteSink, requests_file
from astra.storage import sqlite as sqlite_file
from astra.storage.forks import FORK_GUARD
from astra.testing.idempotency_contract import make_record
from astra.testing.store_contract import ME
from astra.tokens.stores.sqlite import MIGRATIONS
from tests.storage.families import FAMILIES, FamilyUnderTest
from tests.storage.test_urls import read

OPEN_AT_ONCE = """
import multiprocessing, sys
from tests.storage.families import FAMILIES
family, address, rounds, count = FAMILIES[sys.argv[1]], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
fork = multiprocessing.get_context("fork")

def one(number, barriers):
    failed = 0
    for round, barrier in enumerate(barriers):
        store = family.open(f"{address}/{round}.db")
        barrier.wait(60)
        try:
            failed += not family.use(store, f"from-{number}")
        except Exception as error:
            print(type(error).__name__, error, flush=True)
            failed += 1
        store.close()
    sys.exit(min(failed, 100))

barriers = [fork.Barrier(count) for _ in range(rounds)]
children = [fork.Process(target=one, args=(number, barriers)) for number in range(count)]
for child in children:
    child.start()
for child in children:
    child.join()
print(sum(child.exitcode != 0 for child in children), "failed")
"""


@pytest.mark.sampled(1)
@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+pysqlite"])
def test_eight_processes_that_open_a_new_file_at_once_all_succeed_each_of_many_times(
    family: FamilyUnderTest, tmp_path: Path, scheme: str
) -> None:
    address = f"{scheme}:///{tmp_path}"
    command = [sys.executable, "-W", "ignore", "-c", OPEN_AT_ONCE, family.name, address, "12", "8"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    # The request log's writer tries again after a failure, but not without a warning on standard error.
    assert (done.stdout, done.stderr) == ("0 failed\n", "")


def test_the_file_and_its_companions_are_for_their_owner_only(family: FamilyUnderTest, tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        with family.open(tmp_path / "a.db") as store:
            family.use(store, "a")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(former)
    assert modes == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}


def test_a_file_and_companions_that_others_could_read_are_made_private(family: FamilyUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with family.open(path) as other:
        family.use(other, "a")
        for file in tmp_path.iterdir():
            file.chmod(0o644)
        with family.open(path) as store:
            family.use(store, "b")
            assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_all_families_can_share_one_file(tmp_path: Path) -> None:
    stores = [(family, family.open(tmp_path / "all.db")) for family in FAMILIES.values()]
    assert all(family.use(store, "a") for family, store in stores)
    for _, store in stores:
        store.close()


def test_a_file_of_a_newer_release_is_refused_and_left_alone(family: FamilyUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with family.open(path) as store:
        family.use(store, "a")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE astra_meta SET value='99'")
    before = path.read_bytes()
    with family.open(path) as store, pytest.raises(ConfigurationError, match="newer release"):
        read(family, store)
    assert path.read_bytes() == before


def test_a_file_of_the_release_before_schema_versions_is_read(family: FamilyUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with family.open(path) as store:
        family.use(store, "a")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE astra_meta")
        if family.name == "tokens":
            connection.execute("DROP TABLE astra_grants")
            connection.executescript(MIGRATIONS[0])
        for name in ("resource_id", "client_correlation_id") if family.name == "requests" else ():
            connection.execute(f"DROP INDEX astra_requests_{name}")
            connection.execute(f"ALTER TABLE astra_requests DROP COLUMN {name}")
    with family.open(path) as store:
        assert family.use(store, "b")
    newest = "1" if family.name == "dedupe" else "2"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM astra_meta").fetchall() == [(newest,)]


def test_a_file_that_is_none_of_sqlite_is_a_configuration_error(family: FamilyUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("this is a letter " * 100)
    with family.open(path) as store, pytest.raises(ConfigurationError, match="cannot be read as the"):
        read(family, store)
    assert path.read_text().startswith("this is a letter")


@pytest.mark.parametrize("place", ["missing/a.db", "folder"])
def test_a_path_that_cannot_be_opened_is_an_error_of_the_family(
    family: FamilyUnderTest, place: str, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    with family.open(tmp_path / place) as store:
        if family.name == "requests" and place == "missing/a.db":
            assert store.query() == []  # nothing was ever logged there
            return
        with pytest.raises(ConfigurationError if place == "folder" and family.name != "requests" else family.error):
            read(family, store)


@pytest.mark.parametrize("name", ["tokens", "dedupe"])
def test_a_file_that_another_process_keeps_locked_is_an_error_of_the_family(name: str, tmp_path: Path) -> None:
    from astra.tokens.stores.sqlite import SQLiteStore
    from astra.webhooks.dedupe.sqlite import SQLiteDedupe

    family = FAMILIES[name]
    kind = {"tokens": SQLiteStore, "dedupe": SQLiteDedupe}[name]
    with kind(tmp_path / "a.db", busy_timeout=0.05) as store, closing(sqlite3.connect(tmp_path / "a.db")) as other:
        family.use(store, "a")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(family.error, match="database is locked") as caught:
            family.use(store, "b")
        other.execute("ROLLBACK")
        assert caught.value.__suppress_context__
        assert family.use(store, "c")


def test_a_key_that_no_database_can_encode_is_an_error_of_the_family(tmp_path: Path) -> None:
    for name in ("tokens", "dedupe"):
        with FAMILIES[name].open(tmp_path / f"{name}.db") as store, pytest.raises(FAMILIES[name].error):
            FAMILIES[name].use(store, "lone \udcff surrogate")


def test_an_error_lets_no_frame_of_the_driver_out(tmp_path: Path) -> None:
    with FAMILIES["tokens"].open(tmp_path / "no" / "t.db") as store, pytest.raises(FAMILIES["tokens"].error) as caught:
        store.load(ME, "a")
    context = caught.value.__context__
    assert context is None or (context.__traceback__, context.__context__, context.__cause__) == (None, None, None)


def test_a_folder_is_refused_and_keeps_its_mode(family: FamilyUnderTest, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    with family.open(folder) as store, pytest.raises(ConfigurationError, match="is no file"):
        read_existing(family, store, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_a_file_of_something_else_keeps_its_mode_and_its_content(family: FamilyUnderTest, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and long enough to be looked at by one" * 20)
    path.chmod(0o664)
    with family.open(path) as store, pytest.raises(ConfigurationError, match=r"notes\.txt"):
        read_existing(family, store, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert path.read_text().startswith("not a database")


def read_existing(family: FamilyUnderTest, store: Any, path: Path) -> None:
    """Uses a store whose file is there; the request log's writer would only warn."""
    if family.name == "requests":
        SQLiteSink(requests_file(path)).write([])
    else:
        family.use(store, "a")


def test_a_file_that_sqlalchemy_makes_is_for_its_owner_only(family: FamilyUnderTest, tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        with family.open(f"sqlite+pysqlite:///{tmp_path}/a.db") as store:
            family.use(store, "a")
    finally:
        os.umask(former)
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("made_by", ["nobody", "another family"])
def test_a_request_log_in_a_file_without_records_is_empty(made_by: str, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    if made_by == "nobody":
        path.touch()
    else:
        with FAMILIES["tokens"].open(path) as tokens:
            FAMILIES["tokens"].use(tokens, "a")
    with FAMILIES["requests"].open(path) as log:
        assert log.query() == []


def test_what_is_kept_after_the_file_was_removed_is_in_the_new_one_and_the_loss_is_told(
    family: FamilyUnderTest, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.db"
    with family.open(path) as store:
        family.use(store, "a")
        assert caplog.records == []
        for file in tmp_path.iterdir():
            file.unlink()
        assert family.use(store, "b")
        assert path.exists()
        assert f"{path} was removed or replaced while it was in use" in caplog.text
        with family.open(path) as other:
            if family.name == "tokens":
                assert other.load(ME, "b") is not None
            elif family.name == "dedupe":
                assert other.claim("b", lease=600, now=1000).state == "in_progress"
            else:
                assert len(other.query(call_id="b")) == 1


def test_a_fork_waits_for_a_reader_that_is_closing(tmp_path: Path) -> None:
    """Freeing what SQLite made takes a lock of the whole library; a copy of it in a child is never released."""
    with FAMILIES["requests"].open(tmp_path / "a.db") as log:
        FAMILIES["requests"].use(log, "a")
    inside: list[int] = []
    file = requests_file(tmp_path / "a.db")

    class Watching(sqlite3.Connection):
        def close(self) -> None:
            inside.append(FORK_GUARD._gate.inside)
            super().close()

    former = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *args, **options: former(*args, **options, factory=Watching))
        rows = file.read(lambda _: [("SELECT name FROM sqlite_master", ())])
        assert next(rows)
        rows.close()  # type: ignore[attr-defined]
    assert inside == [1]


def test_a_file_that_another_thread_is_just_making_is_not_taken_for_a_lost_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers: list[int] = []
    is_made, is_looked_at = threading.Event(), threading.Event()
    identity, take_from_others = sqlite_file._identity, sqlite_file._take_from_others

    def slowly(path: Path) -> None:
        makers.append(threading.get_ident())
        is_made.set()
        if len(makers) == 1:
            assert is_looked_at.wait(10)
        is_looked_at.set()
        take_from_others(path)

    def meanwhile(path: Path) -> tuple[int, int] | None:
        if makers and threading.get_ident() not in makers and not is_looked_at.is_set():
            is_looked_at.set()
            while not store._file._ready:
                time.sleep(0.001)
        return identity(path)

    with SQLiteIdempotencyStore(tmp_path / "payments.db") as store, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(sqlite_file, "_take_from_others", slowly)
        monkeypatch.setattr(sqlite_file, "_identity", meanwhile)
        first = pool.submit(store.insert, make_record("a"))
        assert is_made.wait(10)
        assert store.insert(make_record("b"))
        assert first.result(10)
