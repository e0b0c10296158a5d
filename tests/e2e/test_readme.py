"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


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
        assert re.search(r"create_routine\s*│ 201\s*│ [\d.]+\s*│ [0-9a-f]{32}", output)
    assert "was onboarded" in outputs[0]
    assert re.search(r"tokens (reused|renewed)", outputs[1])
    assert (tmp_path / ".demo" / "tokens.db").exists()
