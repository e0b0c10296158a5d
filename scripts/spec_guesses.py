"""Print every guess of the spec and what the sandbox assumes, grouped by the operation whose call settles it.

Example:
    python scripts/spec_guesses.py --markdown
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.spec_document.guesses import Guess, find_assumptions, find_guesses  # noqa: E402
from scripts.spec_document.load import DEFAULT_PATH, CannotLoadError, load  # noqa: E402


def grouped(guesses: list[Guess]) -> dict[str, list[Guess]]:
    """By the operation to call, the one that settles most first."""
    groups: dict[str, list[Guess]] = {}
    for guess in guesses:
        groups.setdefault(guess.operations[0] if guess.operations else "webhooks", []).append(guess)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def as_text(guesses: list[Guess]) -> str:
    lines = [f"{len(guesses)} guesses; {len(grouped(guesses))} operations, called once each, settle them", ""]
    for operation, group in grouped(guesses).items():
        lines.append(f"{operation} ({len(group)})")
        for guess in group:
            lines.append(f"  {guess.place}")
            lines.append(f"      {guess.kind}, {guess.evidence}: {guess.why or 'no reason given'}")
            lines.append(f"      to settle: {guess.settle}")
        lines.append("")
    return "\n".join(lines)


def as_markdown(guesses: list[Guess]) -> str:
    lines = [
        "# Guesses of the spec",
        "",
        f"{len(guesses)} guesses; {len(grouped(guesses))} operations, called once each, settle them.",
        "",
    ]
    for operation, group in grouped(guesses).items():
        lines += [f"## `{operation}` ({len(group)})", "", "| where | kind | evidence | why | to settle |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| `{guess.place}` | {guess.kind} | {guess.evidence} | {guess.why or '-'} | {guess.settle} |"
            for guess in group
        ]
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", nargs="?", default=DEFAULT_PATH, help="file or git revision (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="also what is not documented without being a guess")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true")
    form.add_argument("--markdown", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        document = load(chosen.source, root=ROOT)
    except CannotLoadError as error:
        print(error, file=sys.stderr)
        return 2
    guesses = [*find_guesses(document, inferred_too=chosen.all), *find_assumptions(document)]
    if chosen.json:
        print(json.dumps({"count": len(guesses), "guesses": [attrs.asdict(guess) for guess in guesses]}, indent=2))
    else:
        print(as_markdown(guesses) if chosen.markdown else as_text(guesses))
    return 0


if __name__ == "__main__":
    sys.exit(main())
