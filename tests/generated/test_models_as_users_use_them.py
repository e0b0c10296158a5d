"""Models in the tools that users put them into: attrs, json, msgspec, pydantic, FastAPI, pickle, match."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from typing import Annotated, Any

import attrs
import flask
import httpx
import msgspec
import pydantic
import pytest
from astra_api.errors import FieldDecodeError
from astra_api.models import (
    Card,
    GenericError,
    Metadata,
    Routine,
    RoutineCreate,
    RoutineParty,
    TransferList,
    UserIntentCreate,
)
from astra_api.operations import OPERATIONS
from django.http import JsonResponse
from fastapi import Body, FastAPI
from pydantic import TypeAdapter, ValidationError

from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext
from astra.http.operations import parse
from astra.http.responses import Response
from astra.types import Transfer, TransferStatus
from tests.django_project import configure_django

RAW = {
    "id": "tr_1",
    "amount": Decimal("20.10"),
    "status": "pending",
    "initiated": "2026-05-04T12:00:00",
    "chargeback": {"cb_id": "cb_1", "original_settled_amount": 7},
    "surprise": {"deep": [Decimal("1.50")]},
}
NOON = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)


def transfer(**changes: Any) -> Transfer:
    return Transfer.from_dict({**RAW, **changes})


def answered(data: Any) -> Response:
    context = CallContext(OPERATIONS["list_transfers"], "/v1/transfers", "customer-42")
    context.request_ids = ("req_1",)
    context.status_code = 200
    return Response(context, json.dumps(data, default=float).encode())


def test_json_dumps_writes_money_and_times_as_text() -> None:
    assert json.loads(json.dumps(transfer().to_dict(mode="json"))) == {
        **RAW,
        "amount": "20.10",
        "initiated": "2026-05-04T12:00:00+00:00",
        "chargeback": {"cb_id": "cb_1", "original_settled_amount": "7.00"},
        "surprise": {"deep": ["1.50"]},
    }
    assert json.loads(transfer().to_json()) == transfer().to_dict(mode="json")
    made = Transfer(id="t", amount=Decimal("20.10"), status=TransferStatus.PENDING, initiated=NOON)
    assert made.to_dict(mode="json") == {
        "id": "t",
        "amount": "20.10",
        "status": "pending",
        "initiated": "2026-05-04T12:00:00+00:00",
    }


def test_to_dict_is_a_fresh_copy_of_what_came_and_from_dict_keeps_one() -> None:
    given = copy.deepcopy(RAW)
    model = Transfer.from_dict(given)
    given["surprise"]["deep"].append("changed")  # type: ignore[index]
    model.to_dict()["surprise"]["deep"].append("changed")
    model["surprise"]["deep"].append("changed")
    model.additional_properties["surprise"]["deep"].append("changed")
    assert model.to_dict() == RAW == dict(model)
    assert list(model.keys()) == list(RAW)
    assert "surprise" in model
    assert "failure_reason" not in model


def test_attrs_knows_the_fields() -> None:
    assert {field.name for field in attrs.fields(Transfer)} >= {"id", "amount", "status", "chargeback"}
    values = attrs.asdict(transfer())
    assert values["amount"] == Decimal("20.10")
    assert values["initiated"] == NOON
    assert values["chargeback"]["cb_id"] == "cb_1"
    assert values["failure_reason"] is None
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        transfer().amount = Decimal(1)  # type: ignore[misc]


def test_an_evolved_object_shows_the_change_everywhere() -> None:
    before = transfer()
    after = attrs.evolve(before, amount=Decimal("7.00"), failure_reason="R01")
    assert (after.amount, before.amount) == (Decimal("7.00"), Decimal("20.10"))
    assert after.to_dict()["amount"] == Decimal("7.00")
    assert after.to_dict()["failure_reason"] == "R01"
    assert after.chargeback == before.chargeback
    assert after != before
    assert attrs.evolve(after, amount=before.amount) == attrs.evolve(before, failure_reason="R01")


def test_equal_objects_have_equal_hashes_also_with_lists_and_objects_inside() -> None:
    page = {"transfers": [RAW, RAW], "more": False}
    assert len({TransferList.from_dict(page), TransferList.from_dict(page), TransferList.from_dict({})}) == 2
    card = {"id": "c", "status": "approved", "review_reasons": ["C1001"]}
    assert hash(Card.from_dict(card)) == hash(Card.from_dict(card))
    assert transfer() != transfer(surprise=None)
    assert transfer(failure_reason=None) == transfer()


def test_objects_match_patterns() -> None:
    match transfer():
        case Transfer(status=TransferStatus.PENDING, amount=amount, chargeback=object(cb_id=found)):
            assert (amount, found) == (Decimal("20.10"), "cb_1")
        case _:
            pytest.fail("it did not match")


def test_pickle_and_copies_keep_everything_also_the_call() -> None:
    page = parse(answered({"transfers": [RAW, RAW]}), TransferList)
    item = page.transfers[1]
    for twin in (pickle.loads(pickle.dumps(item)), copy.deepcopy(item), copy.copy(item)):
        assert twin == item
        assert twin.to_dict() == item.to_dict()
        assert twin.request_id == "req_1" == twin.chargeback.request_id
    assert len(pickle.dumps(parse(answered({"transfers": [RAW] * 100}), TransferList).transfers[0])) < 2_000
    made = RoutineParty(id="a", user_id="u")
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made


def test_msgspec_encodes_a_model() -> None:
    written = msgspec.json.decode(msgspec.json.encode(transfer()))
    assert written["amount"] == "20.10"
    assert written["status"] == "pending"
    assert written["chargeback"]["cb_id"] == "cb_1"


def test_pydantic_validates_and_serializes() -> None:
    adapter = TypeAdapter(Transfer)
    body = json.dumps(RAW, default=float)
    for found in (adapter.validate_python(RAW), adapter.validate_json(body)):
        assert isinstance(found, Transfer)
        assert (found.amount, found.initiated, found.status) == (Decimal("20.10"), NOON, TransferStatus.PENDING)
        assert found.additional_properties
    same = transfer()
    assert adapter.validate_python(same) is same
    assert adapter.dump_python(same) == RAW
    assert json.loads(adapter.dump_json(same)) == same.to_dict(mode="json")
    assert adapter.validate_json(adapter.dump_json(same)).amount == same.amount
    assert adapter.validate_python({**RAW, "status": "teleported"}).status == "teleported"


def test_pydantic_names_what_is_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Transfer).validate_python({"amount": "much", "status": "pending", "chargeback": {"cb_id": 1}})
    assert {error["loc"] for error in caught.value.errors()} == {("id",), ("amount",), ("chargeback", "cb_id")}


def test_a_model_is_a_field_of_a_pydantic_model() -> None:
    class Payout(pydantic.BaseModel):
        transfer: Transfer
        routine: Routine | None = None

    payout = Payout(transfer=transfer())
    assert json.loads(payout.model_dump_json())["transfer"]["amount"] == "20.10"
    assert Payout.model_validate_json(payout.model_dump_json()).transfer.amount == Decimal("20.10")
    schema = Payout.model_json_schema()
    assert {"Transfer", "Routine", "RoutineParty", "Chargeback"} <= set(schema["$defs"])


async def test_fastapi_returns_a_transfer_and_describes_it() -> None:
    app = FastAPI()

    @app.get("/transfer")
    async def read() -> Transfer:
        return transfer()

    @app.get("/transfers", response_model=list[Transfer])
    async def read_all() -> list[Transfer]:
        return parse(answered({"transfers": [RAW]}), TransferList).transfers

    @app.post("/echo")
    async def echo(body: Annotated[Transfer, Body()]) -> Transfer:
        return body

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        wanted = transfer().to_dict(mode="json")
        assert (await client.get("/transfer")).json() == wanted
        assert (await client.get("/transfers")).json()[0]["amount"] == "20.10"
        assert (await client.post("/echo", json=wanted)).json() == wanted
        assert (await client.post("/echo", json={"id": "tr_1"})).status_code == 422
        document = (await client.get("/openapi.json")).json()
    answer = document["paths"]["/transfer"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    name = answer["$ref"].rpartition("/")[2]
    assert name.startswith("Transfer")
    described = document["components"]["schemas"][name]
    assert set(described["properties"]) == {field.name for field in attrs.fields(Transfer)}
    assert described["required"] == ["id", "amount", "status"]
    assert described["title"] == "Transfer"
    assert "movement of money" in described["description"]


def test_flask_and_django_answer_with_what_to_dict_gives() -> None:
    app = flask.Flask("app")
    with app.app_context():
        by_flask = flask.jsonify(transfer().to_dict(mode="json")).get_data()
    configure_django()
    by_django = JsonResponse(transfer().to_dict(mode="json")).content
    assert json.loads(by_flask) == json.loads(by_django) == transfer().to_dict(mode="json")


def test_pydantic_is_not_needed() -> None:
    program = "import sys; from astra_api.models import Transfer; assert 'pydantic_core' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_missing_id_raises_where_it_is_read_and_nowhere_before() -> None:
    page = parse(answered({"transfers": [{"amount": 1, "status": "pending"}]}), TransferList)
    found = page.transfers[0]
    assert found.amount == 1
    assert "unreadable" in repr(found)
    assert found == found
    assert {found}
    assert found.to_dict() == {"amount": 1, "status": "pending"}
    with pytest.raises(ResponseDecodeError, match=r"Transfer\.id is missing") as caught:
        _ = found.id
    assert caught.value.request_id == "req_1"
    assert caught.value.field == "id"
    with pytest.raises(AttributeError, match="'Transfer' object has no attribute 'ident'"):
        _ = found.ident  # type: ignore[attr-defined]


@pytest.mark.parametrize("bad", [{**RAW, "amount": "much"}, {**RAW, "amount": None}, {**RAW, "amount": "NaN"}])
def test_one_bad_item_of_a_hundred_spoils_one_field_of_one_item(bad: dict[str, Any]) -> None:
    items: list[Any] = [{**RAW, "id": f"tr_{number}"} for number in range(100)]
    items[42] = {**bad, "id": "tr_42"}
    page = parse(answered({"transfers": items, "more": False}), TransferList)
    assert [item.id for item in page.transfers] == [f"tr_{number}" for number in range(100)]
    assert page.transfers[42].initiated == NOON
    readable = [number for number, item in enumerate(page.transfers) if is_readable(item)]
    assert readable == [number for number in range(100) if number != 42]


def is_readable(item: Transfer) -> bool:
    try:
        return item.amount == Decimal("20.10")
    except ResponseDecodeError:
        return False


def test_an_id_that_comes_as_a_number_is_text() -> None:
    assert transfer(id=17).id == "17"
    assert transfer(id=17).to_dict()["id"] == 17


def test_every_object_of_a_page_finds_its_own_json() -> None:
    items = [{**RAW, "id": f"tr_{number}", "unknown": number} for number in range(50)]
    for number in range(0, 50, 2):
        del items[number]["chargeback"]
    page = parse(answered({"transfers": items, "unknown": "of the page"}), TransferList)
    assert page.additional_properties == {"unknown": "of the page"}
    assert [item.additional_properties["unknown"] for item in page.transfers] == list(range(50))
    boards = [item.chargeback for item in page.transfers if item.chargeback is not None]
    assert len(boards) == 25
    assert all(board.to_dict() == RAW["chargeback"] and board.request_id == "req_1" for board in boards)


def test_numbers_that_nothing_can_hold_do_no_harm_in_fields_that_nobody_knows() -> None:
    body = b'{"id": "t", "status": "pending", "amount": 1.10, "x": 1e99999999999999999999, "y": ' + b"9" * 6_000 + b"}"
    found = Transfer.from_json(body)
    assert found.amount == Decimal("1.10")
    assert found.to_dict()["x"] == "1e99999999999999999999"
    assert found["y"] == "9" * 6_000
    assert found == pickle.loads(pickle.dumps(found))


def test_what_is_not_json_or_no_object_is_refused() -> None:
    for body in (b"", b"{", b"NaN", b"[]", b'"text"', "7", b'{"x":' + b"[" * 100_000):
        with pytest.raises(ValueError):
            Transfer.from_json(body)


def test_requests_take_text_and_members_and_leave_out_what_is_none() -> None:
    body = RoutineCreate(
        type="one-time",
        name="Top-up",
        payment_type="ach",
        source_id="a",
        destination_id="b",
        amount=Decimal("20.10"),
        start_date=datetime.date(2026, 5, 4),
        frequency=None,
    )
    assert body.to_dict() == {
        "type": "one-time",
        "name": "Top-up",
        "payment_type": "ach",
        "source_id": "a",
        "destination_id": "b",
        "amount": Decimal("20.10"),
        "start_date": "2026-05-04",
    }
    assert body.type == "one-time"
    with pytest.raises(TypeError, match="kind"):
        RoutineCreate(kind="one-time")  # type: ignore[call-arg]


def test_secrets_and_personal_data_are_not_shown_and_the_code_of_an_error_is() -> None:
    intent = UserIntentCreate(
        email="edmund@example.com",
        phone="+15557771234",
        first_name="Edmund",
        last_name="Hillary",
        address1="123 Astra Ave",
        city="Palo Alto",
        state="CA",
        postal_code="94304",
        date_of_birth="1919-07-20",
        ssn="123-45-6789",
        metadata=Metadata.from_dict({"customer": "Edmund"}),
    )
    for text in ("edmund", "Edmund", "555", "Hillary", "Astra", "Palo", "'CA'", "94304", "1919", "6789"):
        assert text not in repr(intent)
    assert "email=[hidden]" in repr(intent)
    card = Card.from_dict({"id": "card_1", "status": "approved", "last_name": "Hillary", "surprise": "4242 4242"})
    assert "Hillary" not in repr(card)
    assert "4242" not in repr(card)
    assert "card_1" in repr(card)
    assert "code=404" in repr(GenericError.from_dict({"code": 404, "name": "Not Found"}))


def test_an_error_of_a_field_survives_pickle() -> None:
    with pytest.raises(FieldDecodeError) as caught:
        _ = Transfer.from_dict({}).id
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (str(twin), twin.field) == ("Transfer.id is missing", "id")
