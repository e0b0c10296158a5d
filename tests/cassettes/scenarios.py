"""One success and one documented failure for every operation: the single source for recording and for replaying.

A scenario is a call on the facade. It is written once; the async client gives an awaitable or a pager for the same
words, which `tests/cassettes/test_replay.py` waits for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

import astra
from tests.cassettes.world import BUSINESS, PERSON, World

Act = Callable[[Any, World], Any]
NOBODY = "00000000000000000000000000000000"


@attrs.frozen
class Scenario:
    """One call.

    Attributes:
        operation: operation id.
        outcome: "success" or "failure".
        act: the call.
        error: class of the documented failure.
        status: its HTTP status.
        injected: True when the sandbox is told to fail, because no argument brings the failure about.
    """

    operation: str
    outcome: str
    act: Act
    error: type[astra.APIError] | None = None
    status: int | None = None
    injected: bool = False

    @property
    def name(self) -> str:
        """Name of its cassette."""
        return f"{self.operation}.{self.outcome}"


INTENT: dict[str, Any] = {
    "email": "tenzing.norgay@example.com",
    "phone": "+15557775678",
    "first_name": "Tenzing",
    "last_name": "Norgay",
    "address1": "123 Astra Ave",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
    "date_of_birth": "1914-05-29",
    "ssn": "9999",
    "ip_address": "203.0.113.7",
}
BUSINESS_PROFILE: dict[str, Any] = {
    "phone": "+15557774321",
    "business_info": {"business_type": "llc", "business_name": "Everest LLC", "ein": "12-3456789"},
    "business_admin": {"first_name": "Edmund", "last_name": "Hillary"},
    "business_controller": {"first_name": "Edmund", "last_name": "Hillary", "title": "CEO"},
}
ACCOUNT: dict[str, Any] = {
    "institution_id": "astra_ins_131",
    "bank_account_type": "savings",
    "name": "Rainy days",
    "account_number": "1234567",
    "routing_number": "222222226",
}
CARD: dict[str, Any] = {
    "card_number": "4000000000000002",
    "card_security_code": "123",
    "expiration_date": "12/49",
    "first_name": "Edmund",
    "last_name": "Hillary",
    "street_line_1": "123 Astra Ave",
    "city": "Palo Alto",
    "state": "CA",
    "zip_code": "94304",
    "added_by_user": True,
}


def payment(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "type": "one-time",
        "name": "Rent",
        "payment_type": "ach",
        "source_id": world.checking,
        "destination_id": world.savings,
        "amount": "100.25",
        "client_correlation_id": "INV00042",
        **changes,
    }


def payout(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Payout",
        "amount": "20.00",
        "source_id": world.checking,
        "destination_id": world.card,
        "destination_user_id": world.user,
        "settlement_mode": "gross_debit",
        "client_correlation_id": "AB12CD34",
        **changes,
    }


def funding(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Funding",
        "amount": "40.00",
        "source_id": world.card,
        "destination_id": world.spare_account,
        "destination_user_id": world.user,
        "client_correlation_id": "AB12CD35",
        **changes,
    }


def preview(world: World, **changes: Any) -> dict[str, Any]:
    cards = {"source_id": world.card, "destination_id": world.other_card}
    return {"type": "one-time", "name": "Preview", "amount": "100", **cards, **changes}


def person(client: Any) -> Any:
    return client.user(PERSON)


# operation: (success, failure, class of the failure, its status). A failure of None is injected: 503, maintenance.
TABLE: dict[str, tuple[Act, Act | None, type[astra.APIError], int]] = {
    "exchange_token": (
        lambda c, w: c.oauth.exchange(w.code, key="new"),
        lambda c, w: c.oauth.exchange("a-code-that-never-was", key="new"),
        astra.OAuthError,
        400,
    ),
    "create_identity_verification": (
        lambda c, w: c.partner_identity.create_verification(user_id=w.user),
        lambda c, w: c.partner_identity.create_verification(user_id=NOBODY),
        astra.NotFoundError,
        404,
    ),
    "exchange_identity_token": (
        lambda c, w: c.oauth.exchange_identity_token(w.session_token, user_consent_captured=True, key="new"),
        lambda c, w: c.oauth.exchange_identity_token("never-was", user_consent_captured=True, key="new"),
        astra.OAuthError,
        400,
    ),
    "get_user": (lambda c, w: person(c).profile.get(), None, astra.ServiceUnavailableError, 503),
    "update_user": (
        lambda c, w: person(c).profile.update(email="new@example.com", user_id=w.user),
        lambda c, w: person(c).profile.update(email="new@example.com", user_id=NOBODY),
        astra.NotFoundError,
        404,
    ),
    "get_capabilities": (
        lambda c, w: person(c).capabilities.get(user_id=w.user),
        lambda c, w: person(c).capabilities.get(user_id=NOBODY),
        astra.NotFoundError,
        404,
    ),
    "upgrade_kyc_type": (
        lambda c, w: c.user("receiver").profile.upgrade_kyc_type(
            kyc_type="verified", ssn="9999", date_of_birth="1919-07-20"
        ),
        lambda c, w: person(c).profile.upgrade_kyc_type(kyc_type="unverified"),
        astra.BadRequestError,
        400,
    ),
    "request_phone_number_update": (
        lambda c, w: person(c).profile.request_phone_number_update(phone="+15557770000"),
        lambda c, w: person(c).profile.request_phone_number_update(phone="+15557770001"),
        astra.BadRequestError,
        400,
    ),
    "list_phone_number_change_requests": (
        lambda c, w: person(c).profile.phone_number_change_requests(),
        None,
        astra.ServiceUnavailableError,
        503,
    ),
    "request_address_change": (
        lambda c, w: person(c).profile.request_address_change(address1="124 Astra Ave"),
        lambda c, w: person(c).profile.request_address_change(state="Nowhere"),
        astra.BadRequestError,
        400,
    ),
    "create_user_intent": (
        lambda c, w: c.user_intents.create(**INTENT, metadata={"internal_customer_id": "7797f3bc"}),
        lambda c, w: c.user_intents.create(**{**INTENT, "postal_code": "nowhere"}),
        astra.BadRequestError,
        400,
    ),
    "get_user_intent": (
        lambda c, w: c.user_intents.get(w.intent),
        lambda c, w: c.user_intents.get(NOBODY),
        astra.NotFoundError,
        404,
    ),
    "create_business_profile": (
        lambda c, w: c.business_profiles.create(**BUSINESS_PROFILE),
        lambda c, w: c.business_profiles.create(**{**BUSINESS_PROFILE, "business_controller": None}),
        astra.BadRequestError,
        400,
    ),
    "get_business_profile": (
        lambda c, w: c.business_profiles.get(w.business_profile),
        lambda c, w: c.business_profiles.get(NOBODY),
        astra.NotFoundError,
        404,
    ),
    "list_accounts": (lambda c, w: person(c).accounts.list(), None, astra.ServiceUnavailableError, 503),
    "get_account": (
        lambda c, w: person(c).accounts.get(w.checking),
        lambda c, w: person(c).accounts.get("no-such-account"),
        astra.NotFoundError,
        404,
    ),
    "create_account": (
        lambda c, w: person(c).accounts.create(**ACCOUNT),
        lambda c, w: person(c).accounts.create(**{**ACCOUNT, "routing_number": "123456789"}),
        astra.BadRequestError,
        400,
    ),
    "create_account_from_processor_token": (
        lambda c, w: c.user("receiver").accounts.create_from_processor_token("processor-sandbox-1"),
        lambda c, w: person(c).accounts.create_from_processor_token("processor-sandbox-1"),
        astra.BadRequestError,
        400,
    ),
    "delete_account": (
        lambda c, w: person(c).accounts.delete(w.spare_account),
        lambda c, w: person(c).accounts.delete("no-such-account"),
        astra.NotFoundError,
        404,
    ),
    "get_bin": (lambda c, w: c.bins.get("400022"), lambda c, w: c.bins.get("999999"), astra.NotFoundError, 404),
    "list_cards": (lambda c, w: person(c).cards.list(), None, astra.ServiceUnavailableError, 503),
    "create_card": (
        lambda c, w: person(c).cards.create(**CARD),
        lambda c, w: person(c).cards.create(**{**CARD, "expiration_date": "13/49"}),
        astra.BadRequestError,
        400,
    ),
    "get_card": (
        lambda c, w: person(c).cards.get(w.card),
        lambda c, w: person(c).cards.get("no-such-card"),
        astra.NotFoundError,
        404,
    ),
    "get_card_auth_details": (
        lambda c, w: person(c).cards.auth_details(w.card),
        lambda c, w: person(c).cards.auth_details("no-such-card"),
        astra.NotFoundError,
        404,
    ),
    "delete_card": (
        lambda c, w: person(c).cards.delete(w.spare_card),
        lambda c, w: person(c).cards.delete(w.card),
        astra.BadRequestError,
        400,
    ),
    "list_routines": (lambda c, w: person(c).routines.list(), None, astra.ServiceUnavailableError, 503),
    "get_routine": (
        lambda c, w: person(c).routines.get(w.routine),
        lambda c, w: person(c).routines.get("no-such-routine"),
        astra.NotFoundError,
        404,
    ),
    "create_routine": (
        lambda c, w: person(c).routines.create(**payment(w)),
        lambda c, w: person(c).routines.create(**payment(w, source_id="no-such-account")),
        astra.BadRequestError,
        400,
    ),
    "create_account_to_card_routine": (
        lambda c, w: person(c).routines.account_to_card(**payout(w)),
        lambda c, w: person(c).routines.account_to_card(**payout(w, destination_id="no-such-card")),
        astra.BadRequestError,
        400,
    ),
    "create_card_to_account_routine": (
        lambda c, w: person(c).routines.card_to_account(**funding(w)),
        lambda c, w: person(c).routines.card_to_account(**funding(w, source_id="no-such-card")),
        astra.BadRequestError,
        400,
    ),
    "create_book_routine": (
        lambda c, w: c.user(BUSINESS).routines.book(
            name="Sweep", amount="1000.00", source_id=w.fbo, destination_id=w.operating
        ),
        lambda c, w: person(c).routines.book(
            name="Sweep", amount="1000.00", source_id=w.fbo, destination_id=w.operating
        ),
        astra.BadRequestError,
        400,
    ),
    "preview_routine": (
        lambda c, w: person(c).routines.preview(**preview(w)),
        lambda c, w: person(c).routines.preview(**preview(w, payment_type="ach")),
        astra.BadRequestError,
        400,
    ),
    "update_routine": (
        lambda c, w: person(c).routines.update(w.recurring, name="Rent"),
        lambda c, w: person(c).routines.update("no-such-routine", name="Rent"),
        astra.NotFoundError,
        404,
    ),
    "delete_routine": (
        lambda c, w: person(c).routines.delete(w.recurring),
        lambda c, w: person(c).routines.delete("no-such-routine"),
        astra.NotFoundError,
        404,
    ),
    "list_routine_transfers": (
        lambda c, w: person(c).routines.transfers(w.routine),
        lambda c, w: person(c).routines.transfers("no-such-routine"),
        astra.NotFoundError,
        404,
    ),
    "list_transfers": (
        lambda c, w: person(c).transfers.list(page_size=10),
        None,
        astra.ServiceUnavailableError,
        503,
    ),
    "get_transfer": (
        lambda c, w: person(c).transfers.get(w.transfer),
        lambda c, w: person(c).transfers.get("no-such-transfer"),
        astra.NotFoundError,
        404,
    ),
    "list_transfer_segments": (
        lambda c, w: person(c).transfers.segments(w.transfer),
        lambda c, w: person(c).transfers.segments("no-such-transfer"),
        astra.NotFoundError,
        404,
    ),
    "cancel_transfer": (
        lambda c, w: person(c).transfers.cancel(w.cancellable),
        lambda c, w: person(c).transfers.cancel(w.cancellable),
        astra.BadRequestError,
        400,
    ),
    "get_batch_transfer": (
        lambda c, w: c.batch_transfers.get(w.batch),
        lambda c, w: c.batch_transfers.get(NOBODY),
        astra.NotFoundError,
        404,
    ),
    "list_payment_instruments": (
        lambda c, w: c.payment_instruments.list(),
        None,
        astra.ServiceUnavailableError,
        503,
    ),
    "get_payment_instrument": (
        lambda c, w: c.payment_instruments.get(w.fbo),
        lambda c, w: c.payment_instruments.get(NOBODY),
        astra.NotFoundError,
        404,
    ),
    "list_instant_payment_eligibility": (
        lambda c, w: c.instant_payment_eligibility.list(page_size=10),
        None,
        astra.ServiceUnavailableError,
        503,
    ),
}


def scenarios() -> list[Scenario]:
    """All of them: each success before its failure, because some failures are a second try, and what deletes last."""
    found = []
    for operation in sorted(TABLE, key=lambda name: name.startswith("delete_")):
        success, failure, error, status = TABLE[operation]
        found.append(Scenario(operation, "success", success))
        found.append(Scenario(operation, "failure", failure or success, error, status, injected=failure is None))
    return found
