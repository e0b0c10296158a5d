"""What fails beside others and passes alone is told and fails nothing; what fails alone too, or in numbers, does."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import run_tests
from tests import sampling

MARKS = ("stress", "outage", "browser", "long")
BESIDE_OTHERS = "import os\ndef test_crowded(): assert 'PYTEST_XDIST_WORKER' not in os.environ\ndef test_well(): pass\n"


def look(folder: Path, program: str) -> tuple[int, list[str], list[str]]:
    """Exit status, what passed only alone, and the tests that ran alone, in a project of one file."""
    (folder / "test_it.py").write_text(
        f"{program}\nimport os, pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def note(request):\n"
        "    if 'PYTEST_XDIST_WORKER' not in os.environ:\n"
        "        with open('alone.txt', 'a') as file: print(request.node.name, file=file)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-c", str(folder / "pytest.ini"), str(folder)]
    (folder / "pytest.ini").touch()
    status, only_alone = run_tests.with_second_look(command)
    noted = folder / "alone.txt"
    return status, only_alone, noted.read_text().split() if noted.exists() else []


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    # Plugins that have to do with nothing here, and take most of the time.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin,pytest_timeout")


def test_what_passes_alone_is_named_and_fails_nothing(tmp_path: Path) -> None:
    assert look(tmp_path, BESIDE_OTHERS) == (0, ["test_it.py::test_crowded"], ["test_crowded"])


@pytest.mark.long
def test_what_fails_alone_too_fails_the_run(tmp_path: Path) -> None:
    status, only_alone, _ = look(tmp_path, f"{BESIDE_OTHERS}def test_wrong(): assert False\n")
    assert (status, only_alone) == (1, [])


@pytest.mark.long
def test_many_failures_are_not_tried_once_more(tmp_path: Path) -> None:
    many = "".join(BESIDE_OTHERS.replace("crowded", f"crowded_{n}") for n in range(run_tests.FEW + 1))
    assert look(tmp_path, many) == (1, [], [])


@pytest.mark.long
def test_a_file_that_cannot_be_read_is_not_tried_once_more(tmp_path: Path) -> None:
    assert look(tmp_path, "import nowhere\n") == (2, [], [])


@pytest.mark.parametrize("has", list(itertools.product([True, False], repeat=len(MARKS))))
def test_whatever_its_marks_a_test_runs_in_one_phase_of_test_or_of_test_long(has: tuple[bool, ...]) -> None:
    marks = dict(zip(MARKS, has, strict=True))
    runs = [
        (name, long)
        for name in run_tests.PHASES
        for long in (True, False)
        if eval(run_tests.chosen(name, long=long), {}, dict(marks))  # the words of pytest's -m are those of Python
    ]
    assert len(runs) == 1
    assert runs[0][1] is marks["long"]


@pytest.mark.parametrize("long", [True, False])
def test_every_phase_is_run(long: bool) -> None:
    beside, *others = run_tests.lanes([], "2", long=long)
    commands = [step.command for lane in [*beside, others] for step in lane if not step.variables]
    for name in run_tests.PHASES:
        assert sum(run_tests.chosen(name, long=long) in command for command in commands) == 1
    checkers = {name for command in commands for name in ("mypy", "pyright") if name in command}
    assert checkers == ({"pyright"} if long else {"mypy"})


def test_a_lane_runs_its_steps_in_turn_and_tells_how_each_ended(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    steps = [
        run_tests.Step(name, [sys.executable, "-c", f"print('{name}'); raise SystemExit({status})"], is_pytest=False)
        for name, status in (("one", 3), ("two", 0))
    ]
    ends = run_tests.Lane(steps).end()
    assert [(status, line.rpartition(" in ")[0]) for status, line in ends] == [(3, "one FAILED"), (0, "two passed")]
    assert capfdbinary.readouterr().out == b"== one\none\n== two\ntwo\n"


def test_a_worker_that_is_ended_by_a_time_limit_says_where_it_stood(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest, time\n@pytest.mark.timeout(0.5, method='thread')\ndef test_that_hangs(): time.sleep(60)\n"
    )
    (tmp_path / "pytest.ini").touch()
    options = ["-q", "-n", "1", "-p", "tests.conftest", "-c", str(tmp_path / "pytest.ini"), str(tmp_path)]
    ended = subprocess.run([sys.executable, "-m", "pytest", *options], check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "line 3 in test_that_hangs" in ended.stderr


STORES_AND_TROUBLES = [{"store": store, "trouble": trouble} for store in range(3) for trouble in range(4)]


def test_a_sample_has_each_value_of_each_parameter_once() -> None:
    picked = [STORES_AND_TROUBLES[index] for index in sampling.chosen(STORES_AND_TROUBLES)]
    assert [one["store"] for one in picked[:3]] == [0, 1, 2]
    assert sorted(one["trouble"] for one in picked) == [0, 1, 2, 3]


def test_a_sample_may_be_smaller() -> None:
    assert sampling.chosen(STORES_AND_TROUBLES, 2) == [0, 5]


def test_what_is_not_in_the_sample_is_long_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.sampled\n"
        "@pytest.mark.parametrize('store', 'ab')\n"
        "@pytest.mark.parametrize('trouble', 'xy')\n"
        "def test_it(store, trouble): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  long\n  sampled\n")

    def collected(*marks: str) -> set[str]:
        options = ["-q", "--collect-only", "-p", "tests.conftest", "-c", str(tmp_path / "pytest.ini"), str(tmp_path)]
        command = [sys.executable, "-m", "pytest", *options, *marks]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return {line for line in printed.splitlines() if "::" in line}

    of_test, of_test_long = collected("-m", "not long"), collected("-m", "long")
    assert (len(of_test), len(of_test_long)) == (2, 2)
    assert of_test | of_test_long == collected()


def test_tests_write_into_memory_only_where_there_is_room() -> None:
    assert run_tests.memory("/nowhere") is None
    assert run_tests.memory("/proc") is None  # nothing can be written there, and it has no room
