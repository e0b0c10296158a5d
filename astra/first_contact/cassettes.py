"""What was said on the way, scrubbed, as cassettes that say whom they were recorded against."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from astra_api.operations import OPERATIONS

from astra.conformance.run import SHORTEST_SECRET
from astra.conformance.wire import Exchange
from astra.first_contact.intents import write_whole
from astra.first_contact.judge import body_of
from astra.testing.kept import MASKED
from astra.testing.provenance import claim_of
from astra.testing.vcr import vcr_settings

SUCCESS = re.compile(r"^ +code: 2\d\d$", re.MULTILINE)
PARAMETER = re.compile(r"\{[^}]*\}")


def write(folder: Path, exchanges: Iterable[Exchange], *, secrets: Collection[str] = ()) -> list[Path]:
    """Writes a cassette for each operation that was called. One of refusals replaces none of a success.

    Args:
        folder: where to; it is made.
        exchanges: what was said.
        secrets: what must not stand in a file wherever it was said.

    Returns:
        The files that were written.

    Raises:
        ConfigurationError: vcrpy is not installed, or too old.
    """
    settings = vcr_settings()
    groups: dict[str, list[Exchange]] = {}
    routes = {(row.method, shape(row.path)): name for name, row in OPERATIONS.items()}
    for exchange in exchanges:
        name = routes.get((exchange.method, shape(exchange.path)))
        if name is not None:
            groups.setdefault(name, []).append(exchange)
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for name, said in sorted(groups.items()):
        file = folder / f"{name}.yaml"
        if not any(200 <= one.status < 300 for one in said) and has_success(file):
            continue
        text = serialized(said, settings)
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, MASKED)
        write_whole(file, f"# recorded against: {claim_of(said[0].url, on=None)}\n# operation: {name}\n{text}")
        files.append(file)
    return files


def has_success(file: Path) -> bool:
    """Tells whether a cassette is there that holds an answer with a success."""
    try:
        return SUCCESS.search(file.read_text(encoding="utf-8")) is not None
    except (OSError, ValueError):
        return False


def shape(path: str) -> str:
    """Returns a path without the names of its parameters, and whatever stands between its words."""
    return PARAMETER.sub("{}", path).replace("-", "_")


def serialized(exchanges: Sequence[Exchange], settings: dict[str, Any]) -> str:
    """Returns exchanges as the text of a cassette, with nothing in it that `vcr_settings` takes out."""
    request_class: Any = import_module("vcr.request").Request  # vcrpy carries no types
    ask, answer = settings["before_record_request"], settings["before_record_response"]
    cassette: dict[str, list[Any]] = {"requests": [], "responses": []}
    for one in exchanges:
        # An answer is scrubbed with what was said in the request before it.
        cassette["requests"].append(ask(request_class(one.method, one.url, one.sent, dict(one.asked))))
        headers = {**one.headers, "request-id": one.request_id or ""}
        reply = {
            "status": {"code": one.status, "message": ""},
            "headers": {name: [value] for name, value in headers.items() if value},
            # What is no JSON has no names by which it could be scrubbed.
            "body": {"string": b"" if body_of(one.content) is None else one.content},
        }
        cassette["responses"].append(answer(reply))
    text: str = import_module("vcr.serialize").serialize(cassette, import_module("vcr.serializers.yamlserializer"))
    return text
