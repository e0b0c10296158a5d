"""Lets every example run as it stands: without `ASTRA_CLIENT_ID` they talk to a local Astra in the same process.

With `ASTRA_CLIENT_ID` and `ASTRA_CLIENT_SECRET` set, nothing here does anything, and they talk to the Astra that the
`ASTRA_*` variables name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            ASTRA_APP_URL=sandbox.url,
            ASTRA_REDIRECT_URI=redirect_uri,
        )
        yield sandbox


def authorize_users(astra: Astra, sandbox: Sandbox, keys: list[str]) -> None:
    """Makes users who have authorized your client, with two bank accounts each, unless they are there already."""
    for key in keys:
        if astra.tokens.get(key) is None:
            user = sandbox.users.create(accounts=2)
            astra.oauth.exchange(sandbox.authorize(user_id=user.id), key=key)
