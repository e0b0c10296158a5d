"""What tests write and read of JSON by hand has our names; what travels may have others (`x-sdk-name` in the spec)."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import httpx
from astra_api.operations import OPERATIONS

from astra._names import Names, names_of_the_spec

ROUTES = [(one.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one.id) for one in OPERATIONS.values()]


def operation_at(method: str, path: str) -> str | None:
    return next((id for known, route, id in ROUTES if known == method and route.fullmatch(path)), None)


def as_sent(operation: str, body: Any) -> Any:
    """The body of a request as it travels."""
    names = names_of_the_spec()
    return body if names is None else names.sent(operation, body)


def as_answered(operation: str, body: Any) -> Any:
    """The body of a success as it travels."""
    names = names_of_the_spec()
    return body if names is None else names.answered(operation, body)


def as_read(operation: str | None, status: int, body: Any) -> Any:
    """The body of an answer that travelled, with our names."""
    names = names_of_the_spec()
    if names is None or operation is None:
        return body
    if status < 300:
        return names.read(operation, body)
    if isinstance(body, dict) and isinstance(body.get("description"), dict):
        return {**body, "description": names.heard(operation, names.received(operation, body["description"]))}
    return body


def answer_at(method: str, path: str, status: int, content: bytes) -> bytes:
    """The body of an answer to a request as it travels."""
    operation = operation_at(method, path.partition("?")[0])
    if names_of_the_spec() is None or operation is None or status >= 300:
        return content
    with contextlib.suppress(ValueError, RecursionError):
        written = json.loads(content)
        travels = as_answered(operation, written)
        return content if travels == written else json.dumps(travels).encode()
    return content


def as_it_travels(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
    """An answer of a transport that a test wrote; a body that is still to come is left alone."""
    if not answer.is_closed:
        return answer
    content = answer_at(request.method, request.url.path, answer.status_code, answer.content)
    if content == answer.content:
        return answer
    headers = [(name, value) for name, value in answer.headers.items() if name != "content-length"]
    return type(answer)(answer.status_code, headers=headers, content=content)


def request_at(method: str, path: str, content: bytes) -> Any:
    """The JSON of a request that travelled, with our names."""
    names, operation = names_of_the_spec(), operation_at(method, path.partition("?")[0])
    body = json.loads(content)
    return body if names is None or operation is None else names.received(operation, body)


class Translating(httpx.HTTPTransport):
    """Sends Astra's names, and gives ours back."""

    def __init__(self, names: Names) -> None:
        super().__init__(trust_env=False)
        self._names = names

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        operation = operation_at(request.method, request.url.path)
        if operation is None:
            return super().handle_request(request)
        content = request.read()
        if "json" in request.headers.get("Content-Type", ""):
            with contextlib.suppress(ValueError, RecursionError):
                body = json.loads(content)
                sent = self._names.sent(operation, body)
                content = content if sent == body else json.dumps(sent).encode()
        url = request.url
        if url.query:
            url = url.copy_with(params=self._names.asked(operation, dict(url.params)))
        headers = [pair for pair in request.headers.raw if pair[0].lower() != b"content-length"]
        answer = super().handle_request(
            httpx.Request(request.method, url, headers=headers, content=content, extensions=request.extensions)
        )
        raw = answer.read()
        with contextlib.suppress(ValueError):
            raw = json.dumps(as_read(operation, answer.status_code, json.loads(raw))).encode()
        kept = [pair for pair in answer.headers.raw if pair[0].lower() != b"content-length"]
        return httpx.Response(answer.status_code, headers=kept, content=raw)


def our_names() -> httpx.HTTPTransport | None:
    """For a client of the sandbox; None while every name is the one that travels."""
    names = names_of_the_spec()
    return None if names is None else Translating(names)
