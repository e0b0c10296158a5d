"""A static HTTP server in a process of its own, cheap enough that its clients are what is measured."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).resolve()
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[3]))

from scripts.bench.speed.answers import bodies  # noqa: E402

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_bench_0001\r\ncontent-length: %d\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
CURSOR = re.compile(rb"[?&]cursor=(\d+)")


class Connection(asyncio.Protocol):
    """One connection: reads requests, answers each from the table."""

    def __init__(self, table: dict[bytes, bytes]) -> None:
        self._table = table
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers every request that is complete."""
        assert self._transport is not None
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            length = LENGTH.search(head)
            total = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._waiting) < total:
                return
            self._waiting = self._waiting[total:]
            target = head.split(b" ", 2)[1]
            path = target.partition(b"?")[0]
            cursor = CURSOR.search(target)
            self._transport.write(self._table[path + b"?cursor=" + cursor.group(1) if cursor else path])


class Server:
    """The server as a child process.

    Example:
        with Server() as server:
            httpx.get(server.url + "/v1/transfers")
    """

    url: str

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate()


async def serve() -> None:
    """Serves until the parent closes the input, or is gone."""
    table = {path.encode(): HEAD % len(body) + body for path, body in bodies().items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(table), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
