"""Commands open stores that are there, and say which. A missing one is never an empty success."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from astra.tokens import open_store
from tests.cli.payments.payers import astra, put, rows, traced, uncertain

COMMANDS = [
    ["list"],
    ["show", "payout-1"],
    ["reconcile"],
    ["resolve", "payout-1", "--not-made", "--by", "jane", "--yes"],
    ["prune", "--older-than", "30d", "--yes"],
]
every_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@every_command
@pytest.mark.parametrize("variable", [None, "", "memory://"])
def test_a_store_that_is_not_named_is_an_error(
    url: str, command: list[str], variable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASTRA_IDEMPOTENCY_STORE")
    if variable is not None:
        monkeypatch.setenv("ASTRA_IDEMPOTENCY_STORE", variable)
    result = astra(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Which idempotency store? Set ASTRA_IDEMPOTENCY_STORE" in result.stderr
    assert "sqlite:////var/lib/app/payments.db" in result.stderr


@every_command
def test_a_mistyped_path_is_named_and_nothing_is_made(
    url: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(url, uncertain())
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = astra(*command, "--store", "sqlite:///payment.db")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"There is no idempotency store in the SQLite file {tmp_path}/payment.db, and none was made." in result.stderr
    )
    assert "four slashes" in result.stderr
    assert "without it their keys pay once more" in result.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_a_token_store_is_no_idempotency_store(url: str, tmp_path: Path) -> None:
    from astra.tokens import UNBOUND

    with open_store(f"sqlite:///{tmp_path}/tokens.db") as store:
        store.check_writable(UNBOUND)
    result = astra("list", "--store", f"sqlite:///{tmp_path}/tokens.db")
    assert (result.exit_code, "There is no idempotency store" in result.stderr) == (2, True)


def test_an_empty_database_stays_empty(url: str, postgres_url: str) -> None:
    result = astra("reconcile", "--store", postgres_url)
    assert (result.exit_code, "no table astra_payments" in result.stderr) == (2, True)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'").fetchall() == []


@every_command
def test_a_store_that_does_not_answer_exits_with_3(url: str, command: list[str]) -> None:
    result = astra(*command, "--store", "postgresql://app:SECRET@127.0.0.1:1/app")
    assert (result.exit_code, "IdempotencyStoreError" in result.stderr) == (3, True)
    assert "SECRET" not in result.output
    assert len(result.stderr.splitlines()) == 1


@every_command
def test_a_client_that_is_not_known_exits_with_2(url: str, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    put(url, uncertain())
    monkeypatch.delenv("ASTRA_CLIENT_ID")
    result = astra(*command)
    assert (result.exit_code, "Whose payments? Set ASTRA_CLIENT_ID" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", COMMANDS[2:], ids=" ".join)
def test_what_changes_something_needs_the_whole_client(url: str, command: list[str]) -> None:
    put(url, uncertain())
    before = rows(url)
    assert astra(*command).exit_code == 2
    assert rows(url) == before


def test_reconcile_needs_the_grants_before_it_looks(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "SECRET-of-client")
    put(url, uncertain())
    result = astra("reconcile")
    assert (result.exit_code, "Which token store?" in result.stderr) == (2, True)
    monkeypatch.setenv("ASTRA_TOKEN_STORE", f"sqlite:///{tmp_path}/token.db")
    result = astra("reconcile")
    assert (result.exit_code, "There is no token store" in result.stderr) == (2, True)
    assert "SECRET" not in result.output


def test_trace_needs_one_of_both(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_IDEMPOTENCY_STORE")
    result = traced("payout-1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Set ASTRA_IDEMPOTENCY_STORE and ASTRA_REQUEST_LOG" in result.stderr


def test_trace_of_a_mistyped_store_is_an_error_even_with_a_log(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRA_REQUEST_LOG", f"sqlite:///{tmp_path}/requests.db")
    result = traced("payout-1")
    assert (result.exit_code, "There is no idempotency store" in result.stderr) == (2, True)


def test_as_a_process_it_starts_and_ends_the_same_way(url: str) -> None:
    put(url, uncertain())
    for command, code in (
        (["payments", "list"], 0),
        (["payments", "show", "x"], 7),
        (["trace", "x"], 7),
        (["trace"], 2),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "astra", *command], capture_output=True, check=False, env={**os.environ}
        )
        assert done.returncode == code, done.stderr
        assert b"Traceback" not in done.stderr
