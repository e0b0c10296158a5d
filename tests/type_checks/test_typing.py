"""The types of the SDK as a user's checker sees them: right use passes, wrong use does not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
FILES = [HERE / "right_use.py", HERE / "wrong_use.py"]


def mypy(files: list[Path], cache: Path) -> dict[str, set[int]]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={cache}"]
    done = subprocess.run([*command, *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return lines(files, re.findall(r"^(.*?):(\d+): error: ", done.stdout, re.MULTILINE))


def pyright(files: list[Path], _: Path) -> dict[str, set[int]]:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = [item for item in found if item["severity"] == "error"]
    return lines(files, [(item["file"], item["range"]["start"]["line"] + 1) for item in errors])


def lines(files: list[Path], found: list[tuple[str, str]] | list[tuple[str, int]]) -> dict[str, set[int]]:
    gathered: dict[str, set[int]] = {file.name: set() for file in files}
    for file, line in found:
        gathered[Path(file).name].add(int(line))
    return gathered


@pytest.mark.long
@pytest.mark.parametrize("checker", [mypy, pyright])
@pytest.mark.timeout(300)
def test_wrong_use_does_not_type_check_and_right_use_does(checker, tmp_path: Path) -> None:
    marked = {
        number
        for number, line in enumerate(FILES[1].read_text(encoding="utf-8").splitlines(), start=1)
        if line.endswith("# wrong")
    }
    assert len(marked) > 25
    assert checker(FILES, tmp_path) == {"right_use.py": set(), "wrong_use.py": marked}


@pytest.mark.long
@pytest.mark.parametrize("checker", [mypy, pyright])
@pytest.mark.timeout(300)
def test_the_programs_of_the_readme_type_check(checker, tmp_path: Path) -> None:
    programs = re.findall(r"```python.*?\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    files = [tmp_path / f"program_{number}.py" for number in range(2)]
    for file, program in zip(files, programs, strict=False):
        file.write_text(program, encoding="utf-8")
    assert checker(files, tmp_path / "cache") == {file.name: set() for file in files}
