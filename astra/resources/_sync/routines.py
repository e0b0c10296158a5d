# Derived from astra/resources/_async/routines.py by scripts/unasync.py: edit that file.
"""Routines: instructions to move money, once or on a schedule."""

from __future__ import annotations

import time
from datetime import date
from typing import Unpack

from astra._names import model_in_our_names
from astra.errors import InvalidRequestError
from astra.http.calls import CallOptions
from astra.http.payment_match import facts_of, why_not_taken_over
from astra.money import Amount, Percent, to_amount
from astra.payments.record import PaymentRecord
from astra.resources._sync.routine_payer import OnUncertain, RoutinePayer
from astra.resources._sync.routines_reader import RoutinesReader
from astra.resources.choices import choice
from astra.resources.inputs import (
    check_correlation_id,
    fee_percent,
    new_correlation_id,
    rail_of,
    require,
    require_or_none,
    start,
)
from astra_api.api.routines import (
    create_account_to_card_routine,
    create_book_routine,
    create_card_to_account_routine,
    create_routine,
    delete_routine,
    get_routine,
    update_routine,
)
from astra_api.literals import (
    FrequencyLiteral,
    PaymentTypeLiteral,
    RoutineTypeLiteral,
    SettlementModeLiteral,
    SettlementSpeedLiteral,
)
from astra_api.models import (
    AccountToCardRoutineCreate,
    AchCreditReference,
    BookRoutineCreate,
    CardToAccountRoutineCreate,
    Frequency,
    PaymentType,
    Routine,
    RoutineCreate,
    RoutineParty,
    RoutineType,
    RoutineUpdate,
    SettlementMode,
    SettlementSpeed,
)


class Routines(RoutinePayer, RoutinesReader):
    """Routines of a user. Creating one can move money, so it is never sent twice; see `create`."""

    def create(
        self,
        *,
        type: RoutineTypeLiteral | RoutineType,
        name: str,
        payment_type: PaymentTypeLiteral | PaymentType,
        source_id: str,
        destination_id: str,
        amount: Amount,
        destination_user_id: str | None = None,
        start_date: date | str | None = None,
        preferred_settlement_speed: SettlementSpeedLiteral | SettlementSpeed | None = None,
        frequency: FrequencyLiteral | Frequency | str | None = None,
        client_correlation_id: str | None = None,
        debit_fee_percent: Percent | None = None,
        disable_alternative_routing: bool | None = None,
        ultimate_sender_user_id: str | None = None,
        ultimate_receiver_user_id: str | None = None,
        on_uncertain: OnUncertain = "raise",
        idempotency_key: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Routine:
        """Creates a routine between two accounts, or from card to card.

        Astra knows no idempotency key, so the request is sent again only when it certainly was not processed. If its
        outcome is not known, `UncertainOutcomeError` says so and helps to find out.

        Args:
            type: "one-time" or "recurring".
            name: your label.
            payment_type: "ach" or "debit".
            source_id: account, card or payment instrument the money leaves.
            destination_id: account or card that gets it.
            amount: US dollars, with cents and no finer: `Decimal("20.00")`, "20.00" or an int.
            destination_user_id: Astra's id of the receiver, for peer-to-peer.
            start_date: first day, as it is in Los Angeles, or an aware datetime; Astra's default is today.
            preferred_settlement_speed: "real-time", "T+0", "T+1", "T+2" or "T+4".
            frequency: "weekly", "bi-weekly" or "monthly", for recurring routines; other text is sent as it is, since
                Astra may take more.
            client_correlation_id: your reference, letters and digits: at most 8 on debit, 80 on ACH, 140 on RTP and
                FedNow. It goes into the statement text and is how a lost payment is found; make it unique.
            debit_fee_percent: `Decimal("1.25")`, "1.25" or an int, from 0 to 100; 1.25 means 1.25 %; debit only.
            disable_alternative_routing: True fails a real-time payment instead of sending it by same-day ACH.
            ultimate_sender_user_id: Astra's id of the user who sends at first. Astra documents the field without its
                name: this one is a guess of the spec.
            ultimate_receiver_user_id: Astra's id of the user who receives in the end; its name is a guess too.
            on_uncertain: "raise", or "reconcile": look for the payment, for what is left of the call's timeout and at
                most 20 seconds, and return it when it is there; makes a `client_correlation_id` if you gave none. It
                never sends the payment again.
            idempotency_key: your name for this payment, 1 to 255 characters: it is made once, however often it is
                called for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            UncertainOutcomeError: the payment may or may not have been made; `search` says what looking came to.
            AmbiguousPaymentError: the same, and something was found that may be it or another payment.
            BadRequestError: Astra refused it; nothing was made.
            IdempotencyConflictError: the idempotency key belongs to another payment; nothing was sent.
            PaymentInProgressError: another call sends the payment of this key; this one sent nothing.
            AstraError: as every call.

        Astra's reference: post_v1-routines.

        Example:
            routine = user.routines.create(
                type="one-time", name="Top-up", payment_type="ach", source_id=checking.id,
                destination_id=savings.id, amount="20.00", client_correlation_id="INV00042")
            print(routine.id, routine.request_id)
        """
        dollars = to_amount(amount)
        correlation = _correlation(client_correlation_id, on_uncertain, idempotency_key)
        check_correlation_id(correlation, rail=rail_of(payment_type, preferred_settlement_speed))
        body = RoutineCreate(
            type=choice(type, "RoutineType", argument="type"),
            name=name,
            payment_type=choice(payment_type, "PaymentType", argument="payment_type"),
            source_id=require(source_id, argument="source_id"),
            destination_id=require(destination_id, argument="destination_id"),
            destination_user_id=require_or_none(destination_user_id, argument="destination_user_id"),
            amount=dollars,
            start_date=start(start_date),
            preferred_settlement_speed=choice(
                preferred_settlement_speed, "SettlementSpeed", argument="preferred_settlement_speed"
            ),
            frequency=choice(frequency, "Frequency", argument="frequency"),
            client_correlation_id=correlation,
            debit_fee_percent=fee_percent(debit_fee_percent),
            disable_alternative_routing=disable_alternative_routing,
            ultimate_sender_user_id=require_or_none(ultimate_sender_user_id, argument="ultimate_sender_user_id"),
            ultimate_receiver_user_id=require_or_none(ultimate_receiver_user_id, argument="ultimate_receiver_user_id"),
        )
        return self._pay(create_routine, body, on_uncertain, idempotency_key, options)

    def account_to_card(
        self,
        *,
        name: str,
        amount: Amount,
        source_id: str,
        destination_id: str,
        destination_user_id: str,
        settlement_mode: SettlementModeLiteral | SettlementMode | str | None = None,
        ach_credit_addenda: str | None = None,
        client_correlation_id: str | None = None,
        debit_fee_percent: Percent | None = None,
        ultimate_sender_user_id: str | None = None,
        ultimate_receiver_user_id: str | None = None,
        on_uncertain: OnUncertain = "raise",
        idempotency_key: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Routine:
        """Pays out from an account to a card at once. Your client has to be enabled for it.

        Args:
            name: your label.
            amount: US dollars.
            source_id: account the money leaves; in net debit mode your own operating account.
            destination_id: card that gets it.
            destination_user_id: Astra's id of the card's user.
            settlement_mode: "gross_debit" or "net_debit"; the first is a guess of the spec, so other text is sent as it
                is.
            ach_credit_addenda: instead of a settlement mode, the older form: you have sent Astra the money by an ACH
                credit, and this is the text of its addenda by which Astra finds it.
            client_correlation_id: exactly 8 letters and digits; required with "gross_debit".
            debit_fee_percent: `Decimal("1.25")`, "1.25" or an int, from 0 to 100; 1.25 means 1.25 %.
            ultimate_sender_user_id: Astra's id of the user who sends at first. Astra documents the field without its
                name: this one is a guess of the spec.
            ultimate_receiver_user_id: Astra's id of the user who receives in the end; its name is a guess too.
            on_uncertain: "raise" or "reconcile", as in `create`.
            idempotency_key: your name for this payment, 1 to 255 characters: it is made once, however often it is
                called for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            UncertainOutcomeError: the payment may or may not have been made.
            IdempotencyConflictError: the idempotency key belongs to another payment; nothing was sent.
            PaymentInProgressError: another call sends the payment of this key; this one sent nothing.
            AstraError: as every call.

        Astra's reference: post_v1-routines-account-to-card.

        Example:
            routine = user.routines.account_to_card(
                name="Payout 42", amount="25.50", source_id=account.id, destination_id=card.id,
                destination_user_id=profile.id, settlement_mode="gross_debit", client_correlation_id="AB12CD34")
        """
        dollars = to_amount(amount)
        correlation = _correlation(client_correlation_id, on_uncertain, idempotency_key)
        check_correlation_id(correlation, rail="debit", exact=8)
        mode = choice(settlement_mode, "SettlementMode", argument="settlement_mode")
        addenda = require_or_none(ach_credit_addenda, argument="ach_credit_addenda")
        if (mode is None) == (addenda is None):
            raise InvalidRequestError("Give exactly one of settlement_mode and ach_credit_addenda.")
        if mode == "gross_debit" and correlation is None and idempotency_key is None:
            raise InvalidRequestError(
                "client_correlation_id is required with gross_debit: exactly 8 letters and digits. An idempotency_key "
                "makes one.",
                argument="client_correlation_id",
            )
        body = AccountToCardRoutineCreate(
            name=name,
            amount=dollars,
            source=RoutineParty(id=require(source_id, argument="source_id")),
            destination=RoutineParty(
                id=require(destination_id, argument="destination_id"),
                user_id=require(destination_user_id, argument="destination_user_id"),
            ),
            settlement_mode=mode,
            transfer=None if addenda is None else AchCreditReference(type="ach_credit", addenda=addenda),
            client_correlation_id=correlation,
            debit_fee_percent=fee_percent(debit_fee_percent),
            ultimate_sender_user_id=require_or_none(ultimate_sender_user_id, argument="ultimate_sender_user_id"),
            ultimate_receiver_user_id=require_or_none(ultimate_receiver_user_id, argument="ultimate_receiver_user_id"),
        )
        return self._pay(create_account_to_card_routine, body, on_uncertain, idempotency_key, options)

    def card_to_account(
        self,
        *,
        name: str,
        amount: Amount,
        source_id: str,
        destination_id: str,
        destination_user_id: str,
        client_correlation_id: str | None = None,
        start_date: date | str | None = None,
        debit_fee_percent: Percent | None = None,
        ultimate_sender_user_id: str | None = None,
        ultimate_receiver_user_id: str | None = None,
        on_uncertain: OnUncertain = "raise",
        idempotency_key: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Routine:
        """Funds a client-issued account from an external card.

        Args:
            name: your label.
            amount: US dollars.
            source_id: card the money leaves.
            destination_id: account that gets it.
            destination_user_id: Astra's id of the account's user.
            client_correlation_id: exactly 8 letters and digits; made for you when you give an `idempotency_key`.
            start_date: first day, as it is in Los Angeles, or an aware datetime; Astra's default is today.
            debit_fee_percent: `Decimal("1.25")`, "1.25" or an int, from 0 to 100; 1.25 means 1.25 %.
            ultimate_sender_user_id: Astra's id of the user who sends at first. Astra documents the field without its
                name: this one is a guess of the spec.
            ultimate_receiver_user_id: Astra's id of the user who receives in the end; its name is a guess too.
            on_uncertain: "raise" or "reconcile", as in `create`.
            idempotency_key: your name for this payment, 1 to 255 characters: it is made once, however often it is
                called for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine.

        Raises:
            InvalidRequestError: an argument cannot be right; nothing was sent.
            UncertainOutcomeError: the payment may or may not have been made.
            IdempotencyConflictError: the idempotency key belongs to another payment; nothing was sent.
            PaymentInProgressError: another call sends the payment of this key; this one sent nothing.
            AstraError: as every call.

        Astra's reference: post_v1-routines-card-to-account.

        Example:
            routine = user.routines.card_to_account(
                name="Top-up", amount="40.00", source_id=card.id, destination_id=account.id,
                destination_user_id=profile.id, client_correlation_id="AB12CD35")
        """
        dollars = to_amount(amount)
        correlation = _correlation(client_correlation_id, on_uncertain, idempotency_key)
        check_correlation_id(correlation, rail="debit", exact=8)
        if correlation is None and idempotency_key is None:
            raise InvalidRequestError(
                "client_correlation_id is required here: exactly 8 letters and digits. An idempotency_key makes one.",
                argument="client_correlation_id",
            )
        body = CardToAccountRoutineCreate(
            name=name,
            amount=dollars,
            source=RoutineParty(id=require(source_id, argument="source_id")),
            destination=RoutineParty(
                id=require(destination_id, argument="destination_id"),
                user_id=require(destination_user_id, argument="destination_user_id"),
            ),
            client_correlation_id=correlation or "",
            start_date=start(start_date),
            debit_fee_percent=fee_percent(debit_fee_percent),
            ultimate_sender_user_id=require_or_none(ultimate_sender_user_id, argument="ultimate_sender_user_id"),
            ultimate_receiver_user_id=require_or_none(ultimate_receiver_user_id, argument="ultimate_receiver_user_id"),
        )
        return self._pay(create_card_to_account_routine, body, on_uncertain, idempotency_key, options)

    def book(
        self,
        *,
        name: str,
        amount: Amount,
        source_id: str,
        destination_id: str,
        idempotency_key: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Routine:
        """Moves money between two payment instruments of your own. The session must be your own business user's.

        A book transfer carries no correlation id, so one with an unknown outcome has to be looked for by hand.

        Args:
            name: your label.
            amount: US dollars.
            source_id: payment instrument the money leaves.
            destination_id: payment instrument that gets it.
            idempotency_key: your name for this payment, 1 to 255 characters: it is made once, however often it is
                called for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine; `transfer_id` names its transfer.

        Raises:
            UncertainOutcomeError: the payment may or may not have been made.
            BadRequestError: Astra refused it; nothing was made.
            IdempotencyConflictError: the idempotency key belongs to another payment; nothing was sent.
            PaymentInProgressError: another call sends the payment of this key; this one sent nothing.
            AstraError: as every call.

        Astra's reference: post_v1-routines-book.

        Example:
            routine = business.routines.book(
                name="Sweep", amount="1000.00", source_id=first.id, destination_id=second.id)
        """
        dollars = to_amount(amount)
        body = BookRoutineCreate(
            name=name,
            amount=dollars,
            source_id=require(source_id, argument="source_id"),
            destination_id=require(destination_id, argument="destination_id"),
        )
        return self._pay(create_book_routine, body, "raise", idempotency_key, options)

    def update(
        self,
        routine_id: str,
        *,
        name: str | None = None,
        amount: Amount | None = None,
        start_date: date | str | None = None,
        frequency: FrequencyLiteral | Frequency | str | None = None,
        preferred_settlement_speed: SettlementSpeedLiteral | SettlementSpeed | None = None,
        client_correlation_id: str | None = None,
        active: bool | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Routine:
        """Changes a routine. Its type cannot change; a recurring routine's amount and schedule may be fixed.

        Args:
            routine_id: Astra's id of the routine.
            name: new label.
            amount: new amount in US dollars.
            start_date: new first day, or an aware datetime.
            frequency: "weekly", "bi-weekly" or "monthly"; other text is sent as it is.
            preferred_settlement_speed: "real-time", "T+0", "T+1", "T+2" or "T+4".
            client_correlation_id: new reference.
            active: False pauses it.
            idempotency_key: your name for this step, 1 to 255 characters: it is done once, however often it is called
                for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The routine.

        Raises:
            InvalidRequestError: nothing to change.
            UncertainOutcomeError: it was sent, and no answer says whether it was done. Read the routine again.
            IdempotencyConflictError: the idempotency key belongs to another payment; nothing was sent.
            PaymentInProgressError: another call sends the payment of this key; this one sent nothing.
            AstraError: as every call.

        Astra's reference: put_v1-routines-id.

        Example:
            user.routines.update("rt_1", name="Rent")
        """
        body = RoutineUpdate(
            name=name,
            amount=None if amount is None else to_amount(amount),
            start_date=start(start_date),
            frequency=choice(frequency, "Frequency", argument="frequency"),
            preferred_settlement_speed=choice(
                preferred_settlement_speed, "SettlementSpeed", argument="preferred_settlement_speed"
            ),
            client_correlation_id=client_correlation_id,
            active=active,
        )
        if not body.to_dict():
            raise InvalidRequestError("Give at least one field to change.")
        wanted = facts_of(model_in_our_names(body))

        def look(record: PaymentRecord, deadline: float) -> Routine | None:
            left = {"timeout": max(deadline - time.monotonic(), 0.001)}
            routine = self._call(get_routine, Routine, record.resource_id or "", options=left)
            return None if why_not_taken_over(model_in_our_names(routine), wanted) else routine

        return self._change_once(
            update_routine,
            Routine,
            require(routine_id, argument="routine_id"),
            body=body,
            idempotency_key=idempotency_key,
            options=options,
            look=look,
        )

    def delete(
        self, routine_id: str, *, idempotency_key: str | None = None, **options: Unpack[CallOptions]
    ) -> str | None:
        """Ends a recurring routine. A one-time routine is processed all the same: cancel its transfer instead.

        Args:
            routine_id: Astra's id of the routine.
            idempotency_key: your name for this step, 1 to 255 characters: it is done once, however often it is called
                for, from any process. Needs the client's `idempotency_store`.
            **options: timeout (seconds), max_retries, extra_headers, extra_query, extra_body.

        Returns:
            The request id of the answer, which has no body.

        Raises:
            NotFoundError: the user has no such routine.
            UncertainOutcomeError: it was sent, and no answer says whether it was done. Read the routine again.
            IdempotencyConflictError: the idempotency key belongs to something else; nothing was sent.
            AstraError: as every call.

        Astra's reference: delete_v1-routines-id.

        Example:
            user.routines.delete("rt_1")
        """
        return self._stop_once(
            delete_routine,
            require(routine_id, argument="routine_id"),
            idempotency_key=idempotency_key,
            options=options,
        )


def _correlation(given: str | None, on_uncertain: str, idempotency_key: str | None) -> str | None:
    if on_uncertain not in ("raise", "reconcile"):
        raise InvalidRequestError('on_uncertain must be "raise" or "reconcile".', argument="on_uncertain")
    # The record of a key has an id of its own, which outlives the process.
    needs_one = given is None and on_uncertain == "reconcile" and idempotency_key is None
    return new_correlation_id() if needs_one else given
