"""A server on loopback that answers everything with what a test gives it, and a client of it with a drift store."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import astra
from astra.drift import DriftName, open_drift_store
from astra.tokens import TokenAnswer
from tests.http.servers import RawServer, serving

TRANSFER = {"id": "tr_1", "amount": 5, "status": "processed"}
TOKEN = TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt")


def answering(body: object, *, status: int = 200, request_id: str = "req_1") -> RawServer:
    """Serves one answer again and again; what is no text or bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nRequest-Id: {request_id}\r\nContent-Length: {len(content)}\r\n\r\n"

    def handler(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head.encode() + content)

    return serving(handler)


@contextmanager
def client_of(server: RawServer, store: Any) -> Iterator[astra.Astra]:
    with astra.Astra("id", "secret", base_url=server.origin, drift_store=store, max_retries=0) as client:
        client.tokens.store_answer("customer-42", TOKEN, astra_user_id="usr_1")
        yield client


def names_in(path: Path) -> list[DriftName]:
    return list(open_drift_store(path).select())


def differences(path: Path) -> dict[tuple[str, str, str], DriftName]:
    return {(one.kind, one.place, one.name): one for one in names_in(path) if one.is_different}
