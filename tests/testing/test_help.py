"""Errors, webhooks and canned answers are those of real life."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest

import astra
from astra import Astra, ConfigurationError
from astra.sandbox import Sandbox
from astra.testing import CannedAnswers, construct_error, sign_webhook, webhook_event
from astra.testing.canned import operation_of, response_model
from astra.webhooks import ChargebackEvent, TransferEvent, UnknownEvent, Webhooks
from scripts.spec_document.walk import operations, resolve
from tests.spec.documents import spec

TRANSFER = {"id": "tr_1", "amount": 20.25, "status": "processed"}


def shape(error: astra.APIError) -> dict[str, Any]:
    kept = ("status_code", "code", "name", "description", "field_errors", "body", "hint", "operation", "method")
    return {"class": type(error), **{name: getattr(error, name) for name in kept}}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(400, {}), (401, {}), (403, {}), (404, {}), (429, {"Retry-After": "7"}), (503, {}), (500, {})],
)
def test_a_constructed_error_is_the_one_that_a_real_call_raises(status: int, headers: dict[str, str]) -> None:
    body = {"code": status, "name": "Some Name", "description": "What happened"}
    with Sandbox() as sandbox, Astra("sandbox-client", "sandbox-secret", base_url=sandbox.url, max_retries=0) as client:
        sandbox.faults.add(operation="get_bin", status=status, body=body, headers=headers)
        with pytest.raises(astra.APIError) as caught:
            client.bins.get("440393")
    made = construct_error(status, body=body, operation="get_bin", headers=headers)
    assert shape(made) == shape(caught.value)
    assert getattr(made, "retry_after", None) == getattr(caught.value, "retry_after", None)


def test_a_constructed_error_reads_as_a_real_one() -> None:
    fields = {"status_code": 400, "name": "Bad Request", "description": {"amount": ["Must be positive."]}}
    error = construct_error(400, body=fields, operation="create_routine", request_id="req_7")
    assert type(error) is astra.BadRequestError
    assert error.field_errors == {"amount": ("Must be positive.",)}
    assert error.request_id == "req_7"
    assert "amount: Must be positive." in str(error)
    assert "POST /v1/routines" in str(error)
    assert shape(pickle.loads(pickle.dumps(error))) == shape(error)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": "invalid_grant", "error_description": "no"}, astra.OAuthError),
        (None, astra.BadRequestError),
        (b"<html>", astra.BadRequestError),
        ("text", astra.BadRequestError),
    ],
)
def test_any_body_gives_the_class_that_it_would_have(body: Any, kind: type[astra.APIError]) -> None:
    assert type(construct_error(400, body=body, operation="exchange_token")) is kind


def test_an_error_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="get_nothing"):
        construct_error(400, operation="get_nothing")
    with pytest.raises(ConfigurationError, match="200"):
        construct_error(200)


@pytest.mark.parametrize(
    ("type", "kind"),
    [("transfer_updated", TransferEvent), ("chargeback_created", ChargebackEvent), ("brand_new", UnknownEvent)],
)
def test_a_made_event_has_the_class_of_its_type(type: str, kind: type) -> None:
    event = webhook_event(type, resource_id="tr_1", resource_parent_id="tr_0", metadata={"k": 1.5})
    assert isinstance(event, kind)
    assert (event.resource_id, event.metadata["k"]) == ("tr_1", Decimal("1.5"))


@pytest.mark.parametrize("form", ["event", "payload", "bytes"])
def test_a_signed_webhook_passes_verification_with_its_secret_only(form: str) -> None:
    event = webhook_event("transfer_updated", resource_id="tr_1")
    given: Any = {"event": event, "payload": event.data, "bytes": event.body}[form]
    signed = sign_webhook(given, secret="s3cret")
    assert Webhooks("s3cret").parse(signed.body, signed.headers["Astra-Verification"]) == event
    assert signed.signature == signed.headers["Astra-Verification"]
    with pytest.raises(astra.WebhookVerificationError):
        Webhooks("other").parse(signed.body, signed.signature)


def test_canned_answers_come_in_order_and_the_last_one_stays() -> None:
    canned = CannedAnswers()
    canned.on("get_transfer", {**TRANSFER, "status": "pending"}).on("get_transfer", TRANSFER)
    user = canned.client.user("customer-42")
    seen = [user.transfers.get("tr_1").status for _ in range(3)]
    assert seen == ["pending", "processed", "processed"]
    assert user.transfers.get("tr_1").amount == Decimal("20.25")
    canned.close()


async def test_canned_answers_serve_both_clients() -> None:
    canned = CannedAnswers()
    canned.on("list_transfers", {"count": 1, "transfers": [TRANSFER], "cursor": None, "more": False})
    async with canned.async_client as client:
        assert [transfer.id async for transfer in client.user("customer-42").transfers.list()] == ["tr_1"]
    assert [transfer.id for transfer in canned.client.user("customer-42").transfers.list()] == ["tr_1"]
    canned.close()


def test_what_was_sent_can_be_looked_at() -> None:
    canned = CannedAnswers()
    canned.on("create_routine", {"id": "rt_1", "status": "active"})
    canned.client.user("customer-42").routines.create(
        type="one-time", name="Rent", payment_type="ach", source_id="a", destination_id="b", amount="20.25"
    )
    (sent,) = canned.requests
    assert (sent.operation, sent.method, sent.path) == ("create_routine", "POST", "/v1/routines")
    assert sent.body["amount"] == 20.25
    canned.close()


def test_a_canned_failure_raises_its_error() -> None:
    canned = CannedAnswers()
    canned.on("get_transfer", status=404)
    with pytest.raises(astra.NotFoundError) as caught:
        canned.client.user("customer-42").transfers.get("tr_1")
    assert caught.value.request_id == "canned-1"
    canned.close()


def test_an_answer_without_a_body() -> None:
    canned = CannedAnswers()
    canned.on("delete_account")
    assert canned.client.user("customer-42").accounts.delete("a") == "canned-1"
    canned.close()


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("get_transfer", {"id": "tr_1", "statuss": "pending"}, "Transfer has no field 'statuss'"),
        ("list_transfers", {"transfers": [TRANSFER, {"idd": "x"}]}, r"TransferList.transfers\[1\] has no field 'idd'"),
        ("get_transfer", {**TRANSFER, "chargeback": {"nope": 1}}, "Transfer.chargeback has no field 'nope'"),
        ("get_transfer", [TRANSFER], "Transfer is a JSON object, not list"),
        ("get_transfer", None, "answers with a body"),
        ("get_transfers", {}, "no operation 'get_transfers'"),
    ],
)
def test_an_answer_that_astra_could_not_give_is_refused(operation: str, body: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        CannedAnswers().on(operation, body)


def test_a_call_without_a_canned_answer_says_what_to_write() -> None:
    canned = CannedAnswers()
    with pytest.raises(ConfigurationError, match=r"canned.on\('get_transfer'"):
        canned.client.user("customer-42").transfers.get("tr_1")
    canned.close()


def test_another_key_is_told_whose_answers_these_are() -> None:
    canned = CannedAnswers(key="customer-7")
    canned.on("get_transfer", TRANSFER)
    with pytest.raises(astra.UnknownUserError, match=r"'other': canned answers know only 'customer-7'; .*key="):
        canned.client.user("other").transfers.get("tr_1")
    assert canned.client.user("customer-7").transfers.get("tr_1").id == "tr_1"
    canned.on("exchange_token", {"access_token": "a", "refresh_token": "r", "expires_in": 7200, "token_type": "b"})
    assert canned.client.oauth.exchange("code", key="other").transfers.get("tr_1").id == "tr_1"
    canned.close()


def test_every_operation_has_its_route_and_its_model() -> None:
    from astra_api.operations import OPERATIONS

    without_model = {name for name in OPERATIONS if response_model(name) is None}
    answers = {operation.id: operation.node["responses"] for operation in operations(spec())}
    assert without_model == {
        name
        for name, responses in answers.items()
        if not any(resolve(spec(), responses[status]).get("content") for status in responses if status.startswith("2"))
    }
    for name, operation in OPERATIONS.items():
        filled = operation.path.replace("{", "").replace("}", "")
        assert operation_of(operation.method, filled) == name


def test_what_the_package_offers_can_be_imported() -> None:
    import astra.testing

    for name in astra.testing.__all__:
        assert getattr(astra.testing, name) is not None
    assert set(astra.testing.__all__) <= set(dir(astra.testing))
    with pytest.raises(AttributeError, match="nothing"):
        astra.testing.nothing  # type: ignore[attr-defined]
