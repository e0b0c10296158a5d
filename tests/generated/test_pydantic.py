"""What pydantic lets through can be read; what cannot is refused by the name of the field, as a validation error."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Annotated, Any

import httpx
import pydantic
import pytest
from astra_api.types import Model
from fastapi import Body, FastAPI
from fastapi.exceptions import ResponseValidationError
from pydantic import TypeAdapter, ValidationError

from astra.types import Card, Transfer, TransferList, TransferStatus

ITEM: dict[str, Any] = {"id": "t", "amount": 1, "status": "pending"}
WHOLE = Transfer.from_dict(ITEM)
BROKEN = Transfer.from_dict({"amount": 1, "status": "pending"})
ADAPTER = TypeAdapter(Transfer)
UNREADABLE = [
    ({"initiated": 1700000000}, ("initiated",)),
    ({"id": b"a"}, ("id",)),
    ({"amount": " 20 "}, ("amount",)),
    ({"chargeback": {"created": 1700000000}}, ("chargeback", "created")),
]


def refused(kind: Any, value: Any) -> list[tuple[str | int, ...]]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return [error["loc"] for error in caught.value.errors()]


@pytest.mark.parametrize(("change", "place"), UNREADABLE)
def test_what_pydantic_takes_and_we_cannot_read_is_refused_by_name(
    change: dict[str, Any], place: tuple[str, ...]
) -> None:
    assert refused(Transfer, {**ITEM, **change}) == [place]
    page = {"transfers": [ITEM, {**ITEM, **change}]}
    assert refused(TransferList, page) == [("transfers", 1, *place)]


def test_models_and_values_of_python_inside_of_a_mapping_are_read() -> None:
    noon = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
    page = TypeAdapter(TransferList).validate_python({"transfers": [WHOLE, {**ITEM, "initiated": noon}]})
    assert [item.id for item in page.transfers] == ["t", "t"]
    assert page.transfers[0] == WHOLE
    assert page.transfers[1].initiated == noon
    assert json.loads(page.to_json())["transfers"][1]["initiated"] == "2026-05-04T12:00:00+00:00"
    found = ADAPTER.validate_python({**ITEM, "status": TransferStatus.FAILED, "amount": Decimal("1.10")})
    assert json.loads(found.to_json())["status"] == "failed"


@pytest.mark.parametrize(
    ("kind", "value", "place"),
    [
        (Transfer, BROKEN, ("id",)),
        (TransferList, {"transfers": [WHOLE, BROKEN]}, ("transfers", 1, "id")),
        (TransferList, TransferList.from_dict({"transfers": [BROKEN]}), ("transfers", 0, "id")),
        (TransferList, TransferList(transfers=[WHOLE, BROKEN]), ("transfers", 1, "id")),
        (Transfer, Transfer.from_dict({**ITEM, "amount": "much"}), ("amount",)),
        (Transfer, TransferList.from_dict({"transfers": ["text"]}).transfers[0], ("id",)),
    ],
)
def test_an_object_that_cannot_be_read_as_a_whole_is_refused(
    kind: type[Model], value: Any, place: tuple[str | int, ...]
) -> None:
    class Holder(pydantic.BaseModel):
        held: kind  # type: ignore[valid-type]

    assert place in refused(kind, value)
    assert ("held", *place) in refused(Holder, {"held": value})


def test_an_error_names_the_class_and_shows_no_value_of_an_object() -> None:
    for value in ({"id": 1}, {**ITEM, "initiated": 1}, BROKEN, 7):
        with pytest.raises(ValidationError, match=r"validation errors? for .*Transfer") as caught:
            ADAPTER.validate_python(value)
        assert "check()" not in str(caught.value)
    secret = Card.from_dict({"id": "c", "last_name": "Hillary"})
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Card).validate_python(secret)
    assert "Hillary" not in str(caught.value)


def test_an_object_that_is_whole_is_handed_on_as_it_is() -> None:
    page = TransferList.from_json(json.dumps({"transfers": [ITEM] * 3}))
    assert ADAPTER.validate_python(WHOLE) is WHOLE
    assert TypeAdapter(TransferList).validate_python(page) is page


async def test_fastapi_answers_422_to_what_cannot_be_read_and_sends_no_broken_object() -> None:
    app = FastAPI()

    @app.post("/echo")
    async def echo(body: Annotated[Transfer, Body()]) -> Transfer:
        return body

    @app.get("/broken", response_model=Transfer)
    async def read() -> Any:
        return BROKEN

    @app.get("/annotated")
    async def read_annotated() -> Transfer:
        return BROKEN

    @app.get("/page", response_model=TransferList)
    async def read_page() -> Any:
        return TransferList.from_dict({"transfers": [BROKEN]})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        for change, place in UNREADABLE:
            if change != {"id": b"a"}:
                answer = await client.post("/echo", json={**ITEM, **change})
                assert answer.status_code == 422
                assert answer.json()["detail"][0]["loc"] == ["body", *place]
        for path in ("/broken", "/annotated", "/page"):
            with pytest.raises(ResponseValidationError):
                await client.get(path)
