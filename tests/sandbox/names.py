"""An HTTP client of a test writes and reads our names, whatever the spec says travels."""

from __future__ import annotations

import contextlib
import json
import re

import httpx
from astra_api.operations import OPERATIONS

from astra._names import Names, names_of_the_spec


class Translating(httpx.HTTPTransport):
    """Sends Astra's names, and gives ours back."""

    def __init__(self, names: Names) -> None:
        super().__init__(trust_env=False)
        self._names = names
        self._routes = [
            (one.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one.id) for one in OPERATIONS.values()
        ]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        operation = next(
            (id for method, path, id in self._routes if method == request.method and path.fullmatch(request.url.path)),
            None,
        )
        if operation is None:
            return super().handle_request(request)
        content = request.read()
        if "json" in request.headers.get("Content-Type", ""):
            with contextlib.suppress(ValueError):
                content = json.dumps(self._names.sent(operation, json.loads(content))).encode()
        url = request.url
        if url.query:
            url = url.copy_with(params=self._names.asked(operation, dict(url.params)))
        headers = [pair for pair in request.headers.raw if pair[0].lower() != b"content-length"]
        answer = super().handle_request(httpx.Request(request.method, url, headers=headers, content=content))
        raw = answer.read()
        try:
            body = json.loads(raw)
        except ValueError:
            return answer
        if answer.status_code < 300:
            body = self._names.read(operation, body)
        elif isinstance(body, dict) and isinstance(body.get("description"), dict):
            told = self._names.heard(operation, self._names.received(operation, body["description"]))
            body = {**body, "description": told}
        kept = [pair for pair in answer.headers.raw if pair[0].lower() != b"content-length"]
        return httpx.Response(answer.status_code, headers=kept, content=json.dumps(body).encode())


def our_names() -> httpx.HTTPTransport | None:
    """For a client of the sandbox; None while every name is the one that travels."""
    names = names_of_the_spec()
    return None if names is None else Translating(names)
