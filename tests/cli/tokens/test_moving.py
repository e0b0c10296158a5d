"""`astra tokens export` and `import` as an operator uses them: for backup, and to move to another store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from astra.tokens import UNBOUND, Grant, open_store
from astra.tokens.stores.keyring import Keyring
from scripts.bench.sandbox_process import SandboxProcess
from tests.cli.tokens.operators import KEY, ME, NEW, OTHER, WRONG, as_json, astra, dead, make, put, rows

PROGRAM = [sys.executable, "-m", "astra", "tokens"]


@pytest.fixture
def backup(tmp_path: Path) -> str:
    return str(tmp_path / "backup.grants")


@pytest.fixture
def full(url: str) -> str:
    """A store of several identities."""
    put(url, make("a"), dead("gone", days_ago=2), make("n", identity=UNBOUND), make("a", identity=OTHER))
    return url


def opened(url: str, *keys: str) -> list[Grant]:
    return [Keyring(keys or [KEY]).open(grant) for grant in rows(url)]


def test_a_store_moves_to_another_one(
    full: str, backup: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert astra("export", backup, "--all-identities").exit_code == 0
    for name in ("postgres_url", "redis_url"):
        target = str(request.getfixturevalue(name))
        result = astra("import", backup, "--all-identities", "--store", target, "--yes")
        assert (result.exit_code, "--create" in result.stderr or "none was made" in result.stderr) == (2, True)
        result = astra("import", backup, "--all-identities", "--store", target, "--yes", "--create", "--json")
        assert (result.exit_code, as_json(result)["imported"]) == (0, 4)
        assert opened(target) == opened(full)


def test_a_moved_grant_works_in_its_new_home(
    url: str, seed: Callable[[int], list[list[str]]], backup: str, tmp_path: Path, sandbox: SandboxProcess
) -> None:
    seed(3)
    assert astra("export", backup).exit_code == 0
    target = f"sqlite:///{tmp_path}/new.db"
    assert astra("import", backup, "--store", target, "--yes", "--create").exit_code == 0
    assert as_json(astra("keep-alive", "--store", target, "--json"))["refreshed"] == 3


def test_the_file_is_its_owners_and_shows_no_token(full: str, backup: str) -> None:
    old = os.umask(0)
    try:
        result = astra("export", backup)
    finally:
        os.umask(old)
    assert (result.exit_code, Path(backup).stat().st_mode & 0o777) == (0, 0o600)
    assert b"SECRET" not in Path(backup).read_bytes()
    assert "3 grants exported" in result.stderr


def test_a_file_that_is_there_is_not_overwritten(full: str, backup: str) -> None:
    Path(backup).write_text("precious")
    result = astra("export", backup)
    assert (result.exit_code, Path(backup).read_text()) == (2, "precious")
    assert f"{backup} is there already" in result.stderr


@pytest.mark.parametrize("name", ["no/such/folder/file", ".", "nul\0"])
def test_a_file_that_cannot_be_used_exits_with_2(full: str, tmp_path: Path, name: str) -> None:
    for command in (["export"], ["import", "--yes"]):
        result = astra(*command, f"{tmp_path}/{name}")
        assert (result.exit_code, "InvalidRequestError" in result.stderr) == (2, True)


def test_a_full_disk_leaves_no_file_behind(full: str, backup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = astra("export", backup)
    assert (result.exit_code, Path(backup).exists()) == (2, False)
    assert "No space left on device" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_export_that_is_ended_leaves_no_file_behind(
    full: str, backup: str, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs the tests in the background, or by nohup, has some of them ignored.
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    former = signal.signal(number, usual)
    try:
        monkeypatch.setattr(os, "fsync", lambda _: os.kill(os.getpid(), number))
        result = astra("export", backup)
        assert (result.exit_code, Path(backup).exists()) == (128 + number, False)
        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, former)


def test_a_disk_that_fills_up_meanwhile_is_told(full: str) -> None:
    with open("/dev/full", "wb") as device:
        done = subprocess.run([*PROGRAM, "export", "-"], stdout=device, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith(b"error: InvalidRequestError: standard output: No space left on device.\n")


def test_an_export_of_a_store_that_no_key_opens_leaves_no_file(
    full: str, backup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", WRONG)
    assert (astra("export", backup).exit_code, Path(backup).exists()) == (2, False)


def test_without_keys_it_says_how_to_make_one(full: str, backup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert astra("export", backup).exit_code == 0
    monkeypatch.delenv("ASTRA_TOKEN_KEYS")
    for command in (["export", f"{backup}2"], ["import", backup, "--yes"]):
        result = astra(*command)
        assert (result.exit_code, "Fernet.generate_key()" in result.stderr) == (2, True)
    assert not Path(f"{backup}2").exists()


def test_a_plain_store_is_exported_on_purpose_only(url: str, backup: str) -> None:
    put(url, make("a"), keys=())
    assert (astra("export", backup).exit_code, Path(backup).exists()) == (2, False)
    assert astra("export", backup, "--accept-plain").exit_code == 0
    assert b"SECRET" not in Path(backup).read_bytes()


def test_grants_that_no_key_opens_are_told(full: str, backup: str) -> None:
    put(full, make("lost"), keys=(WRONG,))
    result = astra("export", backup, "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["exported"], shown["failed"]) == (1, 3, 1)
    assert "1 grants are NOT in the file" in result.stderr
    assert "'lost'" in shown["reasons"][0]


def test_an_import_asks_and_says_what_is_in_the_file(full: str, backup: str, tmp_path: Path) -> None:
    astra("export", backup, "--all-identities")
    before = rows(full)
    result = astra("import", backup, say="n\n")
    assert (result.exit_code, rows(full)) == (1, before)
    assert f"1 grants of {OTHER}" in result.stderr
    assert "1 grants of nobody yet" in result.stderr
    assert f"Import 3 grants into the SQLite file {tmp_path}/tokens.db?" in result.stderr


def test_a_backup_brings_back_what_was_lost_and_leaves_what_is_newer(full: str, backup: str) -> None:
    astra("export", backup)
    with open_store(full) as store:
        store.delete(ME, "a")
        view = store.for_identity(ME, keys=[KEY])
        gone = view.load("gone")
        assert gone is not None
        newer = attrs.evolve(gone, state="active", dead_since=None, dead_reason=None, version=gone.version + 1)
        assert view.save(newer, replaces=gone.version)
    result = astra("import", backup, "--yes")
    assert result.exit_code == 0
    assert result.stdout == "1 imported, 1 kept because the store's is newer, 1 already there\n"
    assert newer in opened(full)
    assert "3 already there" not in astra("import", backup, "--yes").stdout
    assert "2 already there" in astra("import", backup, "--yes").stdout


def test_only_this_clients_grants_are_imported_unless_all_are_asked_for(full: str, backup: str, tmp_path: Path) -> None:
    astra("export", backup, "--all-identities")
    target = f"sqlite:///{tmp_path}/new.db"
    result = astra("import", backup, "--store", target, "--create", "--yes")
    assert result.exit_code == 0
    assert {grant.identity for grant in rows(target)} == {ME, UNBOUND}
    assert "1 of other environments or clients were left out" in result.stderr
    assert "1 belong to nobody yet" in result.stderr


def test_a_file_of_another_client_is_refused(full: str, backup: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(full, make("b"))
    astra("export", backup)
    monkeypatch.setenv("ASTRA_CLIENT_ID", "somebody-else")
    before = rows(full)
    result = astra("import", backup, "--yes")
    assert (result.exit_code, rows(full)) == (2, before)
    assert f"it holds 3 grants of {ME}" in result.stderr


def test_the_key_of_another_person_needs_people(full: str, backup: str) -> None:
    astra("export", backup)
    with open_store(full) as store:
        store.delete(ME, "a")
    put(full, make("a", days_ago=3, version=1, astra_user_id="usr_other"))
    result = astra("import", backup, "--yes")
    assert (result.exit_code, "another Astra user" in result.stderr) == (1, True)
    assert "usr_other" in {grant.astra_user_id for grant in rows(full)}


@pytest.mark.parametrize("keep", [0, 1, 100, 900, -1, -30])
def test_a_file_that_is_cut_off_is_refused_before_anything_is_written(
    full: str, backup: str, tmp_path: Path, keep: int
) -> None:
    astra("export", backup)
    Path(backup).write_bytes(Path(backup).read_bytes()[:keep])
    result = astra("import", backup, "--store", f"sqlite:///{tmp_path}/new.db", "--create", "--yes")
    assert (result.exit_code, (tmp_path / "new.db").exists()) == (2, False)
    assert "InvalidRequestError: The file" in result.stderr


def test_a_wrong_key_is_refused_before_anything_is_written(
    full: str, backup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    astra("export", backup)
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", WRONG)
    result = astra("import", backup, "--store", f"sqlite:///{tmp_path}/new.db", "--create", "--yes")
    assert (result.exit_code, (tmp_path / "new.db").exists()) == (2, False)
    assert f"encrypted with the key {Keyring([KEY]).ids[0]}" in result.stderr


def test_a_store_whose_keys_are_others_takes_nothing(
    full: str, backup: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    astra("export", backup)
    target = f"sqlite:///{tmp_path}/new.db"
    for keys in ((WRONG,), ()):
        (tmp_path / "new.db").unlink(missing_ok=True)
        put(target, make("z"), keys=keys)
        result = astra("import", backup, "--store", target, "--yes")
        assert (result.exit_code, [grant.key for grant in rows(target)]) == (2, ["z"])
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{NEW},{KEY}")
    assert astra("import", backup, "--store", f"sqlite:///{tmp_path}/fine.db", "--yes", "--create").exit_code == 0
    assert len(opened(f"sqlite:///{tmp_path}/fine.db", NEW)) == 3


def test_a_mistyped_target_is_told(full: str, backup: str, tmp_path: Path) -> None:
    astra("export", backup)
    result = astra("import", backup, "--store", f"sqlite:///{tmp_path}/typo.db", "--yes")
    assert (result.exit_code, (tmp_path / "typo.db").exists()) == (2, False)
    assert "--create" in result.stderr


def test_an_export_goes_through_a_pipe(full: str, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/new.db"
    command = [*PROGRAM, "import", "-", "--yes", "--create", "--store", target]
    out = subprocess.Popen([*PROGRAM, "export", "-"], stdout=subprocess.PIPE)
    done = subprocess.run(command, stdin=out.stdout, capture_output=True, text=True, check=False)
    assert out.stdout is not None
    out.stdout.close()
    assert (out.wait(20), done.returncode) == (0, 0)
    assert done.stdout.startswith("3 imported")
    assert len(opened(target)) == 3


def test_standard_input_cannot_be_asked(full: str) -> None:
    assert astra("import", "-").exit_code == 2
    assert astra("export", "-", "--json").exit_code == 2


def test_a_named_pipe_is_no_file_that_can_be_read_twice(full: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen([sys.executable, "-c", f"open({str(pipe)!r}, 'wb').close()"])
    result = astra("import", str(pipe), "--yes")
    writer.wait(10)
    assert (result.exit_code, "read twice" in result.stderr) == (2, True)
