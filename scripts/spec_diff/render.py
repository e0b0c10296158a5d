"""Show the changes as text, Markdown or JSON."""

from __future__ import annotations

import json
from typing import Any

import attrs

from scripts.spec_diff.change import Change
from scripts.spec_diff.facade import Method
from scripts.spec_diff.rules import Severity
from scripts.spec_diff.trace import Touched

Traced = list[tuple[Change, Touched]]
AT_MOST = 12


def summary(traced: Traced) -> str:
    """As in `2 breaking, 1 warning, 3 info`."""
    return ", ".join(f"{count} {word}" for word, count in _counts(traced).items())


def _counts(traced: Traced) -> dict[str, int]:
    return {
        severity.word: sum(change.severity is severity for change, _ in traced)
        for severity in sorted(Severity, reverse=True)
    }


def headline(change: Change) -> str:
    """One change in a line."""
    values = ""
    if change.before is not None and change.after is not None:
        values = f": {change.before} -> {change.after}"
    elif change.before is not None or change.after is not None:
        values = f": {change.before if change.after is None else change.after}"
    side = "" if change.direction == "none" else f"{change.direction} "
    return f"{side}{change.place}: {change.text}{values}"


def _facts(change: Change, touched: Touched) -> list[tuple[str, list[str]]]:
    return [
        ("why", [change.why] if change.why else []),
        ("hint", [change.hint] if change.hint else []),
        ("operations", change.operations),
        ("generated", touched.generated),
        ("facade", [method.label for method in touched.methods]),
        ("also names it", [method.label for method in touched.other_methods]),
        ("reads error bodies", [method.label for method in touched.error_readers]),
        ("docs", touched.documents),
        ("sandbox", touched.sandbox),
        ("webhooks", touched.webhooks),
        ("tests", touched.tests),
        ("cassettes", touched.cassettes),
    ]


def _short(values: list[str]) -> list[str]:
    return values if len(values) <= AT_MOST else [*values[:AT_MOST], f"and {len(values) - AT_MOST} more"]


def as_text(traced: Traced, old: str, new: str) -> str:
    """For a terminal."""
    lines = [f"{old} -> {new}: {summary(traced)}", ""]
    for change, touched in traced:
        lines.append(f"{change.severity.word.upper():8} {headline(change)}  [{change.rule}]")
        for name, values in _facts(change, touched):
            if values:
                lines.append(f"    {name}: " + ("\n" + " " * (6 + len(name))).join(_short(values)))
        lines.append("")
    return "\n".join(lines)


def as_markdown(traced: Traced, old: str, new: str) -> str:
    """For a pull request."""
    lines = [f"# Spec changes: `{old}` to `{new}`", "", f"{summary(traced)}.", ""]
    for severity in sorted(Severity, reverse=True):
        group = [(change, touched) for change, touched in traced if change.severity is severity]
        if group:
            lines += [f"## {severity.word.capitalize()}", ""]
        for change, touched in group:
            lines.append(f"- **{headline(change)}** (`{change.rule}`)")
            for name, values in _facts(change, touched):
                if values:
                    plain = name in ("why", "hint")
                    lines.append(
                        f"  - {name}: " + ", ".join(value if plain else f"`{value}`" for value in _short(values))
                    )
        if group:
            lines.append("")
    return "\n".join(lines)


def _method(method: Method) -> dict[str, Any]:
    return {**attrs.asdict(method), "public": method.public}


def as_json(traced: Traced, old: str, new: str) -> str:
    """For programs."""
    return json.dumps(
        {
            "old": old,
            "new": new,
            "counts": _counts(traced),
            "changes": [
                {
                    **attrs.asdict(change),
                    "severity": change.severity.word,
                    "wire": change.wire.word,
                    "generated": touched.generated,
                    "facade": [_method(method) for method in touched.methods],
                    "also_names_it": [_method(method) for method in touched.other_methods],
                    "reads_error_bodies": [_method(method) for method in touched.error_readers],
                    "documents": touched.documents,
                    "sandbox": touched.sandbox,
                    "webhooks": touched.webhooks,
                    "tests": touched.tests,
                    "cassettes": touched.cassettes,
                }
                for change, touched in traced
            ],
        },
        indent=2,
    )
