"""Installs the wheel beside what a resolver chooses, and runs the smoke there.

    python -m scripts.release.resolved lowest    the lowest version of each dependency
    python -m scripts.release.resolved newest    the newest
    python -m scripts.release.resolved beside    the newest, with what users have beside us

It asks the package index. `--python 3.12` names versions of Python; the default is the oldest and the newest that this
machine has.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

from scripts.release.environments import ROOT, SMOKE, Failed, build, make_environment, resolve, smoke
from scripts.release.pythons import SUPPORTED, find_python
from scripts.release.requirements import NEIGHBOURS, declared
from scripts.release.services import services


def main() -> int:
    """Runs the check; exit status 1 when it failed."""
    parser = argparse.ArgumentParser(description="Tries the wheel with other versions of what it needs.")
    parser.add_argument("kind", choices=["lowest", "newest", "beside"])
    parser.add_argument("--python", nargs="*", help="versions of Python")
    parser.add_argument("-k", dest="only", default="", help="only these parts of the smoke")
    arguments = parser.parse_args()
    kind: str = arguments.kind
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*declared(project), *(NEIGHBOURS if kind == "beside" else ())]
    chosen = arguments.python or ends([version for version in SUPPORTED if find_python(version)])
    wheel, _ = build(ROOT / "build" / "dist")
    with services() as variables:
        return max([try_one(kind, version, wanted, wheel, arguments.only, variables) for version in chosen])


def ends(versions: list[str]) -> list[str]:
    """Returns the oldest and the newest.

    Args:
        versions: all, in order.
    """
    return list(dict.fromkeys([versions[0], versions[-1]]))


def try_one(kind: str, version: str, wanted: list[str], wheel: Path, only: str, variables: dict[str, str]) -> int:
    """Resolves, installs and runs the smoke with one Python, and prints one line; returns the exit status."""
    try:
        pins = resolve(wanted, python=version, lowest=kind == "lowest")
        folder = ROOT / "build" / "environments" / f"{kind}-{version}"
        interpreter = make_environment(folder, python=version, pins=pins, wheel=wheel)
        if interpreter is None:
            print(f"FAILED  {kind} on Python {version}: it is not on this machine")
            return 1
        selected = ["-k", only] if only else []
        ignored = [] if kind == "beside" else [f"--ignore={SMOKE / 'smoke_beside.py'}"]
        last = smoke(interpreter, *selected, *ignored, services=variables)
    except Failed as error:
        print(f"FAILED  {kind} on Python {version}\n{error}")
        return 1
    print(f"ok      {kind} on Python {version}: {last.strip('= ')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
