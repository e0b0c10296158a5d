"""A sandbox with a user who has two accounts, and clients of either flavour that pay under keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

import astra
from astra.sandbox import REDIRECT_URI, Sandbox
from astra.tokens.stores.memory import MemoryStore
from tests.http.paying import Flavour

Act = Callable[[Any], Any]


@attrs.frozen
class World:
    """A sandbox, the tokens of its user, and what is paid.

    Args:
        sandbox: it.
        tokens: the token store that all clients share.
        payment: arguments of `routines.create`.
    """

    sandbox: Sandbox
    tokens: MemoryStore
    payment: dict[str, Any]

    def settings(self, **changes: Any) -> dict[str, Any]:
        plain = {"base_url": self.sandbox.url, "redirect_uri": REDIRECT_URI, "token_store": self.tokens}
        return {**plain, **changes}

    def run(self, flavour: Flavour, act: Act, **settings: Any) -> Any:
        """Does something with a new client of the flavour, as another process does."""
        names = self.sandbox.client_id, self.sandbox.client_secret
        if flavour == "blocking":
            with astra.Astra(*names, **self.settings(**settings)) as client:
                return act(client)

        async def on_a_loop() -> Any:
            async with astra.AsyncAstra(*names, **self.settings(**settings)) as client:
                return await act(client)

        return asyncio.run(on_a_loop())

    def pay(self, flavour: Flavour, key: str, *, store: Any, changes: Any = (), **settings: Any) -> Any:
        """Pays under a key with a new client."""
        payment = {**self.payment, **dict(changes)}
        act: Act = lambda client: client.user("c1").routines.create(**payment, idempotency_key=key)  # noqa: E731
        return self.run(flavour, act, idempotency_store=store, **settings)

    def made(self) -> list[Any]:
        """All routines that there are."""
        names = self.sandbox.client_id, self.sandbox.client_secret
        with astra.Astra(*names, **self.settings()) as client:
            return client.user("c1").routines.list().to_list()

    def record(self, key: str, *, store: Any) -> Any:
        names = self.sandbox.client_id, self.sandbox.client_secret
        with astra.Astra(*names, **self.settings(idempotency_store=store)) as client:
            return client.payments.get(key)


@contextmanager
def world() -> Iterator[World]:
    tokens = MemoryStore()
    with Sandbox() as sandbox:
        settings: dict[str, Any] = {"base_url": sandbox.url, "redirect_uri": REDIRECT_URI, "token_store": tokens}
        with astra.Astra(sandbox.client_id, sandbox.client_secret, **settings) as client:
            client.oauth.exchange(sandbox.authorize(user_id=sandbox.users.create(accounts=2).id), key="c1")
            source, destination = client.user("c1").accounts.list(limit=2).to_list()
        payment = {
            "type": "one-time",
            "name": "Top-up for Jane",
            "payment_type": "ach",
            "source_id": source.id,
            "destination_id": destination.id,
            "amount": "20.00",
        }
        yield World(sandbox, tokens, payment)


def later(seconds: float) -> Callable[[], float]:
    """A clock that is ahead by some seconds."""
    return lambda: time.time() + seconds


async def until(true: Callable[[], bool]) -> None:
    """Lets other tasks run until something is so."""
    while not true():  # noqa: ASYNC110 - it is another thread that makes it so
        await asyncio.sleep(0)
