"""What the methods that pay send, byte for byte as JSON."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

import astra
from astra._names import request_in_our_names
from astra.tokens import TokenAnswer
from tests.names import operation_at

CARD = {"name": "Payout", "amount": "25.50", "source_id": "acc_1", "destination_id": "card_1"}


def sent_by(method: str, **arguments: Any) -> dict[str, Any]:
    """The body that one payment sends."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent = json.loads(request.content)
        bodies.append(request_in_our_names(operation_at(request.method, request.url.path) or "", sent))
        return httpx.Response(201, json={**sent, "id": "rtn_1", "status": "pending"})

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as http_client,
        astra.Astra("id", "secret", base_url="http://127.0.0.1:1", http_client=http_client) as client,
    ):
        client.tokens.store_answer("payer", TokenAnswer(access_token="at", expires_in=7200), astra_user_id="usr_1")
        getattr(client.user("payer").routines, method)(**arguments)
    return bodies[0]


def test_the_older_form_of_account_to_card_names_the_ach_credit_by_its_addenda() -> None:
    sent = sent_by("account_to_card", **CARD, destination_user_id="usr_2", ach_credit_addenda="ADD 1")
    assert sent["transfer"] == {"type": "ach_credit", "addenda": "ADD 1"}
    assert "settlement_mode" not in sent


@pytest.mark.parametrize("both", [{}, {"settlement_mode": "net_debit", "ach_credit_addenda": "ADD 1"}])
def test_account_to_card_takes_exactly_one_of_its_forms(both: dict[str, str]) -> None:
    with pytest.raises(astra.InvalidRequestError, match="exactly one"):
        sent_by("account_to_card", **CARD, destination_user_id="usr_2", **both)


@pytest.mark.parametrize(
    ("method", "more"),
    [
        (
            "create",
            {
                "type": "one-time",
                "payment_type": "ach",
                "name": "Rent",
                "amount": "5",
                "source_id": "acc_1",
                "destination_id": "acc_2",
            },
        ),
        ("account_to_card", {**CARD, "destination_user_id": "usr_2", "settlement_mode": "net_debit"}),
        ("card_to_account", {**CARD, "destination_user_id": "usr_2", "client_correlation_id": "AB12CD34"}),
    ],
)
def test_the_ultimate_sender_and_receiver_are_sent(method: str, more: dict[str, Any]) -> None:
    sent = sent_by(method, **more, ultimate_sender_user_id="usr_8", ultimate_receiver_user_id="usr_9")
    assert (sent["ultimate_sender_user_id"], sent["ultimate_receiver_user_id"]) == ("usr_8", "usr_9")


def test_what_a_refusal_echoes_of_the_sent_body_is_hidden_in_the_error() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"code": 400, "description": "account number 123456789 is closed"})

    with (
        httpx.Client(transport=httpx.MockTransport(refuse)) as http_client,
        astra.Astra("id", "secret", base_url="http://127.0.0.1:1", http_client=http_client) as client,
        pytest.raises(astra.BadRequestError) as caught,
    ):
        client.tokens.store_answer("payer", TokenAnswer(access_token="at", expires_in=7200), astra_user_id="usr_1")
        client.user("payer").accounts.create(
            institution_id="astra_ins_131",
            bank_account_type="checking",
            name="Main",
            account_number="123456789",
            routing_number="021000021",
        )
    for shown in (str(caught.value), repr(caught.value.body), str(caught.value.description)):
        assert "123456789" not in shown
