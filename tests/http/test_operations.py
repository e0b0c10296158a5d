"""The seam to the generated code: what a generated module asks for is what is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from astra_api.api.user_intents import create_user_intent
from astra_api.models import TransferList
from astra_api.operations import OPERATIONS

import astra
from astra.http.calls import CallContext
from astra.http.operations import build_call, parse
from astra.http.responses import Response
from tests.engine import httpx


class WithHeaders:
    """A generated module whose operation has header parameters."""

    __name__ = create_user_intent.__name__

    def _get_kwargs(self) -> dict[str, Any]:
        return {
            "url": "/v1/user_intent",
            "json": {"a": 1},
            "headers": {
                "Astra-Version": "2",
                "Content-Type": "text/plain",
                "AUTHORIZATION": "Bearer x",
                "Host": "evil",
            },
        }

    def _parse_response(self, *, client: object, response: object) -> None: ...


def test_header_parameters_are_sent_and_never_replace_what_the_sdk_sets() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with astra.Astra("id", "secret", http_client=httpx.MockTransport(answer)) as client:
        client._pipeline.call(build_call(WithHeaders()))
    (request,) = sent
    assert request.headers["Astra-Version"] == "2"
    assert request.headers.get_list("Content-Type") == ["application/json"]
    assert [value[:6] for value in request.headers.get_list("Authorization")] == ["Basic "]
    assert request.headers.get_list("Host") == ["api-sandbox.astra.finance"]


class WithCookies(WithHeaders):
    """A generated module whose operation has cookie parameters, which are not sent."""

    def _get_kwargs(self) -> dict[str, Any]:
        return {**super()._get_kwargs(), "method": "post", "cookies": {"session": "s3cret"}, "files": {}}


def test_what_a_generated_request_has_and_the_sdk_would_not_send_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        build_call(WithCookies())
    assert "create_user_intent" in str(caught.value)
    assert "cookies, files" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def answered(content: bytes) -> Response:
    context = CallContext(OPERATIONS["list_transfers"], "/v1/transfers", "customer-42")
    context.status_code = 200
    context.request_ids = ("req_1",)
    return Response(context, content)


@pytest.mark.parametrize("number", [b"1e99999999999999999999", b"7" * 5_000])
def test_a_number_that_no_type_can_hold_spoils_no_more_than_its_field(number: bytes) -> None:
    rows = [b'{"id": "tr_%d", "status": "processed", "amount": 1.50}' % place for place in range(100)]
    rows[7] = rows[7].replace(b"1.50", number)
    rows[8] = rows[8].replace(b"1.50", b"null")  # so that the page is read field by field
    page = parse(answered(b'{"more": false, "transfers": [%s]}' % b",".join(rows)), TransferList)
    assert [transfer.id for transfer in page.transfers] == [f"tr_{place}" for place in range(100)]
    assert {transfer.amount for transfer in [*page.transfers[:7], *page.transfers[9:]]} == {Decimal("1.50")}
    assert page.transfers[7].to_dict()["amount"] == number.decode()


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"transfers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"\xff\xfe\x00",
        b"\x00\x00\xfe\xff\xff",
        b'{"a": NaN}',
        b'{"a": 1',
        bytes(range(256)),
    ],
    ids=["deep", "deep and closed", "deep objects", "UTF-16", "UTF-32", "NaN", "cut off", "all bytes"],
)
def test_hostile_bodies_are_typed_errors_with_the_request_id(content: bytes) -> None:
    with pytest.raises(astra.ResponseDecodeError) as caught:
        parse(answered(content), TransferList)
    assert caught.value.request_id == "req_1"
    assert caught.value.status_code == 200
