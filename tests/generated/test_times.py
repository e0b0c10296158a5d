"""Times that leave the program say which offset they have, whatever they came as."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter

from astra.types import Transfer, TransferList, TransferStatus

ITEM: dict[str, Any] = {"id": "t", "amount": 1, "status": "pending"}
TIMES = [
    ("2026-05-04T12:00:00", "2026-05-04T12:00:00+00:00"),
    ("2026-05-04 12:00:00.5", "2026-05-04T12:00:00.500000+00:00"),
    ("2026-05-04", "2026-05-04T00:00:00+00:00"),
    ("2026-05-04T12:00:00Z", "2026-05-04T12:00:00Z"),
    ("2026-05-04T12:00:00.000+02:00", "2026-05-04T12:00:00.000+02:00"),
    ("soon", "soon"),
    (None, None),
]


@pytest.mark.parametrize(("came", "written"), TIMES)
def test_a_time_without_an_offset_is_written_with_that_of_utc_and_others_as_they_came(
    came: str | None, written: str | None
) -> None:
    data = {**ITEM, "initiated": came, "unknown": came}
    for found in (Transfer.from_json(json.dumps(data)), Transfer.from_dict(data)):
        assert found.to_dict() == data
        assert found.to_dict(mode="json") == {**data, "amount": "1.00", "initiated": written}
        assert json.loads(found.to_json())["initiated"] == written
        assert json.loads(TypeAdapter(Transfer).dump_json(found))["initiated"] == written
        page = TransferList.from_dict({"transfers": [data]})
        assert page.to_dict(mode="json")["transfers"][0]["initiated"] == written
        assert page.to_dict()["transfers"][0]["initiated"] == came


async def test_fastapi_writes_the_offset() -> None:
    app = FastAPI()

    @app.get("/transfer")
    async def read() -> Transfer:
        return Transfer.from_dict({**ITEM, "initiated": "2026-05-04T12:00:00"})

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/transfer")).json()["initiated"] == "2026-05-04T12:00:00+00:00"


def test_a_time_without_an_offset_in_an_object_that_was_made_is_utc_as_well() -> None:
    noon = datetime.datetime(2026, 5, 4, 12)
    made = Transfer(id="t", amount=Decimal(1), status=TransferStatus.PENDING, initiated=noon)
    assert made.to_dict(mode="json")["initiated"] == "2026-05-04T12:00:00+00:00"
