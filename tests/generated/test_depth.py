"""JSON that is nested deeper than anybody means it: refused when it is read, so that nothing fails later."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from astra_api.models import Card, Transfer, TransferList
from astra_api.operations import OPERATIONS
from astra_api.types import Model

from astra.errors import ResponseDecodeError
from astra.http.calls import CallContext
from astra.http.operations import parse
from astra.http.responses import Response

LEVELS = 100  # of objects and lists, the outermost among them
ITEM = b'"id":"t","amount":1,"status":"pending","x":'


def nested(levels: int, item: bytes = ITEM, *, lists: bool = True) -> bytes:
    """An object of so many levels."""
    opened, closed = (b"[", b"]") if lists else (b'{"a":', b"}")
    last = b"" if lists else b"1"
    return b"{" + item + opened * (levels - 1) + last + closed * (levels - 1) + b"}"


@pytest.mark.parametrize("kind", [Transfer, Card])
@pytest.mark.parametrize("lists", [True, False])
def test_what_is_just_not_too_deep_does_everything(kind: type[Model], *, lists: bool) -> None:
    body = nested(LEVELS, lists=lists)
    for found in (kind.from_json(body), kind.from_dict(json.loads(body))):
        assert found == pickle.loads(pickle.dumps(found)) == copy.deepcopy(found)
        assert found.to_dict() == json.loads(body)
        assert json.loads(found.to_json())["x"] == found["x"]
        assert "x=..." in repr(found)
        assert found.additional_properties.keys() <= found.keys()


@pytest.mark.parametrize("kind", [Transfer, Card])
@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("levels", [LEVELS + 1, 900, 1_100, 100_000])
def test_what_is_too_deep_is_refused_when_it_is_read(kind: type[Model], levels: int, *, lists: bool) -> None:
    body = nested(levels, lists=lists)
    with pytest.raises(ValueError, match="nested deeper than 100"):
        kind.from_json(body)
    with pytest.raises(ResponseDecodeError, match=r"nested deeper|not JSON") as caught:
        parse(answered(body), kind)
    assert caught.value.request_id == "req_1"
    if levels < 950:
        with pytest.raises(ValueError, match="nested deeper than 100"):
            kind.from_dict(json.loads(body))


def test_one_deep_item_is_found_among_many() -> None:
    items = [b"{" + ITEM + b"[[]]}"] * 50
    page = b'{"transfers":[' + b",".join([*items, nested(500), *items]) + b"]}"
    with pytest.raises(ValueError, match="nested deeper"):
        TransferList.from_json(page)
    with pytest.raises(ResponseDecodeError):
        parse(answered(page), TransferList)


@pytest.mark.parametrize("text", ["[" * 5_000, "}{" * 5_000, '\\"[' * 500, "\\" * 501 + "[" * 500, '"' * 9 + "]" * 400])
def test_brackets_in_text_are_no_levels(text: str) -> None:
    data: dict[str, Any] = {"id": text, "amount": 1, "status": "pending", "x": {text: [text]}}
    assert Transfer.from_json(json.dumps(data)).to_dict() == data
    page = {"transfers": [data] * 60}
    assert parse(answered(json.dumps(page).encode()), TransferList).to_dict() == page


def test_an_object_that_was_made_of_too_deep_values_says_so() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(ValueError, match="nested deeper than 100"):
        Transfer.from_dict({"x": deep})


def answered(body: bytes) -> Response:
    context = CallContext(OPERATIONS["list_transfers"], "/v1/transfers", "customer-42")
    context.request_ids = ("req_1",)
    context.status_code = 200
    return Response(context, body)
