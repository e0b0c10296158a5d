"""Builds the distributions and checks them as far as can be known before they are published: one line for each check.

    python -m scripts.release.check            what can be known on any day
    python -m scripts.release.check --publish  also what has to hold on the day of a release: the changelog's day, the
                                               addresses, and the tag, which GITHUB_REF_NAME or --tag names

It asks the package index for what the smoke installs. The bill of materials goes beside the distributions, into
`build/dist/`, and a line says which versions of Python were not to be had.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from astra.version import __version__
from scripts.release.checks import check_changelog, check_contents, check_urls, check_version
from scripts.release.environments import ROOT, SMOKE, Failed, build, call, make_environment, resolve, smoke
from scripts.release.pythons import SUPPORTED, find_python
from scripts.release.requirements import declared
from scripts.release.services import services

DIST: Final = ROOT / "build" / "dist"
BIN: Final = Path(sys.executable).parent
MATERIALS: Final = DIST / "astra-finance.cdx.json"


class Lines:
    """Prints the lines and counts what failed."""

    def __init__(self) -> None:
        self.failed = 0

    def check(self, name: str, step: Callable[[], str | list[str]]) -> None:
        """Runs a step and prints how it ended.

        Args:
            name: what is checked.
            step: gives a word on what was found, or a list of what is wrong.
        """
        started = time.monotonic()
        try:
            found = step()
        except Failed as error:
            found = [str(error)]
        wrong = found if isinstance(found, list) else []
        self.failed += bool(wrong)
        text = "; ".join(wrong) if isinstance(found, list) else found
        print(f"{'FAILED' if wrong else 'ok':7} {name:24} {text} ({time.monotonic() - started:.0f} s)", flush=True)


def main() -> int:
    """Runs the checks; exit status 1 when one failed."""
    parser = argparse.ArgumentParser(description="Checks the distributions before they are published.")
    parser.add_argument("--publish", action="store_true", help="check what has to hold on the day of a release, too")
    parser.add_argument("--tag", help="the tag that is released")
    parser.add_argument("--python", nargs="*", default=SUPPORTED, help="versions of Python to install on")
    arguments = parser.parse_args()
    publish: bool = arguments.publish
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version: str = project["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    lines = Lines()
    lines.check("build", lambda: " and ".join(f"{path.name}, {path.stat().st_size >> 10} KiB" for path in build(DIST)))
    if lines.failed:
        return 1
    [wheel], [sdist] = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    lines.check("version", lambda: check_version(version, module=__version__, wheel=wheel.name, tag=arguments.tag))
    lines.check("changelog", lambda: check_changelog(changelog, version, dated=publish))
    if publish:
        owners = (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8")
        lines.check("addresses", lambda: check_urls(project, owners))
    lines.check("contents", lambda: check_contents(wheel, sdist))
    lines.check("twine", lambda: call(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist) and "strict")
    lines.check("check-wheel-contents", lambda: call(BIN / "check-wheel-contents", wheel).strip())
    with services() as variables:
        absent = [one for one in arguments.python if find_python(one) is None]
        for python in (one for one in arguments.python if one not in absent):
            lines.check(f"smoke on Python {python}", lambda python=python: _smoke(python, project, wheel, variables))
    lines.check("bill of materials", _materials)
    for python in absent:
        print(
            f"-       smoke on Python {python:8} not run: no command python{python} is here, and none can be fetched. "
            "PYTHONS are versions, such as 3.12"
        )
    print(f"{lines.failed} failed" if lines.failed else f"astra-finance {version} may be published from {DIST}")
    return 1 if lines.failed else 0


def _smoke(python: str, project: Mapping[str, Any], wheel: Path, variables: Mapping[str, str]) -> str:
    pins = resolve(declared(project), python=python)
    folder = ROOT / "build" / "environments" / f"release-{python}"
    interpreter = make_environment(folder, python=python, pins=pins, wheel=wheel)
    if interpreter is None:
        raise Failed("it went away")
    return smoke(interpreter, f"--ignore={SMOKE / 'smoke_beside.py'}", services=variables).strip("= ")


def _materials() -> str:
    """Lists what an installation with every extra consists of."""
    environments = sorted((ROOT / "build" / "environments").glob("release-*"))
    if not environments:
        raise Failed("no environment was made that could be listed")
    interpreter = environments[0] / "bin" / "python"
    options = ["--output-reproducible", "--pyproject", ROOT / "pyproject.toml", "--output-file", MATERIALS]
    call(BIN / "cyclonedx-py", "environment", *options, interpreter)
    found = json.loads(MATERIALS.read_text(encoding="utf-8"))
    names = {component["name"] for component in found["components"]}
    if not {"httpx", "attrs", "msgspec"} <= names:
        raise Failed(f"{MATERIALS.name} lacks the core's dependencies")
    return f"{len(names)} components in {MATERIALS.name}"


if __name__ == "__main__":
    sys.exit(main())
