"""`astra tokens` as a person and as cron use it: what is printed, what is done, which code it exits with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from astra.cli.tokens import app
from astra.tokens import BoundStore, Grant, TokenAnswer
from scripts.bench.sandbox_process import SandboxProcess

DAY = 24 * 3600.0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def users(sandbox: SandboxProcess, tmp_path: Path) -> list[list[str]]:
    """Ten authorized users: id, access token, refresh token."""
    sandbox.do("seed", users=10, path=str(tmp_path / "users.jsonl"))
    return [json.loads(line) for line in (tmp_path / "users.jsonl").read_text().splitlines()]


@pytest.fixture
def store(
    sandbox: SandboxProcess, users: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BoundStore]:
    """Their grants, six days old, and the settings of the environment."""
    url = f"sqlite:///{tmp_path}/tokens.db"
    for name, value in (sandbox.environment | {"ASTRA_TOKEN_STORE": url, "COLUMNS": "200"}).items():
        monkeypatch.setenv(name, value)
    with sandbox.view(url) as opened:
        for number, (user_id, access, refresh) in enumerate(users):
            answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
            grant = Grant.issued(f"k{number}", answer=answer, now=time.time() - 6 * DAY, astra_user_id=user_id)
            opened.save(grant, replaces=None)
        yield opened


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def assert_no_token(users: list[list[str]], text: str) -> None:
    assert [user[0] for user in users if user[1] in text or user[2] in text] == []


def test_list_names_every_user_and_shows_no_token(store: BoundStore, users: list[list[str]]) -> None:
    result = run("list")
    assert result.exit_code == 0
    assert all(f"k{number}" in result.output and users[number][0] in result.output for number in range(10))
    assert_no_token(users, result.output)


def test_list_can_be_narrowed_and_read_by_programs(store: BoundStore) -> None:
    former = store.load("k3")
    assert former is not None
    store.save(former.invalidated(now=time.time(), access_rejected=True), replaces=former.version)
    result = run("list", "--json", "--state", "dead")
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["k3"]
    assert run("list", "--json", "--older-than", "7d").stdout == ""


def test_show_shows_one_user_without_tokens(store: BoundStore, users: list[list[str]]) -> None:
    shown = json.loads(run("show", "k1", "--json").output)
    assert (shown["key"], shown["state"], shown["astra_user_id"]) == ("k1", "active", users[1][0])
    assert set(shown) == {
        "key", "environment", "client_id", "state", "astra_user_id", "refreshed_at", "access_expires_at",
        "refresh_expires_at", "failures", "next_attempt_at", "dead_since", "dead_reason", "row_version", "store",
        "version",
    }  # fmt: skip
    assert "active" in run("show", "k1").output


def test_show_of_an_unknown_user_fails(store: BoundStore) -> None:
    assert run("show", "nobody").exit_code == 7


def test_refresh_renews_one_user(store: BoundStore, users: list[list[str]]) -> None:
    result = run("refresh", "k1", "--json")
    assert result.exit_code == 0
    renewed = store.load("k1")
    assert renewed is not None
    assert renewed.access_token != users[1][1]
    assert json.loads(result.output)["row_version"] == renewed.version
    assert renewed.access_token not in result.output


def test_refresh_of_a_dead_user_says_where_to_authorize(
    store: BoundStore, sandbox: SandboxProcess, users: list[list[str]]
) -> None:
    sandbox.do("kill_refresh", user_id=users[1][0])
    result = run("refresh", "k1")
    assert result.exit_code == 5
    assert f"user_id={users[1][0]}" in result.output


def test_forget_asks_and_deletes(store: BoundStore) -> None:
    assert CliRunner().invoke(app, ["forget", "k1"], input="n\n").exit_code == 1
    assert store.load("k1") is not None
    assert run("forget", "k1", "--yes").exit_code == 0
    assert store.load("k1") is None
    assert run("forget", "k1", "--yes").exit_code == 7


def test_keep_alive_refreshes_what_is_due_and_exits_with_0(store: BoundStore) -> None:
    result = run("keep-alive", "--json")
    assert result.exit_code == 0
    report = json.loads(result.output)
    assert (report["refreshed"], report["failed"], report["ok"]) == (10, 0, True)
    assert "0 refreshed" in run("keep-alive").output


def test_keep_alive_exits_with_1_when_something_failed(store: BoundStore, sandbox: SandboxProcess) -> None:
    sandbox.do("fault", operation="exchange_token", status=500, times=2)
    result = run("keep-alive", "--concurrency", "1")
    assert result.exit_code == 1
    assert "9 refreshed, 0 skipped, 1 failed" in result.output
    assert "InternalServerError: 1" in result.output
    assert "astra tokens list --state failing" in result.output
    [failing] = run("list", "--state", "failing", "--json").stdout.splitlines()
    assert json.loads(failing)["failures"] == 1


def test_keep_alive_reports_dead_users_and_exits_with_1(
    store: BoundStore, sandbox: SandboxProcess, users: list[list[str]]
) -> None:
    sandbox.do("kill_refresh", user_id=users[0][0])
    result = run("keep-alive", "--json")
    assert json.loads(result.output)["needs_reauthorization"] == 1
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["keep-alive", "--older-than", "soon"],
        ["list", "--older-than", "5"],
        ["list", "--older-than", "9e9w"],
        ["keep-alive", "--rate", "0"],
    ],
)
def test_arguments_that_mean_nothing_exit_with_2(store: BoundStore, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("url", ["", "memory://", "ftp://x"])
def test_no_store_to_look_at_exits_with_2(store: BoundStore, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_STORE", url)
    assert run("list").exit_code == 2


def test_an_encrypted_store_is_read_with_the_keys_of_the_environment(
    store: BoundStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    key = Fernet.generate_key().decode()
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", key)
    assert run("rotate-keys", "--accept-plain", "--yes").exit_code == 0
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{Fernet.generate_key().decode()},{key}")
    assert json.loads(run("keep-alive", "--json").output)["refreshed"] == 10


def test_keys_are_rotated_and_then_only_the_new_one_is_needed(
    store: BoundStore, users: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", old)
    assert "10 grants" in run("rotate-keys", "--accept-plain", "--yes").output
    stored = store.base.load(store.identity, "k1")
    assert stored is not None
    assert users[1][1] not in stored.access_token
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{new},{old}")
    assert run("rotate-keys", "--yes").exit_code == 0
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", new)
    assert run("refresh", "k1").exit_code == 0
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", old)
    assert run("refresh", "k1").exit_code == 2


def test_rotation_without_keys_exits_with_2(store: BoundStore) -> None:
    assert run("rotate-keys").exit_code == 2


def test_watch_runs_again_and_ends_well_on_sigterm(store: BoundStore) -> None:
    program = str(Path(sys.executable).parent / "astra")
    child = subprocess.Popen(
        [program, "tokens", "keep-alive", "--watch", "--interval", "0.1s", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )
    assert child.stdout is not None
    counts = [json.loads(child.stdout.readline())["refreshed"] for _ in range(3)]
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    child.stdout.close()
    assert counts == [10, 0, 0]
