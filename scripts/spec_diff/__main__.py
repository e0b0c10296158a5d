"""Compare two specs and say what breaks.

Example:
    python -m scripts.spec_diff HEAD~1 spec/astra.yaml --format markdown
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.spec_diff.compare import compare
from scripts.spec_diff.facade import read_facade
from scripts.spec_diff.render import Traced, as_json, as_markdown, as_text
from scripts.spec_diff.rules import Severity
from scripts.spec_diff.trace import Tracer
from scripts.spec_diff.unsaid import is_unsaid
from scripts.spec_document.load import CannotLoadError, load
from scripts.spec_document.output import complain, say
from scripts.spec_document.wellformed import check

ROOT = Path(__file__).resolve().parent.parent.parent
FORMS = {"text": as_text, "markdown": as_markdown, "json": as_json}
FAIL_ON = {"breaking": Severity.BREAKING, "warning": Severity.WARNING, "any": Severity.INFO, "never": None}


def diff(old: str, new: str, *, root: Path = ROOT, shared: bool = False) -> Traced:
    """Compares two sources (files or git revisions) and traces each change through the repository at `root`.

    With `shared`, what the new one merely does not say is no change.
    """
    before, after = load(old, root=root), load(new, root=root)
    check(before, label=old)
    check(after, label=new)
    tracer = Tracer(before, after, read_facade(root), root)
    found = [change for change in compare(before, after) if not (shared and is_unsaid(change))]
    return [(change, tracer.trace(change)) for change in found]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Answers 0; 1 when there is a change as bad as `--fail-on`; 2 when a source cannot be read."""
    parser = argparse.ArgumentParser(prog="spec-diff", description="Compare two specs and say what breaks.")
    parser.add_argument("old", help="file, REVISION:path, or a git revision (its spec/astra.yaml)")
    parser.add_argument("new", nargs="?", default="spec/astra.yaml", help="the same; default: %(default)s")
    parser.add_argument("--format", choices=sorted(FORMS), default="text")
    parser.add_argument("--fail-on", choices=sorted(FAIL_ON), default="breaking")
    parser.add_argument("--shared", action="store_true", help="NEW is an import: leave out what it does not say")
    parser.add_argument("--root", type=Path, default=ROOT, help="repository to trace through (default: this one)")
    chosen = parser.parse_args(arguments)
    try:
        traced = diff(chosen.old, chosen.new, root=chosen.root, shared=chosen.shared)
    except CannotLoadError as error:
        complain(error)
        return 2
    say(FORMS[chosen.format](traced, chosen.old, chosen.new))
    limit = FAIL_ON[chosen.fail_on]
    return int(limit is not None and any(change.severity >= limit for change, _ in traced))


if __name__ == "__main__":
    sys.exit(main())
