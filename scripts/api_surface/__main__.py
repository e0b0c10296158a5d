"""Compare the facade with the last release, and refuse a break that the changelog does not announce.

The last release is the newest tag `v*`; before the first one, the committed docs/public-api.json stands in.

Example:
    python -m scripts.api_surface            # check
    python -m scripts.api_surface --update   # write docs/public-api.json
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import griffe

from scripts.api_surface.compare import additions, find_breaks
from scripts.api_surface.read import Surface, read_surface, surface_of
from scripts.api_surface.store import FILE, dump, parse

ROOT = Path(__file__).resolve().parent.parent.parent


def last_release(root: Path) -> str | None:
    """The newest release tag that the current commit descends from."""
    asked = subprocess.run(
        ["git", "-C", str(root), "describe", "--tags", "--match", "v*", "--abbrev=0"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or None


def baseline(root: Path, against: str | None) -> tuple[str, Surface]:
    """What to compare with, and its name."""
    tag = against or last_release(root)
    if tag is not None:
        return tag, surface_of(griffe.load_git("astra", ref=tag, repo=root, allow_inspection=False))
    file = root / FILE
    return FILE, parse(file.read_text(encoding="utf-8")) if file.is_file() else {}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Answers 1 when there is an unannounced break."""
    parser = argparse.ArgumentParser(prog="api-surface", description="Refuse unannounced breaks of the facade.")
    parser.add_argument("--against", help="git revision (default: the last release tag, else docs/public-api.json)")
    parser.add_argument("--update", action="store_true", help="write docs/public-api.json")
    parser.add_argument("--root", type=Path, default=ROOT)
    chosen = parser.parse_args(arguments)
    now = read_surface(chosen.root)
    if chosen.update:
        (chosen.root / FILE).write_text(dump(now), encoding="utf-8")
        print(f"{FILE}: {len(now)} public names")
        return 0
    name, before = baseline(chosen.root, chosen.against)
    changelog = chosen.root / "CHANGELOG.md"
    breaks = find_breaks(before, now, changelog.read_text(encoding="utf-8") if changelog.is_file() else "")
    for item in breaks:
        print(f"{'announced' if item.announced else 'BREAK'}: {item.path}: {item.text}")
    refused = [item for item in breaks if not item.announced]
    print(f"against {name}: {len(breaks)} breaking, {len(refused)} unannounced, {len(additions(before, now))} added")
    if refused:
        print("Announce each under `### Breaking` in CHANGELOG.md, or keep the old way: docs/versioning.md")
    return int(bool(refused))


if __name__ == "__main__":
    sys.exit(main())
