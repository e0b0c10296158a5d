"""The controls of money: `sandbox.accounts`, `.cards`, `.transfers` and `.payment_instruments`."""

from __future__ import annotations

import copy
from typing import Any, Literal

from astra.errors import InvalidRequestError
from astra.money import Amount, to_amount
from astra.sandbox.controls.calling import Controls, action
from astra.sandbox.controls.checks import check_choice, find
from astra.sandbox.engine import cards, instruments, routine_runs, transfers
from astra.sandbox.engine.records import Account, Card, Instrument, Transfer


class Accounts(Controls):
    """The bank accounts of users, as `sandbox.accounts`. What its methods return are copies."""

    _group = "accounts"

    @action
    def get(self, account_id: str) -> Account:
        """Looks an account up.

        Args:
            account_id: the account's id.

        Returns:
            The account as of now; balances are `Decimal`, in US dollars.

        Raises:
            InvalidRequestError: there is no such account.

        Example:
            sandbox.accounts.get(account.id).connection_status
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._find(account_id))

    @action
    def set_connection_status(self, account_id: str, status: str) -> None:
        """Connects or disconnects an account; only `connected` can be used.

        Args:
            account_id: the account's id.
            status: any status; all but `connected` stop what uses the account.

        Raises:
            InvalidRequestError: there is no such account.

        Example:
            sandbox.accounts.set_connection_status(account.id, "disconnected")
        """
        engine = self._backend.engine
        with engine.lock:
            account = self._find(account_id)
            account.connection_status = status
            routine_runs.accounts_changed(engine, engine.state.users.rows[account.owner])

    def _find(self, account_id: str) -> Account:
        return find(self._backend.engine.state.accounts, account_id, "account")


class Cards(Controls):
    """The cards of users, as `sandbox.cards`. What its methods return are copies."""

    _group = "cards"

    @action
    def create(self, user_id: str, *, external: bool = True, number: str = "4000000000000002") -> Card:
        """Gives a user an approved card, as if it was added in the hosted module.

        Args:
            user_id: Astra's user id.
            external: whether another bank issued it; otherwise the client did.
            number: the card number, 12 to 19 digits.

        Returns:
            The card; `.id` is its id.

        Raises:
            InvalidRequestError: there is no such user.

        Example:
            card = sandbox.cards.create(user.id)
        """
        engine = self._backend.engine
        with engine.lock:
            user = find(engine.state.users, user_id, "user")
            profile = user.profile
            address = {"street_line_1": profile.get("address1"), "street_line_2": None, "city": profile.get("city")}
            card = cards.add_card(
                engine,
                user,
                number=number,
                expires="12/49",
                first=str(profile.get("first_name")),
                last=str(profile.get("last_name")),
                address={**address, "state": profile.get("state"), "zip_code": profile.get("postal_code")},
                external=external,
            )
            return copy.deepcopy(card)

    @action
    def get(self, card_id: str) -> Card:
        """Looks a card up.

        Args:
            card_id: the card's id.

        Returns:
            The card as of now.

        Raises:
            InvalidRequestError: there is no such card.

        Example:
            sandbox.cards.get(card.id).status
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._find(card_id))

    @action
    def set_status(self, card_id: str, status: str) -> None:
        """Ends the review of a card.

        Args:
            card_id: the card's id.
            status: `approved`, `flagged` or `rejected`.

        Raises:
            InvalidRequestError: there is no such card or no such status.

        Example:
            sandbox.cards.set_status(card.id, "flagged")
        """
        with self._backend.engine.lock:
            wanted = check_choice("status", status, ("approved", "flagged", "rejected"))
            cards.set_card_status(self._backend.engine, self._find(card_id), wanted)

    def _find(self, card_id: str) -> Card:
        return find(self._backend.engine.state.cards, card_id, "card")


class Transfers(Controls):
    """The transfers, as `sandbox.transfers`. What its methods return are copies."""

    _group = "transfers"

    @action
    def get(self, transfer_id: str) -> Transfer:
        """Looks a transfer up.

        Args:
            transfer_id: the transfer's id.

        Returns:
            The transfer as of now; its amount is a `Decimal`, in US dollars.

        Raises:
            InvalidRequestError: there is no such transfer.

        Example:
            sandbox.transfers.get(transfer.id).amount
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._find(transfer_id))

    @action
    def process(self, transfer_id: str) -> None:
        """Lets a pending transfer clear now; nothing happens to another one.

        Args:
            transfer_id: the transfer's id.

        Raises:
            InvalidRequestError: there is no such transfer.

        Example:
            sandbox.transfers.process(transfer.id)
        """
        with self._backend.engine.lock:
            transfers.process(self._backend.engine, self._find(transfer_id).id)

    @action
    def fail(self, transfer_id: str, *, reason: str = "R01") -> None:
        """Lets a pending transfer fail.

        Args:
            transfer_id: the transfer's id.
            reason: a NACHA return code such as `R01`, or a decline text.

        Raises:
            InvalidRequestError: there is no such transfer, or it is not pending.

        Example:
            sandbox.transfers.fail(transfer.id, reason="R03")
        """
        self._end_as_failed(transfer_id, reason, only="pending")

    @action
    def return_(self, transfer_id: str, *, code: str = "R10") -> None:
        """Returns a processed ACH transfer: it fails after all.

        Args:
            transfer_id: the transfer's id.
            code: the NACHA return code.

        Raises:
            InvalidRequestError: there is no such transfer, or it is not processed.

        Example:
            sandbox.transfers.return_(transfer.id, code="R10")
        """
        self._end_as_failed(transfer_id, code, only="processed")

    @action
    def charge_back(
        self, transfer_id: str, *, code: str = "10.4", description: str = "Fraud - card absent"
    ) -> dict[str, Any]:
        """Lets the cardholder dispute a transfer.

        Args:
            transfer_id: the transfer's id.
            code: the network's reason code.
            description: the network's reason.

        Returns:
            The chargeback, as Astra sends it; amounts are numbers of US dollars.

        Raises:
            InvalidRequestError: there is no such transfer.

        Example:
            sandbox.transfers.charge_back(transfer.id)["cb_id"]
        """
        engine = self._backend.engine
        with engine.lock:
            return transfers.charge_back(engine, self._find(transfer_id), code=code, description=description)

    @action
    def update_chargeback(
        self, transfer_id: str, *, action_status: str = "Adjustment - merchant paid", dispute_status: str = "Won"
    ) -> dict[str, Any]:
        """Lets a dispute go on.

        Args:
            transfer_id: the transfer's id.
            action_status: what has been done about it.
            dispute_status: how the dispute stands.

        Returns:
            The chargeback, as Astra sends it; amounts are numbers of US dollars.

        Raises:
            InvalidRequestError: there is no such transfer, or it has no chargeback.

        Example:
            sandbox.transfers.update_chargeback(transfer.id, dispute_status="Lost")
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id)
            return transfers.update_chargeback(
                engine, transfer, action_status=action_status, dispute_status=dispute_status
            )

    def _end_as_failed(self, transfer_id: str, reason: str, *, only: str) -> None:
        with self._backend.engine.lock:
            transfer = self._find(transfer_id)
            if transfer.status != only:
                raise InvalidRequestError(f"The transfer is {transfer.status}, not {only}.")
            transfers.end_transfer(self._backend.engine, transfer, "failed", reason=reason)

    def _find(self, transfer_id: str) -> Transfer:
        return find(self._backend.engine.state.transfers, transfer_id, "transfer")


class PaymentInstruments(Controls):
    """The client's own accounts at the partner bank, as `sandbox.payment_instruments`."""

    _group = "payment_instruments"

    @action
    def list(self) -> list[Instrument]:
        """Lists the client's payment instruments.

        Returns:
            Copies, the FBO settlement account first; balances are `Decimal`, in US dollars.

        Example:
            sandbox.payment_instruments.list()[0].balance
        """
        with self._backend.engine.lock:
            return copy.deepcopy(self._backend.engine.state.instruments.of(self._backend.client_id))

    @action
    def receive(self, instrument_id: str, *, amount: Amount, type: Literal["Ach", "Wires"] = "Ach") -> None:
        """Lets money arrive from outside, and announces it.

        Args:
            instrument_id: the payment instrument's id.
            amount: US dollars, as a `Decimal`, an int or text such as "20.00"; never a float.
            type: how it arrives, `Ach` or `Wires`.

        Raises:
            InvalidRequestError: the amount, the type or the instrument is not right.

        Example:
            sandbox.payment_instruments.receive(instrument.id, amount="250.00")
        """
        check_choice("type", type, ("Ach", "Wires"))
        dollars = to_amount(amount)
        engine = self._backend.engine
        with engine.lock:
            instrument = find(engine.state.instruments, instrument_id, "payment instrument")
            instruments.receive_payment(engine, instrument, amount=dollars, type=type)
