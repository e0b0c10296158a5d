"""What is checked of every cassette: no secret in it, valid by the spec, not older than its operation."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import attrs

from astra.testing.kept import FORM_ONLY, PLACEHOLDERS
from scripts.spec_document.fast_yaml import safe_load
from tests.cassettes.recorder import SPEC, spec_digest, stamped
from tests.cassettes.scenarios import scenarios
from tests.cassettes.world import DATA

if TYPE_CHECKING:
    from openapi_core import OpenAPI  # takes three seconds to import, so only what looks at a cassette does

REPLACEMENTS = {**PLACEHOLDERS, **FORM_ONLY}
BEARER = re.compile(r"\b(Bearer|Basic|bearer|basic)\s+(?!REDACTED\b)[A-Za-z0-9+/=_-]{6,}")
MARKED = re.compile(
    r"(?i)[\"']?(access_token|refresh_token|client_secret|ssn|card_number)[\"']?\s*[:=]\s*[\"']?([^\"'&\s,}]+)"
)


@attrs.frozen
class Findings:
    """What is wrong with the cassettes; everything empty is good."""

    operations: int
    cassettes: int
    missing: list[str]
    secrets: list[str]
    violations: list[str]
    stale: list[str]

    @property
    def ok(self) -> bool:
        """True when nothing was found."""
        return not (self.missing or self.secrets or self.violations or self.stale)

    def summary(self) -> str:
        """The one line to print."""
        return (
            f"cassettes: {self.operations} operations x 2, {len(self.secrets)} secrets, "
            f"{len(self.violations)} schema violations"
        )


def check_all(folder: Path = DATA) -> Findings:
    """Checks every cassette of a folder."""
    document = safe_load(SPEC.read_text())
    wanted = {scenario.name: scenario.operation for scenario in scenarios()}
    paths = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    validator = open_validator(document)
    complete = {operation for name, operation in wanted.items() if name in paths}
    return Findings(
        operations=sum({f"{name}.success", f"{name}.failure"} <= set(paths) for name in complete),
        cassettes=len(paths),
        missing=sorted(set(wanted) - set(paths)),
        secrets=[f"{name}: {leak}" for name, path in paths.items() for leak in leaks(path.read_text())],
        violations=[f"{name}: {text}" for name, path in paths.items() for text in violations(path, validator)],
        stale=[
            f"{name}: the spec of {wanted[name]} has changed since; make record"
            for name, path in paths.items()
            if name in wanted and stamped(path).get("spec digest") != spec_digest(document, wanted[name])
        ],
    )


def leaks(text: str) -> list[str]:
    """Names what looks like a secret or a person in a cassette; the value itself is not repeated."""
    found = [f"{match.group(1)} credential" for match in BEARER.finditer(text)]
    found += [
        match.group(1) for match in MARKED.finditer(text) if match.group(2).rstrip("'") not in PLACEHOLDERS.values()
    ]
    for interaction in safe_load(text)["interactions"]:
        request, response = interaction["request"], interaction["response"]
        for body in (request["body"], response["body"]["string"]):
            found += [f"field {name}" for name, value in _fields(body) if value != REPLACEMENTS.get(name, value)]
        sent = {*request["headers"], *response["headers"]}
        found += [f"header {name}" for name in sent if name.lower() in ("cookie", "set-cookie")]
    return found


def _fields(body: Any) -> Iterator[tuple[str, str]]:
    text = body.decode() if isinstance(body, bytes) else body or ""
    try:
        yield from _texts(json.loads(text))
    except ValueError:
        yield from parse_qsl(text)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and item:
                yield name, item
            else:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def open_validator(document: dict[str, Any]) -> OpenAPI:
    """Returns a validator of requests and answers. Times without a zone are fine, as the spec says in words."""
    from openapi_core import Config, OpenAPI

    return OpenAPI.from_dict(document, config=Config(extra_format_validators={"date-time": _is_time}))


def _is_time(value: Any) -> bool:
    try:
        dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return not isinstance(value, str)
    return True


def violations(path: Path, validator: OpenAPI) -> list[str]:
    """Says where the exchanges of a cassette break the spec; a refused request may be wrong, as it was meant to be."""
    from openapi_core.exceptions import OpenAPIError
    from openapi_core.testing import MockRequest, MockResponse

    found = []
    for interaction in safe_load(path.read_text())["interactions"]:
        request, response = interaction["request"], interaction["response"]
        parts = urlsplit(request["uri"])
        secure = parts.path in ("/v1/cards", "/v1/accounts/create") and request["method"] == "POST"
        asked = MockRequest(
            "https://secure.api-sandbox.astra.finance" if secure else f"{parts.scheme}://{parts.netloc}",
            request["method"].lower(),
            parts.path,
            args=dict(parse_qsl(parts.query)),
            headers={"Authorization": request["headers"]["authorization"][0]},
            data=(request["body"] or "").encode() or None,
            content_type=next(iter(request["headers"].get("content-type", ["application/json"]))),
        )
        answered = MockResponse(
            (response["body"]["string"] or "").encode(),
            status_code=response["status"]["code"],
            headers={name: values[0] for name, values in response["headers"].items()},
            content_type=next(iter(response["headers"].get("content-type", ["application/json"]))),
        )
        try:
            if response["status"]["code"] < 400:
                validator.validate_request(asked)
            validator.validate_response(asked, answered)
        except OpenAPIError as error:
            cause = error.__cause__
            details = "; ".join(str(item.message) for item in getattr(cause, "schema_errors", [])) or str(cause or "")
            found.append(f"{request['method']} {parts.path}: {error} {details}".strip())
    return found
