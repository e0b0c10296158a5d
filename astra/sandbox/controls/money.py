"""The controls of money: `sandbox.accounts`, `.cards`, `.transfers` and `.payment_instruments`."""

from __future__ import annotations

import copy
import re
from typing import Any, Literal

from astra.errors import InvalidRequestError
from astra.money import Amount, to_amount
from astra.sandbox.controls.calling import Controls, action
from astra.sandbox.controls.checks import check_choice, find
from astra.sandbox.controls.moves import (
    check_balance,
    check_disputable,
    check_dispute_day,
    check_half,
    check_return_day,
    check_returnable,
)
from astra.sandbox.engine import cards, failures, instruments, ledger, routine_runs, transfers
from astra.sandbox.engine.card_networks import FRAUD, check_reason_code
from astra.sandbox.engine.failures import Leg
from astra.sandbox.engine.nacha import check_code, check_reason
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

    @action
    def set_balance(self, account_id: str, current: Amount, *, available: Amount | None = None) -> None:
        """Sets what an account has. What pending transfers hold is subtracted from what Astra shows as available.

        When it is less than they hold, the newest of them are no longer covered, and fail as short at settlement.

        Args:
            account_id: the account's id.
            current: US dollars, as a `Decimal`, an int or text such as "20.00"; never a float, and not below zero.
            available: what of it can be spent; all of it when not given.

        Raises:
            InvalidRequestError: there is no such account, or an amount is not right.

        Example:
            sandbox.accounts.set_balance(account.id, "12.50")
        """
        dollars = check_balance(current, argument="current")
        free = dollars if available is None else check_balance(available, argument="available")
        if free > dollars:
            raise InvalidRequestError("available is more than current.", argument="available")
        engine = self._backend.engine
        with engine.lock:
            ledger.set_balance(engine.state, self._find(account_id), current=dollars, available=free)

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
            InvalidRequestError: there is no such user, or the number is none.

        Example:
            card = sandbox.cards.create(user.id)
        """
        engine = self._backend.engine
        if not re.fullmatch(r"\d{12,19}", number, re.ASCII):
            raise InvalidRequestError("number must be a card number of 12 to 19 digits.", argument="number")
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

    @action
    def set_directions(self, card_id: str, *, pull: bool, push: bool) -> None:
        """Sets whether money can be taken from a card and sent to it, and announces it.

        Args:
            card_id: the card's id.
            pull: whether money can be taken from it.
            push: whether money can be sent to it.

        Raises:
            InvalidRequestError: there is no such card.

        Example:
            sandbox.cards.set_directions(card.id, pull=True, push=False)
        """
        engine = self._backend.engine
        with engine.lock:
            card = self._find(card_id)
            card.pull_enabled, card.push_enabled = pull, push
            cards.set_card_status(engine, card, card.status)

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
            InvalidRequestError: there is no such transfer, or it cannot clear: its source is short, or a card is not
                enabled for it.

        Example:
            sandbox.transfers.process(transfer.id)
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id)
            if transfer.status == "pending" and (found := failures.obstacle(engine, transfer)):
                raise InvalidRequestError(
                    f"The transfer cannot clear, it will fail at settlement: {found[1]}. Use `set_balance` of the "
                    "account or payment instrument, `cards.set_directions`, or `transfers.fail`."
                )
            transfers.process(engine, transfer_id)

    @action
    def fail(self, transfer_id: str, *, reason: str = "R01", leg: Leg | None = None) -> None:
        """Lets a pending transfer fail.

        Args:
            transfer_id: the transfer's id.
            reason: a NACHA return code such as `R01`, or a decline text.
            leg: the leg that fails after the other one was done: `push`, the source is debited and has its money back
                on the next banking morning; `pull`, the destination has been paid. When not given nothing was done.

        Raises:
            InvalidRequestError: there is no such transfer, it is not pending, there is no such return code, or the
                transfer has no such leg of its own.

        Example:
            sandbox.transfers.fail(transfer.id, reason="R03", leg="push")
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id, only="pending")
            check_reason(reason, argument="reason")
            if leg is None:
                failures.fail(engine, transfer, reason=reason, leg=failures.usual_leg(engine, transfer))
            else:
                check_half(engine, transfer, check_choice("leg", leg, ("pull", "push")))
                failures.fail_half(engine, transfer, reason=reason, leg=leg)

    @action
    def reject(self, transfer_id: str, *, reason: str = "rejected by the receiving bank") -> None:
        """Lets the instant network refuse a pending real-time transfer.

        It goes by same-day ACH, as documented, or fails when its routine has `disable_alternative_routing`.

        Args:
            transfer_id: the transfer's id.
            reason: what the bank says.

        Raises:
            InvalidRequestError: there is no such transfer, or it is not pending on an instant network.

        Example:
            sandbox.transfers.reject(transfer.id)
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id, only="pending")
            routine = engine.state.routines.rows[transfer.routine_id]
            if (routine.payment_type, routine.speed, transfer.rerouted) != ("ach", "real-time", False):
                raise InvalidRequestError("The transfer is not on an instant network. Use `transfers.fail`.")
            failures.reject(engine, transfer, reason=check_reason(reason, argument="reason"))

    @action
    def return_(self, transfer_id: str, *, code: str = "R10", leg: Leg | None = None, insist: bool = False) -> None:
        """Returns a processed ACH transfer: it fails after all.

        Args:
            transfer_id: the transfer's id.
            code: the NACHA return code.
            leg: `pull`, the debit of the source is returned and the destination keeps the money; or `push`, the credit
                of the destination. When not given, the push of what left a payment instrument, or else the pull.
            insist: True returns it even after the last day on which its code allows that.

        Raises:
            InvalidRequestError: there is no such transfer, it is not processed, there is no such code, it is too late
                for the code, or the leg is no ACH payment.

        Example:
            sandbox.transfers.return_(transfer.id, code="R10")
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id, only="processed")
            check_code(code, argument="code")
            if leg is not None:
                check_choice("leg", leg, ("pull", "push"))
            wanted = leg or failures.usual_leg(engine, transfer)
            check_returnable(engine, transfer, wanted)
            if not insist:
                check_return_day(engine, transfer.updated, code)
            failures.give_back(engine, transfer, code=code, leg=wanted)

    @action
    def return_batch(self, batch_id: str, *, code: str = "R01", insist: bool = False) -> None:
        """Returns the daily debit of a batch of net-debit payouts; the payouts stay paid.

        Args:
            batch_id: the batch transfer's id.
            code: the NACHA return code.
            insist: True returns it even after the last day on which its code allows that.

        Raises:
            InvalidRequestError: there is no such batch, it is not processed, there is no such code, or it is too late.

        Example:
            sandbox.transfers.return_batch(batch.id, code="R01")
        """
        engine = self._backend.engine
        with engine.lock:
            batch = find(engine.state.batches, batch_id, "batch transfer")
            if batch.status != "processed":
                raise InvalidRequestError(f"The batch transfer is {batch.status}, not processed.")
            check_code(code, argument="code")
            if not insist:
                check_return_day(engine, batch.updated, code)
            instruments.return_batch(engine, batch)

    @action
    def charge_back(
        self,
        transfer_id: str,
        *,
        code: str | None = None,
        description: str = "Fraud - card absent",
        insist: bool = False,
    ) -> dict[str, Any]:
        """Lets the cardholder dispute a transfer.

        Args:
            transfer_id: the transfer's id.
            code: the network's reason code; its code of fraud with an absent card when not given.
            description: the network's reason.
            insist: True disputes it even after the 120 days that a cardholder has.

        Returns:
            The chargeback, as Astra sends it; amounts are numbers of US dollars.

        Raises:
            InvalidRequestError: there is no such transfer, it is not processed, has no card, has been disputed already,
                the card's network has no such code, or it is too late.

        Example:
            sandbox.transfers.charge_back(transfer.id)["cb_id"]
        """
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id, only="processed")
            network = check_disputable(engine, transfer)
            wanted = FRAUD[network] if code is None else check_reason_code(code, network=network)
            if not insist:
                check_dispute_day(engine, transfer)
            return transfers.charge_back(engine, transfer, code=wanted, description=description)

    @action
    def update_chargeback(
        self, transfer_id: str, *, action_status: str = "Adjustment - merchant paid", dispute_status: str = "Won"
    ) -> dict[str, Any]:
        """Lets a dispute go on.

        Args:
            transfer_id: the transfer's id.
            action_status: what has been done about it.
            dispute_status: how the dispute stands: `Not Disputed`, `Open`, `Won` or `Lost`.

        Returns:
            The chargeback, as Astra sends it; amounts are numbers of US dollars.

        Raises:
            InvalidRequestError: there is no such transfer, it has no chargeback, or there is no such dispute status.

        Example:
            sandbox.transfers.update_chargeback(transfer.id, dispute_status="Lost")
        """
        check_choice("dispute_status", dispute_status, ("Not Disputed", "Open", "Won", "Lost"))
        engine = self._backend.engine
        with engine.lock:
            transfer = self._find(transfer_id)
            return transfers.update_chargeback(
                engine, transfer, action_status=action_status, dispute_status=dispute_status
            )

    def _find(self, transfer_id: str, *, only: str | None = None) -> Transfer:
        transfer = find(self._backend.engine.state.transfers, transfer_id, "transfer")
        if only is not None and transfer.status != only:
            raise InvalidRequestError(f"The transfer is {transfer.status}, not {only}.")
        return transfer


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

    @action
    def set_balance(self, instrument_id: str, balance: Amount) -> None:
        """Sets what a payment instrument has. When that is less than pending transfers hold, the newest will be short.

        Args:
            instrument_id: the payment instrument's id.
            balance: US dollars, as a `Decimal`, an int or text such as "20.00"; never a float, and not below zero.

        Raises:
            InvalidRequestError: there is no such payment instrument, or the amount is not right.

        Example:
            sandbox.payment_instruments.set_balance(instrument.id, "0.00")
        """
        dollars = check_balance(balance, argument="balance")
        engine = self._backend.engine
        with engine.lock:
            instrument = find(engine.state.instruments, instrument_id, "payment instrument")
            ledger.set_balance(engine.state, instrument, current=dollars, available=dollars)
