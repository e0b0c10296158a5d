"""Numbers that are valid JSON and still no amount, count or lifetime: refused at once, never computed with."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from astra_api.errors import FieldDecodeError
from astra_api.models import Chargeback, GenericError, Page, TokenResponse, Transfer
from astra_api.operations import OPERATIONS

from astra.errors import InvalidRequestError
from astra.http.calls import CallContext
from astra.http.encode import encode_json
from astra.http.responses import Response
from astra.oauth.token_response import LONGEST_ACCESS_TOKEN, read_token_response

HUGE = b"1e1000000"


def quickly(started: float) -> bool:
    return time.process_time() - started < 2


@pytest.mark.parametrize("huge", [HUGE, b"-1e1000000", b"1e999999999", b"1e19"])
def test_a_whole_number_of_a_million_digits_is_refused_without_computing_it(huge: bytes) -> None:
    started = time.process_time()
    for found in (Page.from_json(b'{"count":' + huge + b"}"), Page.from_dict({"count": Decimal(huge.decode())})):
        with pytest.raises(FieldDecodeError, match=r"Page\.count"):
            _ = found.count
        assert found.to_dict() == {"count": Decimal(huge.decode())}
    assert quickly(started)


def test_a_tiny_fraction_is_no_whole_number_and_a_whole_fraction_is_one() -> None:
    for text in (b"1e-1000000", b"1.5"):
        with pytest.raises(FieldDecodeError):
            _ = Page.from_json(b'{"count":' + text + b"}").count
    for text in (b"7", b"7.0", b"70e-1"):
        assert Page.from_json(b'{"count":' + text + b"}").count == 7
    assert Page.from_dict({"count": 7.0}).count == 7
    for raw in (float("inf"), float("nan"), Decimal("Infinity"), Decimal("NaN"), Decimal("sNaN")):
        with pytest.raises(FieldDecodeError):
            _ = Page.from_dict({"count": raw}).count


def test_a_code_of_an_error_and_a_lifetime_of_a_token_are_no_trap_either() -> None:
    started = time.process_time()
    for kind, name in ((GenericError, b"code"), (TokenResponse, b"expires_in")):
        kind.from_json(b'{"' + name + b'":' + HUGE + b"}").to_dict()
    assert quickly(started)


@pytest.mark.parametrize("raw", [HUGE, b"1e19", b"-1e1000000", b"1e-1000000", b'"1e1000000"', b"[]"])
def test_a_token_whose_lifetime_cannot_be_counted_lives_as_long_as_the_documents_say(raw: bytes) -> None:
    started = time.process_time()
    answer = read_token_response(token_answer(raw))
    assert answer.expires_in == LONGEST_ACCESS_TOKEN
    assert quickly(started)


@pytest.mark.parametrize(("raw", "seconds"), [(b"60", 60), (b"60.9", 60), (b'"60"', 60), (b"6e1", 60)])
def test_a_lifetime_is_read_from_each_form_that_has_been_seen(raw: bytes, seconds: int) -> None:
    assert read_token_response(token_answer(raw)).expires_in == seconds


def token_answer(expires_in: bytes) -> Response:
    context = CallContext(OPERATIONS["exchange_token"], "/v1/oauth/token", None)
    context.status_code = 200
    return Response(context, b'{"access_token":"a","expires_in":' + expires_in + b"}")


def test_a_number_of_a_million_digits_is_not_written_into_a_request() -> None:
    started = time.process_time()
    with pytest.raises(InvalidRequestError):
        encode_json({"amount": Decimal("1e1000000")})
    assert quickly(started)
    assert encode_json({"amount": Decimal("1e20")}) == b'{"amount":100000000000000000000}'


NO_AMOUNTS = ["2_0", " 20 ", "20\n", "+20", "020", ".5", "5.", "\u0662\u0660", "\uff12\uff10", "0x10", "1e", "--1", ""]


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_text_is_an_amount_only_if_it_is_written_as_a_number_of_json(text: str, *, escaped: bool) -> None:
    data: dict[str, Any] = {"id": "t", "amount": text, "status": "pending"}
    bodies = [json.dumps(data, ensure_ascii=escaped), json.dumps(data, ensure_ascii=escaped, indent=2)]
    bodies.append(json.dumps({**data, "chargeback": {"original_settled_amount": text}}, separators=(",", ":")))
    for found in (*map(Transfer.from_json, bodies), Transfer.from_dict(data)):
        with pytest.raises(FieldDecodeError, match=r"Transfer\.amount"):
            _ = found.amount
        assert found.to_dict()["amount"] == text
        assert found.id == "t"
    inner = Chargeback.from_json(json.dumps({"original_settled_amount": text}))
    with pytest.raises(FieldDecodeError):
        _ = inner.original_settled_amount


@pytest.mark.parametrize("text", ["20", "20.10", "0", "-0.5", "2e1", "2.0E+1"])
def test_text_that_is_a_number_of_json_is_an_amount(text: str) -> None:
    for body in (f'{{"id":"t","amount":"{text}","status":"pending"}}', f'{{"id":"t","amount":{text},"status":"x"}}'):
        assert Transfer.from_json(body).amount == Decimal(text)


def test_an_amount_under_an_escaped_name_is_looked_at_as_well() -> None:
    found = Transfer.from_json(b'{"id":"t","\\u0061mount":"2_0","status":"pending"}')
    with pytest.raises(FieldDecodeError):
        _ = found.amount
    assert Transfer.from_json(b'{"id":"t","amount":"\\u0032\\u0030","status":"pending"}').amount == 20
