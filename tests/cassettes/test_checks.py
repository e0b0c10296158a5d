"""The cassettes are clean, and the checks would notice if they were not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from astra_api.operations import OPERATIONS

from tests.cassettes import checks
from tests.cassettes.recorder import record_all, stamped
from tests.cassettes.world import DATA

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_cassettes_are_complete_clean_valid_and_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.check_cassettes"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout == f"cassettes: {len(OPERATIONS)} operations x 2, 0 secrets, 0 schema violations\n"
    assert done.returncode == 0


def test_every_cassette_says_what_it_was_recorded_against() -> None:
    for path in DATA.glob("*.yaml"):
        assert stamped(path)["recorded against"].startswith(("the local sandbox", "Astra's own sandbox")), path.name


def test_recording_again_changes_nothing(tmp_path: Path) -> None:
    record_all(tmp_path)
    for path in DATA.iterdir():
        assert (tmp_path / path.name).read_text() == path.read_text(), path.name


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("cassette", "old", "new", "leak"),
    [
        ("exchange_token.success", "REDACTED-ACCESS-TOKEN", "bsySsXFz0A609jvnJXFmNmT5ntYmGS3Y", "access_token"),
        ("exchange_token.success", "REDACTED-CODE", "wJalrXUtnFEMIK7MDENG", "code"),
        ("get_transfer.success", "Bearer REDACTED", "Bearer bsySsXFz0A609jvnJXFm", "credential"),
        ("create_user_intent.success", '"0000"', '"9999"', "ssn"),
        ("create_card.success", "0000000000000000", "4111111111111111", "card_number"),
        ("get_user.success", "redacted@example.com", "tenzing@everest.example", "email"),
    ],
)
def test_a_leak_is_found_and_not_repeated(copy: Path, cassette: str, old: str, new: str, leak: str) -> None:
    change(copy / f"{cassette}.yaml", old, new)
    found = checks.check_all(copy)
    assert not found.ok
    assert any(leak in line for line in found.secrets)
    assert not any(new in line for line in found.secrets)


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("cassette", "old", "new"),
    [
        ("get_transfer.success", '"amount": 12.5', '"amount": "twelve"'),
        ("get_transfer.success", "code: 200", "code: 207"),
        ("create_routine.success", '"name": "REDACTED"', '"nam": "REDACTED"'),
    ],
)
def test_a_violation_of_the_spec_is_found(copy: Path, cassette: str, old: str, new: str) -> None:
    change(copy / f"{cassette}.yaml", old, new)
    found = checks.check_all(copy)
    assert [line.split(":")[0] for line in found.violations] == [cassette]


def test_a_stale_or_missing_cassette_is_named(copy: Path) -> None:
    change(copy / "get_bin.success.yaml", "# spec digest: ", "# spec digest: 0")
    (copy / "get_card.failure.yaml").unlink()
    found = checks.check_all(copy)
    assert found.missing == ["get_card.failure"]
    assert found.stale == ["get_bin.success: the spec of get_bin has changed since; make record"]
