"""The operations of Astra's API: where each one is, how it is authorized, and which rule answers it."""

from typing import Literal

import attrs

from astra.sandbox.engine import (
    accounts,
    authorization,
    business,
    card_routines,
    cards,
    changes,
    instruments,
    intents,
    oauth,
    routines,
    transfers,
    users,
)
from astra.sandbox.engine.core import Handler


@attrs.frozen
class Operation:
    """One operation.

    Attributes:
        id: Its name.
        method: HTTP method.
        path: Path template, such as `/v1/accounts/{id}`.
        auth: `basic` for the client, `bearer` for a user.
        handler: The rule that answers.
        secure: Whether it lives on the secure host.
        form: Whether its body is a form instead of JSON.
    """

    id: str
    method: str
    path: str
    auth: Literal["basic", "bearer"]
    handler: Handler
    secure: bool = False
    form: bool = False


def basic(method: str, path: str, handler: Handler, *, form: bool = False) -> Operation:
    """An operation of the client."""
    return Operation(handler.__name__, method, path, "basic", handler, form=form)


def bearer(method: str, path: str, handler: Handler, *, secure: bool = False) -> Operation:
    """An operation of a user."""
    return Operation(handler.__name__, method, path, "bearer", handler, secure=secure)


OPERATIONS = (
    basic("POST", "/v1/oauth/token", oauth.exchange_token, form=True),
    basic("POST", "/v1/partner/identity/verification", authorization.create_identity_verification),
    basic("POST", "/v1/partner/identity/token", authorization.exchange_identity_token, form=True),
    bearer("GET", "/v1/user", users.get_user),
    bearer("PATCH", "/v1/users/{user_id}", users.update_user),
    bearer("GET", "/v1/users/{id}/capabilities", users.get_capabilities),
    bearer("POST", "/v1/upgrade_kyc_type", users.upgrade_kyc_type),
    bearer("POST", "/v1/request_user_phone_number_update", changes.request_phone_number_update),
    bearer("GET", "/v1/phone_number_change_requests", changes.list_phone_number_change_requests),
    bearer("POST", "/v1/request_address_change", changes.request_address_change),
    basic("POST", "/v1/user_intent", intents.create_user_intent),
    basic("GET", "/v1/user_intent/{id}", intents.get_user_intent),
    basic("POST", "/v1/business_profile", business.create_business_profile),
    basic("GET", "/v1/business_profile/{business_profile_id}", business.get_business_profile),
    bearer("GET", "/v1/accounts", accounts.list_accounts),
    bearer("GET", "/v1/accounts/{id}", accounts.get_account),
    bearer("DELETE", "/v1/accounts/{id}", accounts.delete_account),
    bearer("POST", "/v1/accounts/create", accounts.create_account, secure=True),
    bearer("POST", "/v1/accounts/processor_token", accounts.create_account_from_processor_token),
    basic("GET", "/v1/bins/{bin}", cards.get_bin),
    bearer("GET", "/v1/cards", cards.list_cards),
    bearer("POST", "/v1/cards", cards.create_card, secure=True),
    bearer("GET", "/v1/cards/{id}", cards.get_card),
    bearer("DELETE", "/v1/cards/{id}", cards.delete_card),
    bearer("GET", "/v1/cards/{id}/auth_details", cards.get_card_auth_details),
    bearer("GET", "/v1/routines", routines.list_routines),
    bearer("POST", "/v1/routines", routines.create_routine),
    bearer("POST", "/v1/routines/preview", card_routines.preview_routine),
    bearer("POST", "/v1/routines/account-to-card", card_routines.create_account_to_card_routine),
    bearer("POST", "/v1/routines/card-to-account", card_routines.create_card_to_account_routine),
    bearer("POST", "/v1/routines/book", card_routines.create_book_routine),
    bearer("GET", "/v1/routines/{id}", routines.get_routine),
    bearer("PUT", "/v1/routines/{id}", routines.update_routine),
    bearer("DELETE", "/v1/routines/{id}", routines.delete_routine),
    bearer("GET", "/v1/routines/{id}/transfers", transfers.list_routine_transfers),
    bearer("GET", "/v1/transfers", transfers.list_transfers),
    bearer("GET", "/v1/transfers/{id}", transfers.get_transfer),
    bearer("GET", "/v1/transfers/{id}/segments", transfers.list_transfer_segments),
    bearer("POST", "/v1/transfers/{id}/cancel", transfers.cancel_transfer),
    basic("GET", "/v1/batch_transfers/{id}", instruments.get_batch_transfer),
    basic("GET", "/v1/payment_instruments", instruments.list_payment_instruments),
    basic("GET", "/v1/payment_instruments/{id}", instruments.get_payment_instrument),
    basic("GET", "/v1/instant_payment_eligibility", instruments.list_instant_payment_eligibility),
)
