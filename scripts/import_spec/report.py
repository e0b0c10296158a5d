"""The report of an import as text, Markdown or JSON."""

from __future__ import annotations

import json
from typing import Any

import attrs

from scripts.import_spec.adopt import Adopted
from scripts.import_spec.judge import Verdict
from scripts.import_spec.overlay import Applied
from scripts.spec_document.load import Document

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
    adopted: Adopted | None = None  # what was written into our spec
    source: str = ""  # whose word it is, when it is no document


def counts(imported: Imported) -> dict[str, int]:
    """How many guesses were confirmed, contradicted, left open."""
    return {outcome: sum(v.outcome == outcome for v in imported.verdicts) for outcome in OUTCOMES}


def as_text(imported: Imported) -> str:
    """For a terminal."""
    total = ", ".join(f"{count} {outcome}" for outcome, count in counts(imported).items())
    lines = [*([imported.source] if imported.source else []), f"{len(imported.verdicts)} guesses: {total}", ""]
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
    lines += _adopted_text(imported.adopted) if imported.adopted else []
    lines.append(f"does it move money? taken as yes until said: {', '.join(imported.assumed_money) or 'none'}")
    return "\n".join(lines)


def as_markdown(imported: Imported) -> str:
    """For a pull request."""
    total = ", ".join(f"{count} {outcome}" for outcome, count in counts(imported).items())
    whose = [f"Of {imported.source}.", ""] if imported.source else []
    lines = ["# Import report", "", *whose, f"{len(imported.verdicts)} guesses: {total}.", ""]
    for outcome in OUTCOMES:
        group = [verdict for verdict in imported.verdicts if verdict.outcome == outcome]
        if group:
            lines += [f"## {outcome.capitalize()} ({len(group)})", "", "| guess | what it says |", "|---|---|"]
            lines += [f"| `{verdict.guess.place}` | {verdict.detail} |" for verdict in group]
            lines.append("")
    lines += [f"Operations it lacks: {', '.join(imported.missing) or 'none'}.", ""]
    lines += [f"Operations we lack: {', '.join(imported.unknown) or 'none'}.", ""]
    if imported.adopted:
        for title, entries in _sections(imported.adopted):
            lines += [f"## {title} ({len(entries)})", "", *(f"- {entry}" for entry in entries), ""]
    lines += [f"Does it move money? Taken as yes until said: {', '.join(imported.assumed_money) or 'none'}."]
    return "\n".join(lines)


def as_json(imported: Imported) -> str:
    """For programs."""
    return json.dumps(
        {
            **({"source": imported.source} if imported.source else {}),
            "counts": counts(imported),
            "guesses": [
                {"place": verdict.guess.place, "outcome": verdict.outcome, "detail": verdict.detail}
                for verdict in imported.verdicts
            ],
            "overlay": [attrs.asdict(action) for action in imported.applied],
            "missing_operations": imported.missing,
            "unknown_operations": imported.unknown,
            "assumed_to_move_money": imported.assumed_money,
            **({"adopted": _adopted_json(imported.adopted)} if imported.adopted else {}),
        },
        indent=2,
    )


def _sections(adopted: Adopted) -> list[tuple[str, list[str]]]:
    return [
        ("Written into the spec", adopted.done),
        ("For a person", adopted.tasks),
        ("Hand edits", [one.line for one in adopted.hand_edits]),
        ("Fields of ours that they do not list", adopted.not_listed),
    ]


def _adopted_text(adopted: Adopted) -> list[str]:
    lines = [""]
    for title, entries in _sections(adopted):
        lines += [f"{title.upper()} ({len(entries)})", *(f"  {entry}" for entry in entries), ""]
    return lines


def _adopted_json(adopted: Adopted) -> dict[str, Any]:
    return {key: value for key, value in attrs.asdict(adopted).items() if key != "text"}
