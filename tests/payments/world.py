"""A local Astra, one user with two accounts, and clients that come and go over the same stores, as processes do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
from astra_api.models import Routine

from astra import Astra, AsyncAstra
from astra.payments import IdempotencyStore, PaymentRecord, PaymentState, open_idempotency_store
from astra.sandbox import Sandbox

KEY = "payout-17"
USER = "customer-42"
FLAVOURS = ("blocking", "asyncio")


class Clock:
    """The time of all clients: that of the machine, and what a test adds."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


async def until(true: Callable[[], bool]) -> None:
    """Lets other tasks run until something is so."""
    while not true():  # noqa: ASYNC110 - it is another thread that makes it so
        await asyncio.sleep(0)


class World:
    """Calls of clients that live for one call each."""

    def __init__(self, sandbox: Sandbox, folder: Path, store_url: str) -> None:
        self.sandbox = sandbox
        self.store_url = store_url
        self.clock = Clock()
        self._tokens = f"sqlite:///{folder}/tokens.db"
        person = sandbox.users.create(accounts=2)
        with self.client() as astra:
            user = astra.oauth.exchange(sandbox.authorize(user_id=person.id), key=USER)
            self.source, self.destination = (account.id for account in user.accounts.list())

    def options(self, **more: Any) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "base_url": self.sandbox.url,
            "redirect_uri": self.sandbox.redirect_uri,
            "token_store": self._tokens,
            "idempotency_store": self.store_url,
            "clock": self.clock,
        }
        return plain | more

    def client(self, **more: Any) -> Astra:
        return Astra(self.sandbox.client_id, self.sandbox.client_secret, **self.options(**more))

    def async_client(self, **more: Any) -> AsyncAstra:
        return AsyncAstra(self.sandbox.client_id, self.sandbox.client_secret, **self.options(**more))

    def payment(self, **changes: Any) -> dict[str, Any]:
        plain: dict[str, Any] = {
            "type": "one-time",
            "name": "Wages of Jane",
            "payment_type": "ach",
            "source_id": self.source,
            "destination_id": self.destination,
            "amount": "20.00",
            "idempotency_key": KEY,
        }
        return plain | changes

    def pay(self, *, flavour: str = "blocking", client: dict[str, Any] | None = None, **changes: Any) -> Routine:
        """Pays by a new client, as after a restart."""
        made: Routine = self.call("routines", "create", flavour=flavour, client=client, **self.payment(**changes))
        return made

    def call(
        self,
        resource: str,
        method: str,
        *path: str,
        flavour: str = "blocking",
        client: dict[str, Any] | None = None,
        user: str = USER,
        **arguments: Any,
    ) -> Any:
        """Calls a method of a user's session by a new client."""
        if flavour == "blocking":
            with self.client(**(client or {})) as astra:
                return getattr(getattr(astra.user(user), resource), method)(*path, **arguments)

        async def main() -> Any:
            async with self.async_client(**(client or {})) as astra:
                return await getattr(getattr(astra.user(user), resource), method)(*path, **arguments)

        return asyncio.run(main())

    def made(self) -> list[Routine]:
        """The routines that Astra has."""
        with self.client() as astra:
            return astra.user(USER).routines.list().to_list()

    def sent(self, operation: str = "create_routine") -> int:
        """How many requests of an operation have reached Astra."""
        return sum(request.operation == operation for request in self.sandbox.requests)

    def record(self, key: str = KEY) -> PaymentRecord:
        with self.client() as astra:
            found = astra.payments.get(key)
        assert found is not None
        return found

    def be_sending(self, key: str, *, seconds_left: float) -> None:
        """Puts a payment back to where its sender has sent it and not heard yet.

        Args:
            key: its key.
            seconds_left: how long its lease lasts, from when it was sent.
        """
        record = self.record(key)
        sending = attrs.evolve(
            record,
            state=PaymentState.SENDING,
            version=record.version + 1,
            resource_id=None,
            result=None,
            lease_until=record.sent + timedelta(seconds=seconds_left),
        )
        with self.store() as store:
            assert store.change(sending, replaces=record.version)

    @contextmanager
    def store(self) -> Iterator[IdempotencyStore]:
        with open_idempotency_store(self.store_url) as store:
            yield store

    def lose(self, drop: str = "after") -> None:
        """Loses the answer to the next payment, which is made or not."""
        self.sandbox.faults.add(operation="create_routine", drop="after" if drop == "after" else "before")
