"""What deletes or changes many grants asks, and says so where there is nobody to ask, as under cron."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.tokens.operators import KEY, NEW, astra, dead, make, put, rows


@pytest.fixture
def backup(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of two grants of a store, whose current key is another one by now."""
    put(url, make("a"), dead("b"))
    file = str(tmp_path / "backup.grants")
    assert astra("export", file).exit_code == 0
    monkeypatch.setenv("ASTRA_TOKEN_KEYS", f"{NEW},{KEY}")
    return file


ASKING = [
    ["forget", "a"],
    ["forget", "--astra-user", "usr_a"],
    ["revive", "b"],
    ["revive", "--since", "2d"],
    ["rotate-keys"],
    ["import", "backup.grants"],
]


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_where_nobody_can_be_asked_the_way_on_is_said_and_it_could_not_run(
    url: str, backup: str, command: list[str]
) -> None:
    before = rows(url)
    result = astra(*[backup if word == "backup.grants" else word for word in command])
    assert result.exit_code == 2
    assert "\nerror: there is nobody to ask. Pass --yes to go on all the same. Nothing was changed.\n" in result.stderr
    assert rows(url) == before


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_no_is_no(url: str, backup: str, command: list[str]) -> None:
    before = rows(url)
    result = astra(*[backup if word == "backup.grants" else word for word in command], say="n\n")
    assert result.exit_code == 1
    assert "nobody" not in result.stderr
    assert rows(url) == before


def test_a_store_that_is_under_the_current_key_already_needs_no_question(url: str) -> None:
    put(url, make("a"))
    result = astra("rotate-keys")
    assert result.exit_code == 0
    assert "?" not in result.output
    assert "0 grants encrypted" in result.stdout
