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


def mypy(cache: Path) -> dict[str, set[int]]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--cache-dir={cache}"]
    done = subprocess.run([*command, *map(str, FILES)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return lines(re.findall(r"^(.*?):(\d+): error: ", done.stdout, re.MULTILINE))


def pyright(_: Path) -> dict[str, set[int]]:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, *map(str, FILES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return lines([(item["file"], item["range"]["start"]["line"] + 1) for item in found if item["severity"] == "error"])


def lines(found: list[tuple[str, str]] | list[tuple[str, int]]) -> dict[str, set[int]]:
    gathered: dict[str, set[int]] = {file.name: set() for file in FILES}
    for file, line in found:
        gathered[Path(file).name].add(int(line))
    return gathered


@pytest.mark.parametrize("checker", [mypy, pyright])
@pytest.mark.timeout(300)
def test_wrong_use_does_not_type_check_and_right_use_does(checker, tmp_path: Path) -> None:
    marked = {
        number
        for number, line in enumerate(FILES[1].read_text(encoding="utf-8").splitlines(), start=1)
        if line.endswith("# wrong")
    }
    assert len(marked) > 25
    assert checker(tmp_path) == {"right_use.py": set(), "wrong_use.py": marked}
