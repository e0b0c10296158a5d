"""The whole suite in a copy that follows an imported document: `python -m scripts.stand_in.suite --seed 1`.

The document differs from our spec as drawn from the seed. Its import is applied to the copy, the edits that the report
lists are made, the client is generated, the cassettes are recorded, and the type checkers and all tests run. Nothing
else is touched. Exit status: 0 when all passed, else that of what failed first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.import_spec.__main__ import import_spec
from scripts.spec_document.load import DEFAULT_PATH, load
from scripts.stand_in.flow import ROOT, follow

STEPS = (
    ("make record", ["-m", "scripts.record"]),
    ("make cassettes", ["-m", "scripts.check_cassettes"]),
    ("make docs", ["scripts/reference.py"]),
    ("mypy", ["-m", "mypy"]),
)

LEFT = "not guesses and not stress and not outage"
"""Tests about what the spec guesses are the report's last lines; outages and stress know nothing of names."""

TESTS = ("-n", "2", "tests")


def top_of_the_repository() -> list[str]:
    """Names what the repository holds at its top, without what is built."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    return sorted({name.split("/")[0] for name in listed if name and (ROOT / name).exists()} - {"pyproject.toml"})


def main(arguments: list[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="suite", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the copy goes (default: a temporary folder)")
    parser.add_argument("tests", nargs="*", help="arguments for pytest (default: two at a time, all folders)")
    given = parser.parse_args(arguments)
    from tests.spec.stand_in import StandIn, publish

    ours = load(DEFAULT_PATH, root=ROOT)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = given.folder or scratch / "copy"
        source = publish(StandIn(ours, seed=given.seed, version="3.1").document(), "json", scratch)
        text = (ROOT / DEFAULT_PATH).read_text(encoding="utf-8")
        overlay = load("spec/overlay.yaml", root=ROOT)
        adopted = import_spec([source], ours=ours, overlay=overlay, text=text).adopted
        assert adopted is not None
        done = follow(adopted, folder, copied=tuple(top_of_the_repository()))
        print(json.dumps({"renamed": sum(one.startswith("renamed") for one in adopted.done), "hand edits": done}))
        (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
        environment = {**os.environ, "PYTHONPATH": f"{folder}:{folder / 'generated'}"}
        author = ["-c", "user.name=copy", "-c", "user.email=copy@localhost"]
        for command in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "The copy"]):
            subprocess.run(["git", *command], cwd=folder, check=True)
        steps = [*STEPS, ("tests", ["-m", "pytest", "-q", "-m", LEFT, *(given.tests or TESTS)])]
        for title, command in steps:
            print(f"== {title}", flush=True)
            ended = subprocess.run([sys.executable, *command], cwd=folder, env=environment, check=False).returncode
            if ended:
                print(f"{title} failed in {folder}")
                return ended
    return 0


if __name__ == "__main__":
    sys.exit(main())
