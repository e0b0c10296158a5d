"""What the sandbox remembers. Plain JSON values only (times are epoch seconds), so that a state can be saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

MetaData = dict[str, str]


@attrs.define(eq=False)
class Client:
    """An OAuth client: the program of an integrator."""

    id: str
    secret: str
    redirect_uris: list[str]
    bins: list[str]
    p2p: bool = False
    business_profile_id: str = ""


@attrs.define(eq=False)
class Intent:
    """A UserIntent."""

    id: str
    owner: str
    seq: int
    created: float
    profile: dict[str, Any]
    status: str = "pending"
    kyc_type: str = "verified"
    metadata: MetaData | None = None
    user_id: str | None = None


@attrs.define(eq=False)
class User:
    """A User; `owner` is the client that onboarded them."""

    id: str
    owner: str
    seq: int
    created: float
    profile: dict[str, Any]
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
    email_changes: list[float] = attrs.field(factory=list[float])
    phone_changes: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    address_changes: list[float] = attrs.field(factory=list[float])


@attrs.define(eq=False)
class BusinessProfile:
    """A business profile, as it was submitted."""

    id: str
    owner: str
    seq: int
    created: float
    values: dict[str, Any]
    user_id: str | None = None


@attrs.define(eq=False)
class Account:
    """A bank account of a user."""

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


@attrs.define(eq=False)
class Card:
    """A debit card of a user."""

    id: str
    owner: str
    seq: int
    created: float
    number_start: str
    number_end: str
    expiration_date: str
    first_name: str
    last_name: str
    address: dict[str, str | None]
    card_company: str = "Visa"
    card_type: str = "Debit"
    status: str = "approved"
    reasons: list[str] = attrs.field(factory=list[str])
    added_by_user: bool = False
    added_by_client: bool = True
    address_verified: bool = True
    removed: bool = False


@attrs.define(eq=False)
class Routine:
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


@attrs.define(eq=False)
class Transfer:
    """One movement of money made by a routine."""

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
    chargeback: dict[str, Any] | None = None
    batch_id: str | None = None
    receiver: str | None = None


@attrs.define(eq=False)
class Instrument:
    """A payment instrument of a client: an account at a partner bank."""

    id: str
    owner: str
    seq: int
    created: float
    name: str
    account_id: str
    account_number: str
    routing_number: str
    balance: Decimal


@attrs.define(eq=False)
class Batch:
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


@attrs.define(eq=False)
class Grant:
    """What a code or a token stands for."""

    user_id: str
    client_id: str
    expires: float
    redirect_uri: str = ""
    subject: str = "user"
