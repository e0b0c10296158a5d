"""What a typed event offers, family by family."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal

import pytest

from astra.webhooks import (
    BatchTransferEvent,
    CardEvent,
    ChargebackEvent,
    InboundPaymentEvent,
    ResourceRef,
    RoutineEvent,
    TransactionsEvent,
    TransferEvent,
    UnknownEvent,
    UserEvent,
    UserIntentEvent,
    WebhookEvent,
    Webhooks,
)
from astra.webhooks.parser import KNOWN_TYPES

webhooks = Webhooks("secret")


def parse(**payload: object) -> WebhookEvent:
    body = json.dumps({"webhook_id": "w-1", "user_id": "u-1", "resource_id": "r-1"} | payload).encode()
    return webhooks.parse(body, webhooks.sign(body))


@pytest.mark.parametrize(
    ("kind", "family", "target"),
    [
        (
            "user_intent_updated",
            UserIntentEvent,
            ResourceRef("user_intent", "r-1", "get_user_intent", needs_user=False),
        ),
        ("user_updated", UserEvent, ResourceRef("user", "r-1", "get_user", needs_user=True)),
        ("routine_updated", RoutineEvent, ResourceRef("routine", "r-1", "get_routine", needs_user=True)),
        ("transfer_created", TransferEvent, ResourceRef("transfer", "r-1", "get_transfer", needs_user=True)),
        ("transfer_updated", TransferEvent, ResourceRef("transfer", "r-1", "get_transfer", needs_user=True)),
        (
            "batch_transfer_created",
            BatchTransferEvent,
            ResourceRef("batch_transfer", "r-1", "get_batch_transfer", needs_user=False),
        ),
        (
            "batch_transfer_updated",
            BatchTransferEvent,
            ResourceRef("batch_transfer", "r-1", "get_batch_transfer", needs_user=False),
        ),
        ("chargeback_created", ChargebackEvent, None),
        ("chargeback_updated", ChargebackEvent, None),
        ("card_created", CardEvent, ResourceRef("card", "r-1", "get_card", needs_user=True)),
        ("card_updated", CardEvent, ResourceRef("card", "r-1", "get_card", needs_user=True)),
        (
            "inbound_payment_received",
            InboundPaymentEvent,
            ResourceRef("payment_instrument", "r-1", "get_payment_instrument", needs_user=False),
        ),
        (
            "transactions_initial_update",
            TransactionsEvent,
            ResourceRef("account", "r-1", "get_account", needs_user=True),
        ),
        (
            "transactions_historical_update",
            TransactionsEvent,
            ResourceRef("account", "r-1", "get_account", needs_user=True),
        ),
        (
            "transactions_default_update",
            TransactionsEvent,
            ResourceRef("account", "r-1", "get_account", needs_user=True),
        ),
        ("transactions_removed", TransactionsEvent, ResourceRef("account", "r-1", "get_account", needs_user=True)),
        ("something_new_happened", UnknownEvent, None),
    ],
)
def test_an_event_has_the_class_of_its_family_and_says_what_to_read_again(kind, family, target) -> None:
    event = parse(webhook_type=kind)
    assert type(event) is family
    assert (event.type, event.id, event.resource_id, event.target) == (kind, "w-1", "r-1", target)


def test_every_operation_that_an_event_points_to_exists() -> None:
    from astra_api.operations import OPERATIONS

    for kind in KNOWN_TYPES:
        target = parse(webhook_type=kind, resource_parent_id="t-1").target
        assert target is not None
        operation = OPERATIONS[target.operation]
        assert (operation.method, operation.auth) == ("GET", "bearer" if target.needs_user else "basic")


def test_a_user_intent_event_names_no_user() -> None:
    # On the wire user_id repeats the intent's id; no user has it.
    event = parse(webhook_type="user_intent_updated", user_id="r-1", metadata={"order": "7"})
    assert isinstance(event, UserIntentEvent)
    assert (event.user_id, event.user_intent_id, event.data["user_id"]) == (None, "r-1", "r-1")
    assert event.metadata == {"order": "7"}


def test_a_chargeback_leads_to_its_transfer() -> None:
    event = parse(webhook_type="chargeback_updated", resource_id="C9", resource_parent_id="t-1")
    assert isinstance(event, ChargebackEvent)
    assert (event.chargeback_id, event.transfer_id, event.resource_parent_id) == ("C9", "t-1", "t-1")
    assert event.target == ResourceRef("transfer", "t-1", "get_transfer", needs_user=True)


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ("1234.56", Decimal("1234.56")),
        ("0.1", Decimal("0.1")),
        ("99999999999999.99", Decimal("99999999999999.99")),
        ("5", Decimal(5)),
        ('"12.30"', Decimal("12.30")),
        ("null", None),
        ("true", None),
        ('"NaN"', None),
        ('"much"', None),
        ("[]", None),
    ],
)
def test_an_inbound_payment_has_its_exact_amount(given: str, amount: Decimal | None) -> None:
    body = (
        '{"webhook_type": "inbound_payment_received", "webhook_id": "w", "user_id": null, "resource_id": "p", '
        f'"metadata": {{"amount": {given}, "type": "Ach"}}}}'
    ).encode()
    event = webhooks.parse(body, webhooks.sign(body))
    assert isinstance(event, InboundPaymentEvent)
    assert (event.amount, event.payment_type, event.user_id) == (amount, "Ach", None)


def test_removed_transactions_are_listed() -> None:
    event = parse(webhook_type="transactions_removed", removed_transactions=["a", "b", 3])
    assert isinstance(event, TransactionsEvent)
    assert event.removed_transaction_ids == ("a", "b")
    assert event.account_id == "r-1"


def test_an_unknown_event_keeps_everything_it_says() -> None:
    event = parse(webhook_type="comet_sighted", tail={"length": 1.5}, resource_id=42)
    assert isinstance(event, UnknownEvent)
    assert (event.data["tail"], event.resource_id, event.action) == ({"length": Decimal("1.5")}, "42", "sighted")


@pytest.mark.parametrize("webhook_id", [None, "", 7, "x" * 201, "a\u0000b", "é", ["a"]])
def test_an_event_without_a_usable_id_gets_one_from_what_was_signed(webhook_id: object) -> None:
    first = parse(webhook_type="card_updated", webhook_id=webhook_id)
    assert first.id == parse(webhook_type="card_updated", webhook_id=webhook_id).id
    assert first.id.startswith("sha256:")
    assert first.id != parse(webhook_type="card_updated", webhook_id=webhook_id, resource_id="r-2").id


def test_an_id_is_the_same_however_the_spacing_was_changed_on_the_way() -> None:
    body = json.dumps({"webhook_type": "card_updated", "resource_id": "c"}).encode()
    squeezed = json.dumps(json.loads(body), separators=(",", ":")).encode()
    signature = webhooks.sign(body)
    assert webhooks.parse(body, signature).id == webhooks.parse(squeezed, signature).id


def test_events_can_be_stored_pickled_and_hashed() -> None:
    event = parse(webhook_type="transfer_updated", metadata={"a": 1})
    assert webhooks.parse_unverified(event.body) == event
    assert pickle.loads(pickle.dumps(event)) == event
    assert len({event, parse(webhook_type="transfer_updated", metadata={"a": 1})}) == 1
