"""`astra drift`, as somebody types it who was told that Astra has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from astra.cli.drift import app
from astra.drift.observer import DriftObserver
from astra.drift.store import DriftStore
from tests.drift.answering import TRANSFER

NOW = 1_790_000_000.0


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def look(path: Path, operation: str, body: object, *, status: int = 200, now: float = NOW) -> None:
    observer = DriftObserver(DriftStore(path), clock=lambda: now)
    observer.look(operation, status, json.dumps(body).encode(), "req_9")
    observer.close(store=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "drift.db"
    look(path, "get_transfer", {**TRANSFER, "lane": "fast"})
    look(path, "get_user", {"id": "usr_1", "tier": 1}, now=NOW + 86_400)
    monkeypatch.setenv("ASTRA_DRIFT_STORE", f"sqlite:///{path}")
    return path


def test_it_shows_names_with_operation_counts_and_the_first_request_id(store: Path) -> None:
    result = run()
    assert result.exit_code == 0, result.output
    header, *lines = result.stdout.splitlines()
    assert header.startswith("operation")
    (line,) = [line for line in lines if "lane" in line]
    assert line.split()[:7] == ["get_transfer", "field", "-", "lane", "string", "1", "1"]
    assert line.endswith("req_9")
    assert "known field" not in result.stdout


def test_json_is_one_object_per_line(store: Path) -> None:
    found = [json.loads(line) for line in run("--json", "--operation", "get_transfer").stdout.splitlines()]
    assert [(one["name"], one["count"], one["looked_at"]) for one in found] == [("lane", 1, 1)]


def test_since_leaves_out_what_was_seen_before(store: Path) -> None:
    shown = run("--since", "2026-09-22T00:00Z", "--json").stdout
    assert "tier" in shown
    assert "lane" not in shown


def test_an_empty_result_says_where_it_looked(store: Path) -> None:
    result = run("--operation", "get_card")
    assert result.exit_code == 0
    assert "nothing that the spec does not know of get_card, in 0 answers" in result.stderr
    assert str(store) in result.stderr


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "typo.db"
    result = run("--store", f"sqlite:///{missing}")
    assert result.exit_code == 2
    assert str(missing) in result.stderr
    assert not missing.exists()


def test_without_a_store_it_asks_which() -> None:
    result = run()
    assert result.exit_code == 2
    assert "ASTRA_DRIFT_STORE" in result.stderr


def test_clear_forgets_all_names_and_keeps_the_file(store: Path) -> None:
    assert run("clear", "--yes").exit_code == 0
    assert list(DriftStore(store).select()) == []
    assert "nothing that the spec does not know" in run().stderr


def test_clear_asks_and_changes_nothing_when_nobody_agrees(store: Path) -> None:
    assert CliRunner().invoke(app, ["clear"], input="n\n").exit_code != 0
    assert list(DriftStore(store).select())


def test_export_writes_a_document_that_says_it_was_observed(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "observed.json"
    result = run("export", str(target))
    assert result.exit_code == 0, result.output
    document = json.loads(target.read_text())
    assert document["x-observed"] is True
    schema = document["paths"]["/v1/transfers/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["lane"] == {"type": "string"}
    assert schema["properties"]["status"]["enum"] == ["processed"]


def test_export_of_nothing_writes_nothing(store: Path, tmp_path: Path) -> None:
    run("clear", "--yes")
    result = run("export", str(tmp_path / "observed.json"))
    assert result.exit_code == 7
    assert not (tmp_path / "observed.json").exists()
