"""Runs a program of the README as it stands, with a stand-in in the place of its sandbox: see `flow.py`."""

from __future__ import annotations

import runpy
import sys
import types
from typing import Any, Self

PROGRAM, URL, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI = sys.argv[1:]


class Sandbox:
    """What the README's programs know of a sandbox. The person who authorizes is at the other end of the pipe."""

    url = URL
    client_id = CLIENT_ID
    client_secret = CLIENT_SECRET
    redirect_uri = REDIRECT_URI

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def authorize(self, *, user_intent_id: str) -> str:
        """Asks for a code."""
        sys.stdout.write(f"authorize {user_intent_id}\n")
        sys.stdout.flush()
        return sys.stdin.readline().strip()


def walk_pages() -> str:
    """Reads a list of several pages."""
    import astra

    with astra.Astra(CLIENT_ID, CLIENT_SECRET, base_url=URL) as client:
        try:
            found = client.instant_payment_eligibility.list(page_size=10).to_list()
        except astra.AstraError as error:
            return type(error).__name__
    return f"whole {len(found)}"


room: Any = types.ModuleType("astra.sandbox")
room.Sandbox = Sandbox
sys.modules["astra.sandbox"] = room
runpy.run_path(PROGRAM, run_name="__main__")
sys.stdout.write(f"{walk_pages()}\n")
