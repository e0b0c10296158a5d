"""Writes `constraints.txt`: every distribution of the development environment, pinned, with the hashes of its files.

    python -m scripts.release.constraints             writes it; what is pinned stays as long as it fits
    python -m scripts.release.constraints --upgrade   takes the newest versions

It is for every Python that is supported, on every system, and asks the package index. No address stands in it: pip
takes the files from where it is set up to, and refuses those that do not match.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Final

from scripts.release.environments import ROOT, UV, Failed, call

FILE: Final = ROOT / "constraints.txt"
HEADER: Final = """\
# What `make setup` installs: every distribution, with the hashes of its files. Written by `make constraints`.
"""


def main() -> int:
    """Writes the file; exit status 1 when what is asked for does not go together."""
    parser = argparse.ArgumentParser(description="Pins the development environment.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    parser.add_argument("--output", type=Path, default=FILE, help="the file to write")
    arguments = parser.parse_args()
    output: Path = arguments.output
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    chosen = [word for name in groups for word in ("--group", name)]
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--all-extras", "--no-header", "--quiet"]
    options += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    if arguments.upgrade:
        options.append("--upgrade")
    try:
        call(*UV, "pip", "compile", *options, *chosen, "--output-file", output, "pyproject.toml")
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    pins = output.read_text(encoding="utf-8").removeprefix(HEADER)
    output.write_text(HEADER + pins, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
