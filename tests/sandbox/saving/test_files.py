"""The file of a state is not as assumed: moved, replaced, somebody else's, locked, damaged, of another version."""

import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra.errors import ConfigurationError
from astra.sandbox import Sandbox
from astra.sandbox.engine import ledger
from astra.sandbox.saving import reading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sand box?#%41.db"


@pytest.fixture
def sandbox(path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(state=path)
    sandbox.users.create(accounts=2)
    sandbox._backend.save()
    yield sandbox
    sandbox.close()


def users_in(path: Path) -> int:
    saved = reading.load(path)
    assert saved is not None
    return len(saved.state.users)


@pytest.mark.parametrize("how", ["removed", "emptied", "overwritten", "replaced by a copy", "of another program"])
def test_a_file_that_is_not_what_was_saved_is_written_anew_and_that_is_said(
    sandbox: Sandbox, path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    sandbox.users.create()
    sandbox._backend.save()
    path.unlink()
    if how == "emptied":
        path.write_bytes(b"")
    elif how == "overwritten":
        path.write_text("notes")
    elif how == "replaced by a copy":
        os.replace(copy, path)
    elif how == "of another program":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE facts (name, value)")
        other.close()
    sandbox.users.create()
    sandbox._backend.save_changes()
    assert users_in(path) == 3
    [warned] = caplog.records
    assert "was moved or replaced; it is written anew" in warned.getMessage()


def test_the_database_of_another_program_is_no_state(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE grants (key)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=r"is not a sandbox state .* a database of another program"):
        Sandbox(state=path)
    assert path.read_bytes() == before


def test_a_state_of_a_later_version_is_refused_and_kept(sandbox: Sandbox, path: Path) -> None:
    sandbox.close()
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 4")
    later.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="its version is 4, and this one reads 3"):
        Sandbox(state=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", [20, 100, 5000, -4096])
def test_a_state_that_was_cut_off_is_refused_and_kept(sandbox: Sandbox, path: Path, cut: int) -> None:
    sandbox.close()
    before = path.read_bytes()[:cut]
    path.write_bytes(before)
    with pytest.raises(ConfigurationError, match="is not a sandbox state"):
        Sandbox(state=path)
    assert path.read_bytes() == before


def test_a_state_that_another_program_has_locked_is_saved_later(
    sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # from the start: the sandbox saves by itself, too
    monkeypatch.setattr("astra.sandbox.saving.database.PATIENCE", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    sandbox.users.create()
    for _ in range(2):
        sandbox._backend.save_changes()
        with pytest.raises(ConfigurationError, match=r"cannot be saved to .*locked"):
            sandbox.save()
        sandbox.users.create()
    other.execute("COMMIT")
    other.close()
    sandbox._backend.save_changes()
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        f"the sandbox's state cannot be saved to {path}",
        f"the sandbox's state is saved again to {path}",
    ]
    assert users_in(path) == 4


def test_a_state_with_fields_of_another_version_is_read_and_written_in_those_of_this_one(
    sandbox: Sandbox, path: Path
) -> None:
    sandbox.close()
    with sqlite3.connect(path) as older:
        [(fields,)] = older.execute("SELECT value FROM facts WHERE name = 'fields/accounts'")
        names = json.loads(fields)
        place = names.index("nickname")
        rows = older.execute("SELECT number, value FROM records WHERE kind = 'accounts'").fetchall()
        for number, text in rows:
            values = json.loads(text)
            values[place] = "of a field that is no more"
            older.execute("UPDATE records SET value = ? WHERE number = ?", (json.dumps(values), number))
        names[place] = "dropped"
        older.execute("UPDATE facts SET value = ? WHERE name = 'fields/accounts'", (json.dumps(names),))
    older.close()
    for _ in range(2):
        with Sandbox(state=path) as again:
            accounts = list(again._backend.engine.state.accounts)
            assert len(accounts) == 2
            assert {account.nickname for account in accounts} == {None}


def test_a_forked_child_that_saves_is_told_whose_the_state_is(sandbox: Sandbox, path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            sandbox.save()
        except ConfigurationError as error:
            os._exit(0 if "the process that this one was forked from" in str(error) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


PAYER = """
import sys
from astra.sandbox import Sandbox, backend
backend.SAVE_SECONDS = 0.002
with Sandbox(state=sys.argv[1]) as sandbox:
    sandbox.seed(users=3, transfers=30, authorized=True)
    while True:
        print(sandbox.users.create(accounts=2).id, flush=True)
        sandbox.seed(users=1, transfers=3)
        sandbox.advance(hours=7)
"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("after", [1, 2, 5, 13, 30])
def test_what_a_killed_sandbox_had_saved_is_whole(path: Path, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PAYER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        made = [process.stdout.readline().strip() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
    for _ in range(2):
        with Sandbox(state=path) as sandbox:
            state = sandbox._backend.engine.state
            assert ledger.total(state) == 0
            assert {transfer.routine_id for transfer in state.transfers} <= set(state.routines.rows)
            ids = list(state.users.rows)
            there = [id for id in made if id in ids]
            assert there == made[: len(there)]  # what is missing is the end
            sandbox.advance(days=30)
            assert ledger.total(state) == 0


def test_only_its_owner_may_read_a_state(sandbox: Sandbox, path: Path) -> None:
    for _ in range(2):
        assert path.stat().st_mode & 0o777 == 0o600
        sandbox.users.create()
        sandbox.save()
    assert {file.name for file in path.parent.iterdir()} == {path.name, f".{path.name}.lock"}
