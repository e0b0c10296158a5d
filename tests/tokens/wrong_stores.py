"""Grants in a store, an Astra on this machine that counts what it is sent, and all who may come to them."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import attrs
import psycopg
import pytest
import redis
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from astra import Astra, AsyncAstra
from astra.cli.tokens import app
from astra.errors import AstraError
from astra.testing.store_contract import make_grant
from astra.tokens import BoundStore, Grant, Identity, open_store

KEY, WRONG = (Fernet.generate_key().decode() for _ in range(2))
ME = Identity("sandbox@loopback", "client-1")
COUNT = int(os.environ.get("WRONG_STORES_GRANTS", "150"))
"""More than one page and one batch; `make wrong-stores` takes a thousand."""
NAMES = [f"k{number:04}" for number in range(COUNT)]
RELEASE_0_1_0 = Path(__file__).parent / "release_0_1_0"
DAY = 86_400.0


class CountingAstra(ThreadingHTTPServer):
    """Knows the tokens of all of them, refuses all others, and remembers every request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.received: list[str] = []
        self.believes = True

    @contextmanager
    def running(self) -> Iterator[CountingAstra]:
        thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join(20)
            self.server_close()

    def answer(self, path: str, token: str) -> tuple[int, dict[str, Any]]:
        self.received.append(token)
        name = token.rpartition("-")[2]
        if not self.believes or name not in NAMES:
            return 400 if path.endswith("/token") else 401, {"error": "invalid_grant"}
        if path.endswith("/token"):
            return 200, {"access_token": f"new-{name}", "expires_in": 7200, "refresh_token": f"next-{name}"}
        return 200, {"id": f"usr-of-{name}"}


class Handler(BaseHTTPRequestHandler):
    """Answers in one piece, so that the kernel does not wait for more."""

    protocol_version = "HTTP/1.1"
    server: CountingAstra

    def do_GET(self) -> None:
        self.reply(self.headers["Authorization"].removeprefix("Bearer "))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.reply(form["refresh_token"][0])

    def reply(self, token: str) -> None:
        status, body = self.server.answer(self.path, token)
        content = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


# -- stores ----------------------------------------------------------------------------------------------------------


def fill(url: str, now: float) -> None:
    """Saves all of them, encrypted, due, and with access tokens that have expired."""
    issued = now - 6 * DAY
    times = {"refreshed_at": issued, "access_expires_at": issued + 7200, "refresh_expires_at": issued + 10 * DAY}
    with open_store(url).for_identity(ME, keys=[KEY]) as grants:
        assert all(grants.save_many([(make_grant(name, identity=ME, **times), None) for name in NAMES]))


def fill_as_release_0_1_0(url: str, now: float) -> None:
    """Writes all of them as release 0.1.0 did: by its schema, under Fernet."""
    issued, fernet = now - 6 * DAY, Fernet(KEY)
    rows = [
        {
            "key": name,
            "access_token": fernet.encrypt(f"access-of-{name}".encode()).decode(),
            "access_expires_at": issued + 7200,
            "refresh_token": fernet.encrypt(f"refresh-of-{name}".encode()).decode(),
            "refresh_expires_at": issued + 10 * DAY,
            "astra_user_id": f"usr-of-{name}",
            "version": 1,
            "state": "active",
            "refreshed_at": issued,
        }
        for name in NAMES
    ]
    columns = ", ".join(rows[0])
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.partition(":///")[2])) as connection, connection:
            connection.executescript((RELEASE_0_1_0 / "sqlite-fernet.sql").read_text(encoding="utf-8"))
            connection.execute("DELETE FROM astra_grants")
            places = ", ".join(f":{column}" for column in rows[0])
            connection.executemany(f"INSERT INTO astra_grants ({columns}) VALUES ({places})", rows)
    elif url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            pipeline = client.pipeline()
            for row in rows:
                name = str(row.pop("key"))
                pipeline.hset("{astra}:grant:" + name, mapping={field: str(value) for field, value in row.items()})
                pipeline.zadd("{astra}:due", {name: issued})
                pipeline.zadd("{astra}:keys", {name: 0})
                pipeline.zadd("{astra}:user:" + str(row["astra_user_id"]), {name: issued})
            pipeline.execute()
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute((RELEASE_0_1_0 / "postgresql-fernet.sql").read_text(encoding="utf-8").encode())
            connection.execute("DELETE FROM astra_grants")
            places = ", ".join(f"%({column})s" for column in rows[0])
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO astra_grants ({columns}) VALUES ({places})".encode(), rows)


def swap_rows(url: str) -> None:
    """Gives each user the ciphertexts of a neighbour, as somebody with write access and no key can; twice is never."""
    with open_store(url) as store:
        rows = [grant for grant in (store.load(ME, name) for name in NAMES) if grant is not None]
    neighbours = [rows[number ^ 1] for number in range(COUNT)]
    put(
        url,
        [
            attrs.evolve(row, access_token=other.access_token, refresh_token=other.refresh_token)
            for row, other in zip(rows, neighbours, strict=True)
        ],
    )


def put(url: str, grants: Sequence[Grant]) -> None:
    """Makes rows of a store what they are to be, without a look at what was there."""
    with open_store(url) as store:
        for grant in grants:
            store.delete(grant.identity, grant.key)
        assert all(store.save_many([(grant, None) for grant in grants]))


def rows_of(url: str) -> list[Grant]:
    """All rows of a store, of whomever, as they are."""
    with open_store(url) as store:
        found = [
            grant for one in store.identities() for batch in store.for_identity(one).batches() for grant in batch.grants
        ]
    return sorted(found, key=lambda grant: grant.key)


# -- who comes -------------------------------------------------------------------------------------------------------


@attrs.frozen
class Visit:
    """How somebody comes to a store: with which keys, as whose client, and when."""

    url: str
    astra: CountingAstra
    keys: Sequence[str]
    environment: str
    client_id: str
    now: float

    @property
    def options(self) -> dict[str, Any]:
        return {
            "client_id": self.client_id,
            "client_secret": "s3cret",
            "environment": self.environment,
            "base_url": self.astra.url,
            "token_store": self.url,
            "token_keys": list(self.keys),
        }

    @property
    def variables(self) -> dict[str, str]:
        named = {f"ASTRA_{name.upper()}": value for name, value in self.options.items() if isinstance(value, str)}
        return named | {"ASTRA_TOKEN_KEYS": ",".join(self.keys)}

    def later(self, seconds: float) -> Visit:
        return attrs.evolve(self, now=self.now + seconds)


Seen = tuple[str, ...]
Way = Callable[[Visit, str, Sequence[str] | None], Seen]


def name_of(error: AstraError | None) -> str:
    return "ok" if error is None else type(error).__name__


def use(client: Astra, key: str, keys: Sequence[str] | None) -> Seen:
    """A call, a refresh, and keep-alive: what comes of each."""
    seen: list[str] = []
    for action in (
        lambda: client.user(key).profile.get(),
        lambda: client.tokens.refresh(key),
        lambda: client.tokens.keep_alive(keys=keys, concurrency=2),
    ):
        try:
            done = action()
        except AstraError as error:
            seen.append(name_of(error))
        else:
            seen.append(summary(done))
    return tuple(seen)


def summary(done: Any) -> str:
    """A report in figures; "ok" for what else was returned."""
    if not hasattr(done, "refreshed"):
        return "ok"
    return f"{done.refreshed} refreshed, {done.failed} failed, {done.needs_reauthorization} dead"


def by_constructor(visit: Visit, key: str, keys: Sequence[str] | None) -> Seen:
    with Astra(**visit.options, clock=lambda: visit.now) as client:
        return use(client, key, keys)


def by_environment(visit: Visit, key: str, keys: Sequence[str] | None) -> Seen:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in visit.variables.items():
            patch.setenv(name, value)
        with Astra.from_env(clock=lambda: visit.now) as client:
            return use(client, key, keys)


def by_tasks(visit: Visit, key: str, keys: Sequence[str] | None) -> Seen:
    async def come() -> Seen:
        seen: list[str] = []
        async with AsyncAstra(**visit.options, clock=lambda: visit.now) as client:
            for action in (
                lambda: client.user(key).profile.get(),
                lambda: client.tokens.refresh(key),
                lambda: client.tokens.keep_alive(keys=keys, concurrency=2),
            ):
                try:
                    done = await action()
                except AstraError as error:
                    seen.append(name_of(error))
                else:
                    seen.append(summary(done))
        return tuple(seen)

    return asyncio.run(come())


CLIENTS: tuple[Way, ...] = (by_constructor, by_environment, by_tasks)


def by_command(visit: Visit, *arguments: str) -> tuple[int, str]:
    """`astra tokens` with these arguments: its exit code, and what it printed."""
    done = CliRunner().invoke(app, list(arguments), env={**visit.variables, "COLUMNS": "200"})
    return done.exit_code, done.output


def view(url: str) -> BoundStore:
    """The store as its rightful client sees it."""
    return open_store(url).for_identity(ME, keys=[KEY])
