"""What the README shows runs as it stands."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def needed(name: str, extras: frozenset[str]) -> set[str]:
    """What pip installs for a distribution, by what the installed ones say of themselves."""
    found: set[str] = set()
    for text in importlib.metadata.requires(name) or ():
        requirement = Requirement(text)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        if requirement.name == name:
            found |= needed(name, frozenset(requirement.extras))
        else:
            found |= {requirement.name} | needed(requirement.name, frozenset(requirement.extras))
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what the README's line installs, and nothing else."""
    line = re.search(r"^\$ pip install '\.\[([\w,]+)\]'$", README, re.MULTILINE)
    assert line is not None
    folder = tmp_path_factory.mktemp("fresh") / ".venv"
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    for name in needed("astra-finance", frozenset(line[1].split(","))):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (packages / top).exists():
                os.symlink(str(distribution.locate_file(top)), packages / top)
    for name, source in (("astra", ROOT / "astra"), ("astra_api", ROOT / "generated" / "astra_api")):
        os.symlink(source, packages / name)
    return folder / "bin" / "python"


def test_the_first_program_needs_only_what_the_line_above_it_installs(fresh: Path, tmp_path: Path) -> None:
    assert README.index("## Install") < README.index("```python")
    (tmp_path / "first.py").write_text(PROGRAMS[0])
    command = [fresh, "-I", "-W", "error", "first.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    foreign = [fresh, "-I", "-c", "import pytest"]
    assert subprocess.run(foreign, capture_output=True, check=False).returncode == 1


def test_the_command_is_there_with_what_the_readme_installs(fresh: Path, tmp_path: Path) -> None:
    command = [fresh, "-I", "-c", "from astra.cli import main; main()", "sandbox", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_extras_that_the_readme_names_are_those_that_there_are() -> None:
    told = re.search(r"The other extras are (.+?)\. Where", README, re.DOTALL)
    assert told is not None
    there = {name.lower() for name in importlib.metadata.metadata("astra-finance").get_all("Provides-Extra") or ()}
    assert set(re.findall(r"`(\w+)`", told[1])) == there - {"sandbox", "cli"}


def test_every_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([\w-]+)", README))
    assert {"demo", "docs", "test", "guesses"} <= named
    assert [target for target in named if f"\n{target}:" not in makefile] == []


WATCH = """
import atexit, sys
asked = set()
def watch(event, arguments):
    if event == "socket.getaddrinfo":
        asked.add(str(arguments[0]))
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        asked.add(str(arguments[1][0]))
sys.addaudithook(watch)
atexit.register(lambda: print("asked", *sorted(asked)))
"""


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_a_program_asks_nobody_but_the_server_that_it_names(number: int, tmp_path: Path) -> None:
    """There is no telemetry, as the FAQ says."""
    (tmp_path / "program.py").write_text(WATCH + PROGRAMS[number])
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("asked ")]
    assert {"127.0.0.1"} <= set(line.split()[1:]) <= {"127.0.0.1", "::1", "localhost", "None"}


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_the_first_program_runs_as_printed(number: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[number])
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if number == 0:
        assert re.fullmatch(r"\S+ active 20\.00 \S+\n", done.stdout)
    else:
        assert len(done.stdout.splitlines()) == 2


def test_the_quickstart_ends_with_a_transfer_that_is_processed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")
    programs = re.findall(r"```python run(?: async)?\n(.*?)```", page, re.DOTALL)
    for program in programs[:2]:
        (tmp_path / "pay.py").write_text(program)
        command = [sys.executable, "-W", "error", "pay.py"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.fullmatch(r"\S+ 20\.00 \S+\n\S+ processed\n", done.stdout)


def test_the_demo_pays_verifies_and_goes_on_with_its_tokens_the_second_time(tmp_path: Path) -> None:
    outputs = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-W", "error", str(ROOT / "examples" / "demo.py")],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    for output in outputs:
        assert re.search(r"Transfer \S+ of \$20\.00 is processed", output)
        assert "its signature is genuine" in output
        assert "get_transfer │ 401" in re.sub(r" +", " ", output)
        assert "each 401 below made the SDK refresh one and ask again" in output
        assert re.search(r"create_routine\s*│ 201\s*│ [\d.]+\s*│ [0-9a-f]{32}", output)
    assert "was onboarded" in outputs[0]
    assert re.search(r"tokens (reused|renewed)", outputs[1])
    assert (tmp_path / ".demo" / "tokens.db").exists()


def test_the_demo_leaves_an_environment_that_has_what_it_needs_as_it_is() -> None:
    done = subprocess.run(
        ["sh", ROOT / "scripts" / "setup.sh", "demo"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "VENV": sys.prefix, "PIP_NO_INDEX": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
