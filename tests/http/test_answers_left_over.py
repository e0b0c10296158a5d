"""What a server sends beyond its answer is nobody's answer: not that of the next call, not that of another user."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine import httpx
from tests.http.paying import FLAVOURS, Flavour, run
from tests.http.servers import serving

IDS = ["tr_1", "tr_2", "tr_3"]


def whole(body: Any, *, chunked: bool = False) -> bytes:
    content = json.dumps(body).encode()
    if chunked:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)


STRAY = whole({"id": "STALE"})
BEYOND: dict[str, bytes] = {
    "a whole answer": STRAY,
    "two of them": STRAY + STRAY,
    "the beginning of one": STRAY[:30],
    "an early hint": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "a line break": b"\r\n",
}


def read_three(flavour: Flavour, server: Any, *, given: bool = False) -> list[str]:
    client = (httpx.Client if flavour == "blocking" else httpx.AsyncClient)() if given else None

    def blocking(user: Any) -> list[str]:
        with client or contextlib.nullcontext():
            return [user.transfers.get(one).id for one in IDS]

    async def on_a_loop(user: Any) -> list[str]:
        async with client or contextlib.nullcontext():
            return [(await user.transfers.get(one)).id for one in IDS]

    return run(flavour, server, blocking if flavour == "blocking" else on_a_loop, http_client=client)


def answering(beyond: bytes, *, chunked: bool) -> Callable[[socket.socket, bytes], None]:
    def handle(connection: socket.socket, request: bytes) -> None:
        asked = request.split(b" ")[1].decode().rpartition("/")[2]
        connection.sendall(whole({"id": asked}, chunked=chunked) + (beyond if asked == "tr_1" else b""))

    return handle


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("given", [False, True], ids=["own connections", "a given client"])
@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
@pytest.mark.parametrize("beyond", BEYOND.values(), ids=BEYOND)
def test_what_comes_beyond_an_answer_is_not_the_answer_to_the_next_call(
    flavour: Flavour, given: bool, chunked: bool, beyond: bytes
) -> None:
    with serving(answering(beyond, chunked=chunked)) as server:
        assert read_three(flavour, server, given=given) == IDS
        assert len(server.requests) == len(IDS)
        assert server.connections == 2


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_connection_that_brought_no_more_than_its_answer_is_used_again(flavour: Flavour) -> None:
    with serving(answering(b"", chunked=False)) as server:
        assert read_three(flavour, server) == IDS
        assert server.connections == 1
