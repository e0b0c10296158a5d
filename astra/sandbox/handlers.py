"""Which rule answers which operation. Method, path, credential and host of an operation are the spec's."""

from __future__ import annotations

from typing import Final

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
from astra.sandbox.engine.problems import generic
from astra.sandbox.magic import eligibility

HANDLERS: Final[dict[str, Handler]] = {
    handler.__name__: handler
    for handler in (
        oauth.exchange_token,
        authorization.create_identity_verification,
        authorization.exchange_identity_token,
        users.get_user,
        users.update_user,
        users.get_capabilities,
        users.upgrade_kyc_type,
        changes.request_phone_number_update,
        changes.list_phone_number_change_requests,
        changes.request_address_change,
        intents.create_user_intent,
        intents.get_user_intent,
        business.create_business_profile,
        business.get_business_profile,
        accounts.list_accounts,
        accounts.get_account,
        accounts.delete_account,
        accounts.create_account,
        accounts.create_account_from_processor_token,
        cards.get_bin,
        cards.list_cards,
        cards.create_card,
        cards.get_card,
        cards.delete_card,
        cards.get_card_auth_details,
        routines.list_routines,
        routines.create_routine,
        card_routines.preview_routine,
        card_routines.create_account_to_card_routine,
        card_routines.create_card_to_account_routine,
        card_routines.create_book_routine,
        routines.get_routine,
        routines.update_routine,
        routines.delete_routine,
        transfers.list_routine_transfers,
        transfers.list_transfers,
        transfers.get_transfer,
        transfers.list_transfer_segments,
        transfers.cancel_transfer,
        instruments.get_batch_transfer,
        instruments.list_payment_instruments,
        instruments.get_payment_instrument,
        eligibility.list_instant_payment_eligibility,
    )
}
"""The rules by the id of their operation."""


def handler_of(operation_id: str) -> Handler:
    """Returns the rule of an operation.

    Raises:
        Problem: 501, as the sandbox has none.
    """
    handler = HANDLERS.get(operation_id)
    if handler is None:
        raise generic(501)
    return handler
