"""Lets every example run as it stands: without `ASTRA_CLIENT_ID` they talk to a local Astra in the same process.

With `ASTRA_CLIENT_ID` and `ASTRA_CLIENT_SECRET` set, nothing here does anything, and they talk to the Astra that the
`ASTRA_*` variables name.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseServer

from astra import Astra
from astra.sandbox import REDIRECT_URI, Sandbox


@contextmanager
def local_astra(*, redirect_uri: str = REDIRECT_URI, state: Path | None = None) -> Iterator[Sandbox | None]:
    """Serves a local Astra and points the `ASTRA_*` variables at it, unless they name one already (then: None)."""
    if "ASTRA_CLIENT_ID" in os.environ:
        yield None
        return
    with Sandbox(redirect_uri=redirect_uri, state=state) as sandbox:
        os.environ.update(
            ASTRA_CLIENT_ID=sandbox.client_id,
            ASTRA_CLIENT_SECRET=sandbox.client_secret,
            ASTRA_BASE_URL=sandbox.url,
            ASTRA_REDIRECT_URI=redirect_uri,
        )
        yield sandbox


def authorize_users(astra: Astra, sandbox: Sandbox, keys: list[str]) -> None:
    """Makes users who have authorized your client, with two bank accounts each, unless they are there already."""
    for key in keys:
        if astra.tokens.get(key) is None:
            user = sandbox.users.create(accounts=2)
            astra.oauth.exchange(sandbox.authorize(user_id=user.id), key=key)


def cannot_listen(port: int, error: OSError) -> SystemExit:
    """Returns the end of a program whose port somebody else has, with what to type."""
    why = os.strerror(error.errno or 0)
    return SystemExit(f"Port {port} cannot be used ({why}): pass another with --port, or --port 0.")


def serve(server: BaseServer) -> None:
    """Serves until Ctrl-C or SIGTERM, and lets the caller's `with` blocks end in order."""

    def stop(*_: object) -> None:
        # `shutdown` waits for the loop that this handler interrupts.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.serve_forever()
    server.server_close()
