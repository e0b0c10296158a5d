"""Commands open stores that are there, say which, and refuse those that their keys do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import Result

from astra.storage.sqlite import SQLiteFile
from astra.tokens import open_store
from astra.tokens.stores.base import TOKENS
from tests.cli.tokens.operators import KEY, ME, NEW, OTHER, WRONG, as_json, astra, make, put, rows
from tests.tokens.test_release_0_1_0 import Former, former

__all__ = ["former"]

COMMANDS = [
    ["list"],
    ["list", "--all-identities"],
    ["show", "a"],
    ["find", "--astra-user", "usr_a"],
    ["status"],
    ["refresh", "a"],
    ["keep-alive"],
    ["revive", "a", "--yes"],
    ["revive", "--since", "2d", "--yes"],
    ["forget", "a", "--yes"],
    ["forget", "--astra-user", "usr_a", "--yes"],
    ["export", "backup.grants"],
    ["rotate-keys", "--yes"],
]
every_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@pytest.mark.filterwarnings("always::astra.AstraConfigurationWarning")
def test_a_misspelled_variable_is_one_line_without_our_code(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_TOKEN_KEY", KEY)
    lines = astra("keep-alive").stderr.splitlines()
    told = [line for line in lines if "ASTRA_TOKEN_KEY" in line]
    assert told == [
        "warning: ASTRA_TOKEN_KEY is no variable of the Astra SDK and has no effect; did you mean ASTRA_TOKEN_KEYS?"
    ]
    assert not [line for line in lines if ".py" in line]


@pytest.mark.parametrize("variable", [None, "memory://"])
def test_a_store_that_is_not_named_is_asked_for_with_an_absolute_path(
    url: str, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable is None:
        monkeypatch.delenv("ASTRA_TOKEN_STORE")
    else:
        monkeypatch.setenv("ASTRA_TOKEN_STORE", variable)
    result = astra("keep-alive")
    assert result.exit_code == 2
    assert "sqlite:////var/lib/app/tokens.db" in result.stderr


@every_command
def test_a_mistyped_path_is_named_and_nothing_is_made(
    url: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = astra(*command, "--store", "sqlite:///token.db")
    assert result.exit_code == 2
    assert f"There is no token store in the SQLite file {tmp_path}/token.db, and none was made." in result.stderr
    assert "four slashes" in result.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("content", [b"", b"no database at all, but some text that is long enough"])
def test_a_file_that_is_no_store_stays_as_it_is(url: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.db").write_bytes(content)
    assert astra("list", "--store", f"sqlite:///{tmp_path}/file.db").exit_code == 2
    assert (tmp_path / "file.db").read_bytes() == content


def test_a_file_of_another_family_is_no_token_store(url: str, tmp_path: Path) -> None:
    log = SQLiteFile(tmp_path / "log.db", family=TOKENS, schema="log_schema", migrations=("CREATE TABLE log (id)",))
    with log.connection():
        pass
    log.close()
    assert "There is no token store" in astra("list", "--store", f"sqlite:///{tmp_path}/log.db").stderr


def test_a_file_that_sqlalchemy_would_make_is_not_made(url: str, tmp_path: Path) -> None:
    assert astra("list", "--store", f"sqlite+pysqlite:///{tmp_path}/none.db").exit_code == 2
    assert not (tmp_path / "none.db").exists()


def test_an_empty_database_stays_empty(url: str, postgres_url: str) -> None:
    import psycopg

    result = astra("keep-alive", "--store", postgres_url)
    assert (result.exit_code, "no table astra_grants" in result.stderr) == (2, True)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT tablename FROM pg_tables WHERE schemaname='public'").fetchall() == []


def test_an_empty_redis_is_told(url: str, redis_url: str) -> None:
    result = astra("keep-alive", "--store", redis_url)
    assert (result.exit_code, "another database number" in result.stderr) == (2, True)


def test_a_store_of_release_0_1_0_is_there(former: Former) -> None:
    with open_store(former("plain")) as store:
        assert store.exists()


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "postgresql://app:SECRET@127.0.0.1:1/app"])
@pytest.mark.parametrize("command", [["list"], ["keep-alive"], ["status"]], ids=" ".join)
def test_a_store_that_does_not_answer_exits_with_3(url: str, command: list[str], address: str) -> None:
    result = astra(*command, "--store", address)
    assert (result.exit_code, "TokenStoreError" in result.stderr) == (3, True)
    assert "SECRET" not in result.output


@every_command
@pytest.mark.parametrize("keys", ["", WRONG], ids=["none", "wrong"])
def test_without_the_right_keys_every_command_exits_with_2_and_changes_nothing(
    url: str, command: list[str], keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(url, make("a", days_ago=6).invalidated(now=1.0, access_rejected=False), make("b", days_ago=6))
    before, files = rows(url), sorted(tmp_path.iterdir())
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", keys)
    result = astra(*command)
    assert (result.exit_code, rows(url)) == (2, before)
    assert sorted(tmp_path.iterdir()) == files


def test_grants_under_a_lost_key_keep_nobody_from_the_others(url: str) -> None:
    put(url, make("a"), keys=(WRONG,))
    put(url, make("b"))
    result = astra("list", "--json")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    "command", [["list"], ["status"], ["find", "--astra-user", "usr_a"], ["show", "a"]], ids=" ".join
)
def test_every_command_says_where_it_looked(any_url: str, command: list[str]) -> None:
    result = astra(*command)
    assert result.exit_code == 0
    assert f"grants of {ME}" in result.stderr
    assert result.stderr.startswith(("SQLite file /", "database postgresql://", "Redis redis://"))


def test_programs_read_where_it_looked(url: str, tmp_path: Path) -> None:
    put(url, make("a"))
    for command in (["status"], ["show", "a"]):
        result = astra(*command, "--json")
        shown = as_json(result)
        assert shown["store"] == f"SQLite file {tmp_path}/tokens.db"
        assert (shown["environment"], shown["client_id"]) == (ME.environment, ME.client_id)
        assert result.stderr == ""


@pytest.mark.parametrize("command", [["keep-alive"], ["status"]], ids=" ".join)
def test_a_cron_job_with_another_clients_credentials_does_not_succeed(url: str, command: list[str]) -> None:
    put(url, make("a", identity=OTHER))
    result = astra(*command)
    assert result.exit_code == 1
    assert f"the store has no grants of {ME}, but 1 of {OTHER}" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "command",
    [["show", "nobody"], ["find", "--astra-user", "usr_nobody"], ["forget", "nobody", "--yes"], ["revive", "nobody"]],
    ids=" ".join,
)
def test_who_is_not_found_is_said_to_be_missing_where(url: str, command: list[str], tmp_path: Path) -> None:
    put(url, make("a", identity=OTHER))
    result = astra(*command)
    assert result.exit_code == 7
    assert f"looked at SQLite file {tmp_path}/tokens.db, grants of {ME}" in result.stderr
    assert f"it has grants of others, too: 1 of {OTHER}" in result.stderr


def test_a_client_whose_settings_are_missing_exits_with_2(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASTRA_CLIENT_ID")
    assert astra("list").exit_code == 2
    assert astra("list", "--all-identities").exit_code == 0


@every_command
def test_no_output_has_a_secret(url: str, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if command[0] in ("refresh", "keep-alive", "forget"):
        monkeypatch.setenv("ASTRA_BASE_URL", "http://127.0.0.1:1")
        monkeypatch.delenv("ASTRA_ENVIRONMENT")
        monkeypatch.setenv("ASTRA_MAX_RETRIES", "0")
    monkeypatch.chdir(tmp_path)
    put(url, make("a"))
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{NEW},{KEY}")
    for more in ([], ["--json"]):
        result: Result = astra(*command, *more)
        for secret in ("SECRET", KEY, NEW):
            assert secret not in result.output
