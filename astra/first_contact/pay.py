"""The two payments of a dollar: each is written down before it is made, and never made a second time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import attrs

from astra._json import is_object
from astra.first_contact.alike import words_of
from astra.first_contact.intents import PAYMENT, PAYOUT, Intent, Journal
from astra.first_contact.judge import Seen
from astra.first_contact.paging import rows_of

REFUSED: Final = (400, 401, 403, 404, 405, 422, 429)
"""Statuses that say for sure that nothing was done."""

TRIES: Final = 3
PAUSE: Final = 2.0
ONCE: Final[Mapping[str, object]] = {"type": "one-time", "name": "First contact", "payment_type": "ach", "amount": 1}


class Call(Protocol):
    """Calls an operation; status 0 is no answer."""

    def __call__(self, operation: str, *, id: str = "", sent: object = None) -> Seen:
        """Calls it."""
        ...


@attrs.frozen(kw_only=True)
class Payer:
    """Makes payments.

    Attributes:
        call: calls an operation.
        was_sent: tells whether the last call left this machine.
        journal: what was begun before.
        pause: waits so many seconds.
    """

    call: Call
    was_sent: Callable[[], bool]
    journal: Journal
    pause: Callable[[float], None]

    def pay(self, *, source: str, destination: str) -> str:
        """Pays an account of the user from another one, and takes it back.

        Returns:
            Why it was not taken back; empty when it was.
        """
        sent = {**ONCE, "source_id": source, "destination_id": destination}
        intent = self.once(PAYMENT, sent, mark=f"FIRST{secrets.token_hex(6)}")
        return self.take_back(intent)

    def pay_out(self, *, account: str, card: str, user: str) -> None:
        """Pays a card of the user."""
        sent = {
            "name": "First contact",
            "amount": 1,
            "source": {"id": account},
            "destination": {"id": card, "user_id": user},
            "settlement_mode": "gross_debit",
        }
        self.once(PAYOUT, sent, mark=secrets.token_hex(4))

    def once(self, operation: str, sent: Mapping[str, object], *, mark: str = "") -> Intent:
        """Sends something that changes the server, unless that was begun before.

        Args:
            operation: of the spec.
            sent: the body.
            mark: to know what is made by, as its `client_correlation_id`.
        """
        earlier = self.journal.get(operation)
        if earlier is not None and earlier.is_settled:
            return earlier
        intent = Intent(operation=operation, mark=(earlier.mark if earlier else "") or mark)
        self.journal.put(intent)
        made = self.call(operation, sent={**sent, "client_correlation_id": intent.mark} if mark else sent)
        if made.is_success:
            intent = attrs.evolve(intent, state="made", id=id_of(made.body, words_of(operation)))
        elif made.status in REFUSED or not self.was_sent():
            intent = attrs.evolve(intent, state="refused")
        intent = attrs.evolve(intent, request_id=made.request_id or "")
        self.journal.put(intent)
        return intent

    def take_back(self, intent: Intent) -> str:
        """Cancels the transfers of a payment.

        Returns:
            Why none was canceled; empty when they were.
        """
        if intent.state == "refused":
            return "the payment was refused"
        if intent.state == "undone":
            return ""
        id = intent.id or self._find(intent.mark)
        if not id:
            return "what came of the payment is not known, and the list of routines does not show it"
        if (intent.state, intent.id) != ("made", id):
            intent = attrs.evolve(intent, state="made", id=id)
            self.journal.put(intent)
        pending = self._transfers(id)
        for _ in range(TRIES - 1):
            if pending:
                break
            self.pause(PAUSE)
            pending = self._transfers(id)
        if not pending:
            return "a dollar was paid, and no transfer of it shows that could be canceled"
        if not all([self.call("cancel_transfer", id=one).is_success for one in pending]):
            return "a dollar was paid, and its transfer could not be canceled"
        self.journal.put(attrs.evolve(intent, state="undone"))
        return ""

    def _transfers(self, id: str) -> list[str]:
        found = self.call("list_routine_transfers", id=id)
        return [id_of(one, frozenset({"transfer"})) for one in rows_of(found.body)] if found.is_success else []

    def _find(self, mark: str) -> str:
        found = self.call("list_routines")
        rows = rows_of(found.body) if found.is_success else []
        return next((id_of(row, frozenset({"routine"})) for row in rows if mark and mark in row.values()), "")


def id_of(body: object, thing: frozenset[str]) -> str:
    """Returns the id of an object, under `id` or a name such as `routineId`.

    Args:
        body: the object.
        thing: words of what it is.
    """
    given: dict[str, Any] = body if is_object(body) else {}
    for name, value in sorted(given.items(), key=lambda item: item[0] != "id"):
        words = words_of(name)
        if isinstance(value, str) and value and "id" in words and words - {"id"} <= thing | {"value", "field"}:
            return value
    return ""
