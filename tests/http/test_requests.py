"""What a request and its body look like to the library that sends them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from astra.http._sync.transport import Transport
from astra.http.responses import Headers, TransportResponse
from tests.engine import httpx


@pytest.mark.parametrize(
    ("method", "content", "length"),
    [("GET", None, None), ("DELETE", None, None), ("POST", None, "0"), ("PATCH", b"", "0"), ("POST", b"{}", "2")],
)
def test_a_request_has_its_host_and_its_length(method: str, content: bytes | None, length: str | None) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Request-Id": "req_1"}, content=b"{}")

    reply = send(httpx.MockTransport(answer), method=method, content=content)
    assert isinstance(reply, TransportResponse)
    request = seen[0]
    assert request.headers["host"] == "api.astra.finance"
    assert request.headers.get("content-length") == length
    assert "transfer-encoding" not in request.headers
    assert request.content == (content or b"")
    assert str(request.url) == "https://api.astra.finance/v1/things?page_size=10"


@pytest.mark.parametrize("kind", ["transport", "client"])
def test_a_compressed_answer_is_decompressed(kind: str) -> None:
    body = gzip.compress(b'{"id": 1}')
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(body))
    )
    with httpx.Client(transport=transport) as client:
        reply = send(transport if kind == "transport" else client)
    assert isinstance(reply, TransportResponse)
    assert reply.content == b'{"id": 1}'


def test_an_answer_that_a_hook_has_read_is_read_again() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    def read(response: httpx.Response) -> None:
        response.read()

    with httpx.Client(transport=httpx.MockTransport(answer), event_hooks={"response": [read]}) as client:
        reply = send(client)
    assert isinstance(reply, TransportResponse)
    assert reply.content == b"{}"


def send(sender: httpx.Client | httpx.BaseTransport, *, method: str = "GET", content: bytes | None = None) -> Any:
    return Transport(http_client=sender).send(
        method,
        "https://api.astra.finance",
        "/v1/things?page_size=10",
        headers=Headers(),
        content=content,
        connect=5,
        read=5,
        deadline=1e18,
    )
