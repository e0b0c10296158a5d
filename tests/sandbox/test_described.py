"""Tools of any language ask the sandbox what it serves, and are told how sure each part of it is."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from astra.sandbox import Options, Sandbox
from scripts.spec_document.fast_yaml import safe_load

SPEC = Path(__file__).resolve().parents[2] / "spec" / "astra.yaml"


def described(sandbox: Sandbox, *, host: str | None = None) -> dict[str, Any]:
    """Reads the document with nothing but the standard library, and without a token."""
    request = urllib.request.Request(f"{sandbox.url}/openapi.json", headers={} if host is None else {"Host": host})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] is None
        content = answer.read()
    for secret in (sandbox.control_url.partition("token=")[2], sandbox.client_secret):
        assert secret.encode() not in content
    document: dict[str, Any] = json.loads(content)
    return document


def marks(node: object) -> Iterator[tuple[str, str]]:
    """Yields every extension of a document with its value."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name.startswith("x-") and name != "x-served-by":
                yield name, json.dumps(value, sort_keys=True, default=str)
            yield from marks(value)
    elif isinstance(node, list):
        for value in node:
            yield from marks(value)


@pytest.mark.long
def test_what_is_served_is_a_valid_document_with_every_mark_of_the_spec(sandbox: Sandbox) -> None:
    document = described(sandbox)
    import openapi_spec_validator  # takes seconds, and every worker reads this file

    openapi_spec_validator.validate(document)
    spec = safe_load(SPEC.read_text(encoding="utf-8"))
    assert Counter(marks(document)) == Counter(marks(spec))
    assert document["paths"].keys() == spec["paths"].keys()
    assert document["info"]["x-served-by"].startswith("astra sandbox ")


def test_its_servers_are_where_the_reader_reached_it(sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    document = described(sandbox, host=f"localhost:{port}")
    assert [server["url"] for server in document["servers"]] == [f"http://localhost:{port}"]
    assert "astra.finance" not in json.dumps([path.get("servers") for path in document["paths"].values()])
    (server,) = document["paths"]["/v1/accounts/create"]["post"]["servers"]
    assert server["url"] == f"http://localhost:{port}"


def test_a_secure_host_of_its_own_is_named_where_it_serves() -> None:
    with Sandbox(options=Options(strict_secure_host=True)) as sandbox:
        document = described(sandbox)
        (server,) = document["paths"]["/v1/accounts/create"]["post"]["servers"]
        assert server["url"] == sandbox.secure_url != sandbox.url
        assert document["servers"][0]["url"] == sandbox.url
