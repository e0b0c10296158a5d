"""What the sandbox remembers: JSON values (times are epoch seconds) and amounts, so that a state can be saved.

No value is changed in place, and the types forbid it: a record that was not told of a change would not be saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from astra.sandbox.engine.unsaved import Noted, note

MetaData = Mapping[str, str]


@attrs.define(eq=False, on_setattr=note)
class Client(Noted):
    """An OAuth client: the program of an integrator."""

    id: str
    secret: str
    redirect_uris: Sequence[str]
    bins: Sequence[str]
    p2p: bool = False
    business_profile_id: str = ""


@attrs.define(eq=False, on_setattr=note)
class Intent(Noted):
    """A UserIntent.

    Attributes:
        id: the intent's id.
        owner: the client that made it.
        seq: its place in time.
        created: when, in epoch seconds of the sandbox's clock.
        profile: the person's data by field.
        status: such as `approved`.
        kyc_type: `verified`, `unverified` or `receive-only`.
        metadata: the client's own pairs.
        user_id: the user that it became, or None.
    """

    id: str
    owner: str
    seq: int
    created: float
    profile: Mapping[str, Any]
    status: str = "pending"
    kyc_type: str = "verified"
    metadata: MetaData | None = None
    user_id: str | None = None


@attrs.define(eq=False, on_setattr=note)
class User(Noted):
    """A user.

    Attributes:
        id: Astra's user id.
        owner: the client that onboarded them.
        seq: their place in time.
        created: when, in epoch seconds of the sandbox's clock.
        profile: the person's data by field.
        status: such as `approved`.
        kyc_type: `verified`, `unverified` or `receive-only`.
        metadata: the client's own pairs.
        intent_id: the UserIntent that they were.
        business_profile_id: the business that they stand for, or None.
        authorized: whether the client has exchanged a code for them.
        access_token: the valid access token, or an empty string.
        refreshes: how many refreshes of tokens have succeeded.
        downgraded: whether too many changes of email have lowered the capabilities.
        client_business: whether they stand for the client's own business.
        transfer_limit: the most that one of their transfers may move, in US dollars, or None.
        daily_limit: the most that their transfers of 24 hours may move, in US dollars, or None.
        email_changes: when the email was changed.
        phone_changes: requests to change the phone number.
        address_changes: when the address was changed.
    """

    id: str
    owner: str
    seq: int
    created: float
    profile: Mapping[str, Any]
    status: str = "approved"
    kyc_type: str = "verified"
    metadata: MetaData | None = None
    intent_id: str | None = None
    business_profile_id: str | None = None
    authorized: bool = False
    access_token: str = attrs.field(default="", repr=False)
    refreshes: int = 0
    downgraded: bool = False
    client_business: bool = False
    email_changes: Sequence[float] = ()
    phone_changes: Sequence[Mapping[str, Any]] = ()
    address_changes: Sequence[float] = ()
    transfer_limit: Decimal | None = None
    daily_limit: Decimal | None = None


@attrs.define(eq=False, on_setattr=note)
class BusinessProfile(Noted):
    """A business profile, as it was submitted."""

    id: str
    owner: str
    seq: int
    created: float
    values: Mapping[str, Any]
    user_id: str | None = None


@attrs.define(eq=False, on_setattr=note)
class Account(Noted):
    """A bank account of a user.

    Attributes:
        id: the account's id.
        owner: the user.
        seq: its place in time.
        created: when it was linked, in epoch seconds of the sandbox's clock.
        name: such as "Plaid Checking".
        official_name: the bank's name for it.
        nickname: the user's name for it.
        mask: the last four digits of its number.
        institution_name: the bank.
        type: such as `depository`.
        subtype: `checking` or `savings`.
        current_balance: US dollars.
        available_balance: US dollars.
        connection_status: `connected` when it can be used.
        client_issued: whether the client made it by account and routing number.
        origin: what it was made from.
    """

    id: str
    owner: str
    seq: int
    created: float
    name: str
    official_name: str | None = None
    nickname: str | None = None
    mask: str = "0000"
    institution_name: str | None = None
    type: str = "depository"
    subtype: str = "checking"
    current_balance: Decimal | None = None
    available_balance: Decimal | None = None
    connection_status: str = "connected"
    client_issued: bool = False
    origin: str = ""


@attrs.define(eq=False, on_setattr=note)
class Card(Noted):
    """A debit card of a user.

    Attributes:
        id: the card's id.
        owner: the user.
        seq: its place in time.
        created: when, in epoch seconds of the sandbox's clock.
        number_start: the first six digits.
        number_end: the last four digits.
        expiration_date: as MM/YY.
        first_name: on the card.
        last_name: on the card.
        address: the billing address by field.
        card_company: such as `Visa`.
        card_type: such as `Debit`.
        status: `approved`, `flagged`, `rejected` or `removed`.
        reasons: codes of the review.
        added_by_user: whether another bank issued it.
        added_by_client: whether this client added it.
        address_verified: whether the address was verified.
        removed: whether it was deleted.
        pull_enabled: whether money can be taken from it, when it is approved.
        push_enabled: whether money can be sent to it, when it is approved.
    """

    id: str
    owner: str
    seq: int
    created: float
    number_start: str
    number_end: str
    expiration_date: str
    first_name: str
    last_name: str
    address: Mapping[str, str | None]
    card_company: str = "Visa"
    card_type: str = "Debit"
    status: str = "approved"
    reasons: Sequence[str] = ()
    added_by_user: bool = False
    added_by_client: bool = True
    address_verified: bool = True
    removed: bool = False
    pull_enabled: bool = True
    push_enabled: bool = True


@attrs.define(eq=False, on_setattr=note)
class Routine(Noted):
    """An instruction to move money. `shape` is `classic`, or `party` for the two card endpoints."""

    id: str
    owner: str
    seq: int
    created: float
    shape: str
    type: str
    name: str
    payment_type: str
    source_id: str
    destination_id: str
    amount: Decimal
    start_date: str
    speed: str
    status: str = "active"
    destination_user_id: str | None = None
    frequency: str | None = None
    client_correlation_id: str | None = None
    fee_percent: Decimal | None = None
    payment_route: str | None = None
    settlement_mode: str | None = None
    runs: int = 0
    started: bool = False
    removed: bool = False
    transfer_id: str | None = None
    alternative_routing: bool = True


@attrs.define(eq=False, on_setattr=note)
class Transfer(Noted):
    """One movement of money made by a routine.

    Attributes:
        id: the transfer's id.
        owner: the user.
        seq: its place in time.
        created: when it began, in epoch seconds of the sandbox's clock.
        routine_id: the routine that made it.
        updated: when its status changed last, in epoch seconds.
        clearing: when it clears, in epoch seconds.
        amount: US dollars.
        status: `pending`, `processed`, `failed` or `cancelled`.
        failure_reason: such as `R01`.
        settlement_reason: why it settles later.
        chargeback: the dispute without its amounts, or None.
        batch_id: the batch transfer that it belongs to, or None.
        receiver: the user who gets the money, when it is another one.
        held: whether its amount is held on the source.
        given_back: whether a dispute has given its amount back.
        rerouted: whether an instant network refused it, so that it goes by same-day ACH.
        pull: how its debit of the source stands, when that is not how the transfer stands.
        push: how its credit of the destination stands, when that is not how the transfer stands.
    """

    id: str
    owner: str
    seq: int
    created: float
    routine_id: str
    updated: float
    clearing: float
    amount: Decimal
    status: str = "pending"
    failure_reason: str | None = None
    settlement_reason: str | None = None
    chargeback: Mapping[str, Any] | None = None
    batch_id: str | None = None
    receiver: str | None = None
    held: bool = False
    given_back: bool = False
    rerouted: bool = False
    pull: str | None = None
    push: str | None = None


@attrs.define(eq=False, on_setattr=note)
class Instrument(Noted):
    """A payment instrument of a client: an account at a partner bank.

    Attributes:
        id: the payment instrument's id.
        owner: the client.
        seq: its place in time.
        created: when, in epoch seconds of the sandbox's clock.
        name: such as "FBO settlement account".
        account_id: the id of the account.
        account_number: ten digits.
        routing_number: nine digits.
        balance: US dollars.
    """

    id: str
    owner: str
    seq: int
    created: float
    name: str
    account_id: str
    account_number: str
    routing_number: str
    balance: Decimal


@attrs.define(eq=False, on_setattr=note)
class Batch(Noted):
    """A batch transfer: one debit of a client's account for the net-debit payouts of a banking day."""

    id: str
    owner: str
    seq: int
    created: float
    source_id: str
    updated: float
    closes: float
    amount: Decimal = Decimal(0)
    count: int = 0
    status: str = "pending"
    user_id: str | None = None


@attrs.define(eq=False, on_setattr=note)
class Book(Noted):
    """The balance of what is no bank account and no payment instrument, in US dollars."""

    id: str
    seq: int
    balance: Decimal = Decimal(0)
    owner: str = "books"


@attrs.frozen(eq=False)
class Grant:
    """What a code or a token stands for."""

    user_id: str
    client_id: str
    expires: float
    redirect_uri: str = ""
    subject: str = "user"
