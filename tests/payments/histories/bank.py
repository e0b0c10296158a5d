"""A local Astra in a process of its own, that tells how often each payment was made."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

import attrs


@attrs.frozen
class Person:
    """Somebody who pays: Astra's ids and tokens."""

    user_id: str
    access_token: str
    refresh_token: str
    source: str
    destination: str


class Bank:
    """Starts the sandbox's process, and gives it orders."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._orders, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.url, self.client_id, self.client_secret = self._orders.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._orders.close()
        self._process.join(10)

    def new_person(self) -> Person:
        """Makes a person with tokens and two accounts."""
        person: Person = self._ask("new_person", None)
        return person

    def routines(self, user_id: str) -> list[tuple[str, str, str]]:
        """Name, id and amount of all routines of a user, oldest first."""
        return list(self._ask("routines", user_id))

    def add_fault(self, fault: dict[str, Any]) -> None:
        """Lets something go wrong."""
        self._ask("add_fault", fault)

    def clear_faults(self) -> None:
        """Lets nothing go wrong any more."""
        self._ask("clear_faults", None)

    def rest(self) -> None:
        """Waits until all that was sent has been dealt with."""
        self._ask("rest", None)

    def advance(self, seconds: float) -> None:
        """Moves its clock."""
        self._ask("advance", seconds)

    def _ask(self, name: str, argument: Any) -> Any:
        self._orders.send((name, argument))
        value, error = self._orders.recv()
        if error is not None:
            raise RuntimeError(error)
        return value


class _Orders:
    """What the process does on order."""

    def __init__(self, sandbox: Any, watch: _Watch) -> None:
        self.sandbox = sandbox
        self.engine: Any = sandbox._backend.engine
        self.watch = watch

    def new_person(self, _: None) -> Person:
        from astra.sandbox.engine import accounts

        with self.engine.lock:
            [user] = self.sandbox.seed(users=1, authorized=True)
            accounts.link(self.engine, self.engine.state.users.rows[user.id], "savings")
            source, destination = (one.id for one in self.engine.state.accounts.of(user.id))
        return Person(user.id, user.access_token, user.refresh_token, source, destination)

    def routines(self, user_id: str) -> list[tuple[str, str, str]]:
        with self.engine.lock:
            return [(one.name, one.id, str(one.amount)) for one in self.engine.state.routines.of(user_id)]

    def add_fault(self, fault: dict[str, Any]) -> None:
        self.sandbox.faults.add(**fault)

    def clear_faults(self, _: None) -> None:
        self.sandbox.faults.clear()

    def advance(self, seconds: float) -> None:
        self.sandbox.advance(seconds=seconds)

    def rest(self, _: None) -> None:
        self.watch.rest(self.sandbox.url)


class _Watch:
    """Knows which requests are being dealt with."""

    def __init__(self) -> None:
        self.under_way: set[Any] = set()

    def install(self) -> None:
        from astra.sandbox.http.api import Api

        call, under_way = Api.__call__, self.under_way

        async def counted(api: Any, scope: Any, receive: Any, send: Any) -> None:
            token = object()
            under_way.add(token)
            try:
                await call(api, scope, receive, send)
            finally:
                under_way.discard(token)

        Api.__call__ = counted  # type: ignore[method-assign]

    def rest(self, url: str) -> None:
        import http.client
        import time
        from urllib.parse import urlsplit

        place = urlsplit(url)
        while True:
            # A connection that comes after all others: when it is answered, they have been read.
            for _ in range(2):
                connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
                connection.request("GET", "/nothing")
                connection.getresponse().read()
                connection.close()
            if not self.under_way:
                return
            time.sleep(0.005)


def _serve(orders: Connection) -> None:
    from astra.sandbox import Sandbox

    watch = _Watch()
    watch.install()
    with Sandbox(keep_requests=100) as sandbox:
        orders.send((sandbox.url, sandbox.client_id, sandbox.client_secret))
        todo = _Orders(sandbox, watch)
        while True:
            try:
                name, argument = orders.recv()
            except EOFError:
                return
            try:
                orders.send((getattr(todo, name)(argument), None))
            except Exception as error:
                orders.send((None, repr(error)))
