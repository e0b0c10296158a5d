"""An answer has a size limit, also when it is compressed, and what is larger costs little memory."""

from __future__ import annotations

import gzip
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import cache, reduce

import pytest

import astra
from tests.engine import httpx
from tests.http.servers import serving
from tests.http.test_outcome_unknown import pay

MIB = 2**20
BOMB = 300 * MIB


@cache
def compressed(kind: str) -> bytes:
    """300 MiB of zeros. Each MiB is compressed alone, so that one is done once and stands there 300 times."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * (BOMB // MIB) + packer.flush()
    sums = zlib.crc32 if kind == "gzip" else zlib.adler32
    checksum = reduce(lambda so_far, _: sums(bytes(MIB), so_far), range(BOMB // MIB), sums(b""))
    if kind == "gzip":
        return gzip.compress(b"")[:10] + packed + struct.pack("<II", checksum, BOMB)
    return zlib.compress(b"")[:2] + packed + struct.pack(">I", checksum)


def answering(
    body: bytes, *headers: bytes, times: int = 1, length: bool = True
) -> Callable[[socket.socket, bytes], None]:
    more = (b"Content-Length: %d" % (len(body) * times) if length else b"Connection: close", *headers)

    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\n" + b"\r\n".join(more) + b"\r\n\r\n")
        for _ in range(times):
            connection.sendall(body)
        if not length:
            connection.close()

    return handler


LARGE: dict[str, Callable[[], Callable[[socket.socket, bytes], None]]] = {
    "announced": lambda: answering(bytes(MIB), times=300),
    "not announced": lambda: answering(bytes(MIB), times=300, length=False),
    "gzip": lambda: answering(compressed("gzip"), b"Content-Encoding: gzip"),
    "deflate": lambda: answering(compressed("deflate"), b"Content-Encoding: deflate"),
    "gzip in gzip": lambda: answering(gzip.compress(compressed("gzip")), b"Content-Encoding: gzip, gzip"),
}

PROGRAM = """
import asyncio, resource, sys, astra
kind, origin = sys.argv[1:]
options = {}
if kind.startswith("given"):
    from tests.engine import httpx
    options["http_client"] = httpx.Client() if kind == "given" else httpx.AsyncClient()
client = (astra.Astra if kind in ("sync", "given") else astra.AsyncAstra)("id", "secret", base_url=origin, **options)

def call():
    try:
        if kind in ("sync", "given"):
            client.bins.get("400022")
        else:
            async def wait():
                await client.bins.get("400022")
            asyncio.run(wait())
    except astra.AstraError as error:
        return type(error).__name__

from astra.http.library import Library
from astra.config import http_library
Library(http_library()).module.create_ssl_context()
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 2**20)

before = peak()
print(call(), peak() - before)
"""


@pytest.mark.sampled(4)
@pytest.mark.parametrize("case", LARGE)
@pytest.mark.parametrize("kind", ["sync", "async", "given", "given async"])
def test_an_answer_that_is_too_large_is_an_error_of_its_own_and_costs_little_memory(kind: str, case: str) -> None:
    with serving(LARGE[case]()) as server:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, kind, server.origin],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    name, grown = done.stdout.split()
    assert name == "ResponseTooLargeError"
    assert int(grown) < 64
    assert len(server.requests) == 1


def test_a_payment_whose_answer_is_too_large_is_uncertain() -> None:
    with (
        serving(LARGE["announced"]()) as server,
        astra.Astra("id", "secret", base_url=server.origin) as client,
        pytest.raises(astra.UncertainOutcomeError, match="max_response_size") as caught,
    ):
        pay(client)
    assert (caught.value.status_code, caught.value.request_id) == (200, "req_1")
    assert len(server.requests) == 1


def test_the_limit_can_be_set() -> None:
    body = b'{"bin": "400022"}'
    with serving(answering(body)) as server:
        for limit in (len(body), len(body) - 1):
            with astra.Astra("id", "secret", base_url=server.origin, max_response_size=limit) as client:
                if limit == len(body):
                    assert client.bins.get("400022").request_id == "req_1"
                else:
                    with pytest.raises(astra.ResponseTooLargeError, match="16 bytes"):
                        client.bins.get("400022")


def test_an_answer_that_a_hook_has_read_has_the_limit_too() -> None:
    with (
        serving(answering(b'{"bin": "400022"}')) as server,
        httpx.Client(event_hooks={"response": [lambda response: response.read()]}) as http,
        astra.Astra("id", "secret", base_url=server.origin, max_response_size=5, http_client=http) as client,
        pytest.raises(astra.ResponseTooLargeError),
    ):
        client.bins.get("400022")


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "16"])
def test_what_is_no_limit_is_refused(limit: object) -> None:
    with pytest.raises(astra.ConfigurationError, match="max_response_size"):
        astra.Astra("id", "secret", max_response_size=limit)  # type: ignore[arg-type]
