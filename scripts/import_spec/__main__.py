"""Import Astra's OpenAPI document or its fragments, and report which of our guesses it settles.

Example:
    python -m scripts.import_spec astra-developer-api.json --output build/imported.yaml
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import attrs
import yaml

from scripts.import_spec.judge import Verdict, judge, match_operations
from scripts.import_spec.overlay import Applied, BadOverlayError, apply
from scripts.import_spec.sources import read_sources
from scripts.spec_document.load import DEFAULT_PATH, CannotLoadError, Document, load
from scripts.spec_document.money import is_marked, without_mark
from scripts.spec_document.output import say
from scripts.spec_document.walk import operations

ROOT = Path(__file__).resolve().parent.parent.parent
OUTCOMES = ("contradicted", "confirmed", "open")


@attrs.frozen
class Imported:
    """What an import found out."""

    document: Document
    applied: list[Applied]
    verdicts: list[Verdict]
    missing: list[str]  # operations of ours that it lacks
    unknown: list[str]  # operations of it that we lack
    assumed_money: list[str]  # of which nobody has said whether they move money


def import_spec(paths: list[Path], *, ours: Document, overlay: Document) -> Imported:
    """Reads, overlays and judges. See `main` for the command."""
    document, applied = apply(overlay, read_sources(paths))
    assumed_money = without_mark(document)
    for operation in operations(document):
        if not is_marked(operation):
            operation.node["x-money"] = True
    twins = match_operations(ours, document)
    known = {operation.label for operation in twins.values()}
    return Imported(
        document=document,
        applied=applied,
        verdicts=judge(ours, document),
        missing=[operation.id for operation in operations(ours) if operation.id not in twins],
        unknown=[operation.label for operation in operations(document) if operation.label not in known],
        assumed_money=assumed_money,
    )


def counts(imported: Imported) -> dict[str, int]:
    """How many guesses were confirmed, contradicted, left open."""
    return {outcome: sum(v.outcome == outcome for v in imported.verdicts) for outcome in OUTCOMES}


def as_text(imported: Imported) -> str:
    """For a terminal."""
    total = ", ".join(f"{count} {outcome}" for outcome, count in counts(imported).items())
    lines = [f"{len(imported.verdicts)} guesses: {total}", ""]
    for outcome in OUTCOMES:
        group = [verdict for verdict in imported.verdicts if verdict.outcome == outcome]
        if group:
            lines.append(f"{outcome.upper()} ({len(group)})")
            lines += [f"  {verdict.guess.place}: {verdict.detail}" for verdict in group]
            lines.append("")
    idle = [action for action in imported.applied if not action.count]
    lines.append(f"overlay: {len(imported.applied) - len(idle)} actions applied, {len(idle)} met nothing")
    lines.append(f"operations it lacks: {', '.join(imported.missing) or 'none'}")
    lines.append(f"operations we lack: {', '.join(imported.unknown) or 'none'}")
    lines.append(f"does it move money? taken as yes until said: {', '.join(imported.assumed_money) or 'none'}")
    return "\n".join(lines)


def as_markdown(imported: Imported) -> str:
    """For a pull request."""
    total = ", ".join(f"{count} {outcome}" for outcome, count in counts(imported).items())
    lines = ["# Import report", "", f"{len(imported.verdicts)} guesses: {total}.", ""]
    for outcome in OUTCOMES:
        group = [verdict for verdict in imported.verdicts if verdict.outcome == outcome]
        if group:
            lines += [f"## {outcome.capitalize()} ({len(group)})", "", "| guess | what it says |", "|---|---|"]
            lines += [f"| `{verdict.guess.place}` | {verdict.detail} |" for verdict in group]
            lines.append("")
    lines += [f"Operations it lacks: {', '.join(imported.missing) or 'none'}.", ""]
    lines += [f"Operations we lack: {', '.join(imported.unknown) or 'none'}.", ""]
    lines += [f"Does it move money? Taken as yes until said: {', '.join(imported.assumed_money) or 'none'}."]
    return "\n".join(lines)


def as_json(imported: Imported) -> str:
    """For programs."""
    return json.dumps(
        {
            "counts": counts(imported),
            "guesses": [
                {"place": verdict.guess.place, "outcome": verdict.outcome, "detail": verdict.detail}
                for verdict in imported.verdicts
            ],
            "overlay": [attrs.asdict(action) for action in imported.applied],
            "missing_operations": imported.missing,
            "unknown_operations": imported.unknown,
            "assumed_to_move_money": imported.assumed_money,
        },
        indent=2,
    )


FORMS = {"text": as_text, "markdown": as_markdown, "json": as_json}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Answers 0, or 2 when something cannot be read."""
    parser = argparse.ArgumentParser(prog="import-spec", description="Judge our guesses by Astra's own OpenAPI.")
    parser.add_argument("files", nargs="+", type=Path, help="document, fragments, Markdown pages or folders of these")
    parser.add_argument("--output", type=Path, help="write the overlaid document here, for spec-diff")
    parser.add_argument("--overlay", default="spec/overlay.yaml")
    parser.add_argument("--ours", default=DEFAULT_PATH, help="our spec: file or git revision")
    parser.add_argument("--format", choices=sorted(FORMS), default="text")
    chosen = parser.parse_args(arguments)
    try:
        imported = import_spec(chosen.files, ours=load(chosen.ours, root=ROOT), overlay=load(chosen.overlay, root=ROOT))
    except CannotLoadError as error:
        print(error, file=sys.stderr)
        return 2
    except BadOverlayError as error:
        print(f"{chosen.overlay} cannot be applied to {', '.join(map(str, chosen.files))}: {error}", file=sys.stderr)
        return 2
    say(FORMS[chosen.format](imported))
    if chosen.output:
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(yaml.safe_dump(imported.document, sort_keys=False, width=120), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
