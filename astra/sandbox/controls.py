"""What a test does to people, money and cards behind Astra's back: `sandbox.users`, `sandbox.transfers` and so on."""

from collections.abc import Sequence
from typing import Any

from astra.sandbox.engine import accounts, cards, changes, instruments, oauth, people, routine_runs, transfers
from astra.sandbox.engine.core import Engine
from astra.sandbox.engine.records import Account, Card, Instrument, Intent, Transfer, User
from astra.sandbox.engine.tables import T, Table

PROFILE = {
    "first_name": "Edmund",
    "last_name": "Hillary",
    "address1": "123 Astra Ave",
    "address2": "Apt 456",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
    "date_of_birth": "1919-07-20",
    "ssn_last_four": "9999",
}


def found(table: Table[T], id: str, kind: str) -> T:
    """A record by id.

    Raises:
        KeyError: There is none.
    """
    record = table.get(id)
    if record is None:
        raise KeyError(f"the sandbox has no {kind} {id!r}")
    return record


def known_status(status: str, statuses: Sequence[str]) -> str:
    """A status of a list.

    Raises:
        ValueError: It is not in the list.
    """
    if status not in statuses:
        raise ValueError(f"unknown status {status!r}; one of {', '.join(statuses)}")
    return status


class Control:
    """Base of the controls: they share an engine and a default client."""

    def __init__(self, engine: Engine, *, client_id: str) -> None:
        self.engine = engine
        self.client_id = client_id

    def profile(self, values: dict[str, Any]) -> dict[str, Any]:
        """A person's data, made up where nothing is given."""
        number = self.engine.state.seq
        made = {"email": f"person{number}@example.com", "phone": f"+1555{number % 10_000_000:07d}"}
        return {**PROFILE, **made, **values}


class UserControl(Control):
    """`sandbox.users`."""

    def create(
        self,
        *,
        status: str = "approved",
        kyc_type: str = "verified",
        accounts: int = 0,
        authorized: bool = False,
        metadata: dict[str, str] | None = None,
        **profile: str,
    ) -> User:
        """Makes a user who has passed through the hosted page.

        Args:
            status: The user's status.
            kyc_type: `verified`, `unverified` or `receive-only`.
            accounts: How many bank accounts to link, at most 2.
            authorized: Whether the client has already exchanged a code for this user.
            metadata: As on a UserIntent.
            profile: `email`, `phone`, `first_name` and so on; made up where not given.

        Returns:
            The user; `.id` is Astra's user id.
        """
        engine = self.engine
        with engine.lock:
            user = User(
                id=engine.ids.hex(),
                owner=self.client_id,
                seq=engine.state.next_seq(),
                created=engine.now(),
                profile=self.profile(dict(profile)),
                status=known_status(status, people.STATUSES),
                kyc_type=known_status(kyc_type, people.KYC_TYPES),
                metadata=metadata,
                authorized=authorized,
            )
            engine.state.users.add(user)
            for kind in ("checking", "savings")[:accounts]:
                link_account(engine, user, kind)
            return user

    def get(self, user_id: str) -> User:
        """A user by id."""
        return found(self.engine.state.users, user_id, "user")

    def set_status(self, user_id: str, status: str) -> None:
        """Gives a user a status, with everything that follows: webhooks, routines that wake or stop."""
        with self.engine.lock:
            people.set_user_status(self.engine, self.get(user_id), known_status(status, people.STATUSES))

    def decide_phone_change(self, user_id: str, *, status: str = "approved") -> None:
        """Ends the review of a phone number now, `approved` or `rejected`."""
        with self.engine.lock:
            changes.review_phone(self.engine, self.get(user_id).id, status=status)

    def kill_refresh_tokens(self, user_id: str) -> None:
        """Makes every refresh token of a user invalid, so that the person has to authorize again."""
        with self.engine.lock:
            oauth.kill_refresh_tokens(self.engine, self.get(user_id))


class UserIntentControl(Control):
    """`sandbox.user_intents`."""

    def create(
        self,
        *,
        status: str = "approved",
        kyc_type: str = "verified",
        metadata: dict[str, str] | None = None,
        **profile: str,
    ) -> Intent:
        """Makes a UserIntent with a status of choice."""
        engine = self.engine
        known_status(status, people.STATUSES)
        with engine.lock:
            values = self.profile(dict(profile))
            intent = Intent(
                id=engine.ids.hex(),
                owner=self.client_id,
                seq=engine.state.next_seq(),
                created=engine.now(),
                profile=values,
                kyc_type=known_status(kyc_type, people.KYC_TYPES),
                metadata=metadata,
                status=status,
            )
            engine.state.add_intent(intent)
            return intent

    def get(self, intent_id: str) -> Intent:
        """A UserIntent by id."""
        return found(self.engine.state.intents, intent_id, "user intent")

    def set_status(self, intent_id: str, status: str) -> None:
        """Gives an intent a status, and announces it."""
        with self.engine.lock:
            people.set_intent_status(self.engine, self.get(intent_id), known_status(status, people.STATUSES))


def link_account(engine: Engine, user: User, kind: str) -> Account:
    """Links an account unless the user has one of this kind."""
    return accounts.plaid_account(engine, user, kind) or accounts.link(engine, user, kind)


class AccountControl(Control):
    """`sandbox.accounts`."""

    def get(self, account_id: str) -> Account:
        """An account by id."""
        return found(self.engine.state.accounts, account_id, "account")

    def set_connection_status(self, account_id: str, status: str) -> None:
        """Connects or disconnects an account; only `connected` can be used."""
        with self.engine.lock:
            account = self.get(account_id)
            account.connection_status = status
            routine_runs.accounts_changed(self.engine, self.engine.state.users.rows[account.owner])


class CardControl(Control):
    """`sandbox.cards`."""

    def create(self, user_id: str, *, external: bool = True, number: str = "4000000000000002") -> Card:
        """Gives a user an approved card, as if it was added in the hosted module."""
        engine = self.engine
        with engine.lock:
            user = found(engine.state.users, user_id, "user")
            profile = user.profile
            address = {"street_line_1": profile.get("address1"), "street_line_2": None, "city": profile.get("city")}
            return cards.add_card(
                engine,
                user,
                number=number,
                expires="12/49",
                first=str(profile.get("first_name")),
                last=str(profile.get("last_name")),
                address={**address, "state": profile.get("state"), "zip_code": profile.get("postal_code")},
                external=external,
            )

    def get(self, card_id: str) -> Card:
        """A card by id."""
        return found(self.engine.state.cards, card_id, "card")

    def set_status(self, card_id: str, status: str) -> None:
        """Reviews a card: `approved`, `flagged` or `rejected`."""
        with self.engine.lock:
            wanted = known_status(status, ("approved", "flagged", "rejected"))
            cards.set_card_status(self.engine, self.get(card_id), wanted)


class TransferControl(Control):
    """`sandbox.transfers`."""

    def get(self, transfer_id: str) -> Transfer:
        """A transfer by id."""
        return found(self.engine.state.transfers, transfer_id, "transfer")

    def process(self, transfer_id: str) -> None:
        """Lets a pending transfer clear now."""
        with self.engine.lock:
            transfers.process(self.engine, self.get(transfer_id).id)

    def fail(self, transfer_id: str, *, reason: str = "R01") -> None:
        """Lets a pending transfer fail; the reason is a NACHA return code or a decline text."""
        with self.engine.lock:
            transfer = self.get(transfer_id)
            if transfer.status != "pending":
                raise ValueError(f"the transfer is {transfer.status}, not pending")
            transfers.end_transfer(self.engine, transfer, "failed", reason=reason)

    def return_(self, transfer_id: str, *, code: str = "R10") -> None:
        """Returns a processed ACH transfer: it fails after all."""
        with self.engine.lock:
            transfer = self.get(transfer_id)
            if transfer.status != "processed":
                raise ValueError(f"the transfer is {transfer.status}, not processed")
            transfers.end_transfer(self.engine, transfer, "failed", reason=code)

    def charge_back(
        self, transfer_id: str, *, code: str = "10.4", description: str = "Fraud - card absent"
    ) -> dict[str, Any]:
        """Lets the cardholder dispute a processed transfer."""
        with self.engine.lock:
            return transfers.charge_back(self.engine, self.get(transfer_id), code=code, description=description)

    def update_chargeback(
        self, transfer_id: str, *, action_status: str = "Adjustment - merchant paid", dispute_status: str = "Won"
    ) -> dict[str, Any]:
        """Lets a dispute go on."""
        with self.engine.lock:
            transfer = self.get(transfer_id)
            return transfers.update_chargeback(
                self.engine, transfer, action_status=action_status, dispute_status=dispute_status
            )


class InstrumentControl(Control):
    """`sandbox.payment_instruments`."""

    def list(self) -> "list[Instrument]":
        """The client's payment instruments; the first is the FBO settlement account."""
        return list(self.engine.state.instruments.of(self.client_id))

    def receive(self, instrument_id: str, *, amount: float, type: str = "Ach") -> None:
        """Lets money arrive from outside: `Ach` or `Wires`."""
        known_status(type, ("Ach", "Wires"))
        with self.engine.lock:
            instrument = found(self.engine.state.instruments, instrument_id, "payment instrument")
            instruments.receive_payment(self.engine, instrument, amount=amount, type=type)


__all__ = [
    "AccountControl",
    "CardControl",
    "InstrumentControl",
    "TransferControl",
    "UserControl",
    "UserIntentControl",
]
