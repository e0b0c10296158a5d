"""What a store of states has to do. Subclass `StateStore` for your own."""

from __future__ import annotations

import abc
from typing import Final

from astra._closing import Closing
from astra.errors import StateStoreError
from astra.oauth.states.tickets import Ticket
from astra.storage.family import Family

STATES: Final = Family(
    name="state store",
    example="sqlite:///tokens.db",
    error=StateStoreError,
    kinds=frozenset({"memory", "sqlite", "redis", "sql"}),
)

LEFTOVER: Final = 86_400.0
"""Seconds that a ticket stays after it has expired: for a clock that is ahead, all that others issued has expired."""


def read_ticket(values: object) -> Ticket:
    """Makes a ticket of what a store holds for it.

    Args:
        values: key, fingerprint of the browser, and end.

    Raises:
        StateStoreError: it is something else.
    """
    match values:
        case (str(key), str(browser), float() | int() as expires_at) if not isinstance(expires_at, bool):
            return Ticket(key=key, browser=browser, expires_at=expires_at)
        case _:
            raise StateStoreError("What the state store holds for this state is damaged. Start again with a new link.")


class StateStore(Closing, abc.ABC):
    """Keeps tickets until they are taken or expire. Methods may block; they are thread-safe.

    Taking has to be one atomic step: of many concurrent calls for a ticket, one gets it.
    """

    @abc.abstractmethod
    def put(self, id: str, ticket: Ticket, *, now: float) -> None:
        """Keeps a ticket, and forgets those that expired more than `LEFTOVER` ago.

        Args:
            id: fingerprint of the state.
            ticket: what to keep.
            now: current time in epoch seconds.
        """

    @abc.abstractmethod
    def take(self, id: str) -> Ticket | None:
        """Returns a ticket and deletes it; None when there is none.

        Args:
            id: fingerprint of the state.
        """

    def close(self) -> None:
        """Gives up connections; the store must not be used afterwards."""
