"""The surface as a file, one line for each thing, so that a pull request shows what it changes."""

from __future__ import annotations

import json

import attrs

from scripts.api_surface.read import Entry, Parameter, Surface

FILE = "docs/public-api.json"


def dump(surface: Surface) -> str:
    """As the text of the file."""
    lines = [f"  {json.dumps(path)}: {json.dumps(_plain(entry))}" for path, entry in sorted(surface.items())]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def parse(text: str) -> Surface:
    """From the text of the file."""
    return {
        path: Entry(
            kind=entry["kind"],
            parameters=tuple(Parameter(*parameter) for parameter in entry.get("parameters", [])),
            returns=entry.get("returns", ""),
        )
        for path, entry in json.loads(text).items()
    }


def _plain(entry: Entry) -> dict[str, object]:
    plain: dict[str, object] = {"kind": entry.kind}
    if entry.parameters:
        plain["parameters"] = [list(attrs.astuple(parameter)) for parameter in entry.parameters]
    if entry.returns:
        plain["returns"] = entry.returns
    return plain
