"""Writes the table of magic values into docs/guides/sandbox.md, between its markers.

python scripts/magic_table.py            # write it
python scripts/magic_table.py --check    # fail when the guide's table is not the sandbox's
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from astra.sandbox.magic.table import TABLE, Magic

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "guides" / "sandbox.md"
BEGIN, END = "<!-- magic values: written by scripts/magic_table.py -->", "<!-- end of magic values -->"


def main(arguments: list[str] | None = None, *, guide: Path = GUIDE) -> int:
    """Writes or checks the table; answers 1 when the check fails."""
    parser = argparse.ArgumentParser(description="Write the table of magic values into the guide of the sandbox.")
    parser.add_argument("--check", action="store_true")
    check: bool = parser.parse_args(arguments).check
    there = guide.read_text(encoding="utf-8")
    wanted = with_table(there)
    if check and wanted != there:
        print(f"{guide.name}: the table of magic values is not the sandbox's: make docs", file=sys.stderr)
        return 1
    if not check:
        guide.write_text(wanted, encoding="utf-8")
    return 0


def with_table(text: str) -> str:
    """Returns the guide with the table as it has to be."""
    head, _, rest = text.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise SystemExit(f"The guide lacks its markers: {BEGIN} and {END}")
    lines = ["| field | value | outcome | for | webhooks | evidence |", "|---|---|---|---|---|---|", *map(row, TABLE)]
    return f"{head}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{tail}"


def row(magic: Magic) -> str:
    """Returns one line of the table."""
    value = f"`{magic.value}`" + (f", or correlation id `{magic.correlation}`" if magic.correlation else "")
    sent = " ".join(f"`{kind}`" for kind in magic.webhooks)
    return f"| {magic.field} | {value} | {magic.meaning} | {' '.join(magic.rails)} | {sent} | {magic.evidence} |"


if __name__ == "__main__":
    sys.exit(main())
