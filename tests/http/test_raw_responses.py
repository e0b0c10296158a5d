"""`with_raw_response`: what came, beside what the SDK made of it, and on the error when it made none of it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.http.test_calls import PAYMENT, Script, answer, make

__all__ = ["make"]

Make = Callable[..., astra.Astra]


def raised(client: astra.Astra, method: Callable[..., Any], *args: Any, **kwargs: Any) -> astra.AstraError:
    with pytest.raises(astra.AstraError) as caught:
        client.with_raw_response(method, *args, **kwargs)
    return caught.value


def test_a_refused_call_has_its_response_on_the_error(make: Make) -> None:
    client = make(Script(answer(404, request_id="r1", code=404, description="no such thing", ssn="987-65-4320")))
    error = raised(client, client.user("customer-42").transfers.get, "tr_1")
    raw = error.raw_response
    assert raw is not None
    assert (raw.status_code, raw.headers["request-id"], raw.request_id) == (404, "r1", "r1")
    assert raw.body == b'{"code":404,"description":"no such thing","ssn":"987-65-4320"}'
    assert (raw.operation, raw.call_id, raw.parsed) == ("get_transfer", error.call_id, None)
    # What nothing is hidden in must not be shown by accident.
    assert "987-65" not in repr(raw) + str(error) + repr(error)
    assert pickle.loads(pickle.dumps(error)).raw_response == raw


def test_of_several_attempts_it_is_the_last(make: Make) -> None:
    client = make(Script(answer(500, request_id="r1", a=1), answer(503, request_id="r2", b=2)))
    error = raised(client, client.user("customer-42").transfers.get, "tr_1", max_retries=1)
    assert error.raw_response is not None
    assert (error.raw_response.status_code, error.raw_response.body) == (503, b'{"b":2}')


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"error":"no"}'])
def test_an_answer_that_is_no_payment_is_on_the_uncertain_outcome(make: Make, body: bytes) -> None:
    client = make(Script(httpx.Response(200, content=body, headers={"Request-Id": "r1"})))
    error = raised(client, client.user("customer-42").routines.create, **PAYMENT)
    assert isinstance(error, astra.UncertainOutcomeError)
    assert error.raw_response is not None
    assert (error.raw_response.status_code, error.raw_response.body) == (200, body)


def test_a_result_in_place_of_a_method_is_refused(make: Make) -> None:
    with pytest.raises(astra.ConfigurationError, match="Pass the method itself, without calling it"):
        make(Script(answer(404))).with_raw_response("a result")  # type: ignore[arg-type]


def test_without_an_answer_or_without_asking_there_is_none(make: Make) -> None:
    client = make(Script(httpx.ReadError("reset")))
    assert raised(client, client.user("customer-42").transfers.get, "tr_1", max_retries=0).raw_response is None
    client = make(Script(answer(404)))
    with pytest.raises(astra.NotFoundError) as caught:
        client.user("customer-42").transfers.get("tr_1")
    assert caught.value.raw_response is None


def test_the_answer_to_a_refresh_on_the_way_is_not_taken_for_that_of_the_call(make: Make) -> None:
    refused = answer(401, error="invalid_token")
    tokens = answer(access_token="at-2", refresh_token="rt-2", expires_in=7200, token_type="bearer")
    lost = httpx.ReadError("reset")
    client = make(Script(refused, tokens, lost))
    error = raised(client, client.user("customer-42").transfers.get, "tr_1", max_retries=0)
    assert isinstance(error, astra.APIConnectionError)
    # The call's own last response, and not the tokens that came after it.
    assert error.raw_response is not None
    assert error.raw_response.status_code == 401


def test_a_token_answer_that_cannot_be_read_is_not_put_on_the_error(make: Make) -> None:
    client = make(Script(answer(refresh_token="rt-2")), redirect_uri="https://a.example/cb")
    error = raised(client, client.oauth.exchange, "a-code", key="customer-43")
    assert error.raw_response is None


def test_blocks_nest_and_each_has_the_response(make: Make) -> None:
    client = make(Script(answer(request_id="r1")))
    user = client.user("customer-42")
    outer = client.with_raw_response(client.with_raw_response, user.transfers.get, "tr_1")
    inner = outer.parsed
    assert (outer.request_id, inner.request_id, inner.parsed.id) == ("r1", "r1", "tr_1")
    assert outer.body == inner.body
    failing = make(Script(answer(404)))
    error = raised(failing, failing.with_raw_response, failing.user("customer-42").transfers.get, "tr_1")
    assert error.raw_response is not None


def test_a_payment_that_was_found_again_comes_with_the_response_of_its_routine(make: Make) -> None:
    now = datetime.now(UTC).isoformat()
    page = answer(routines=[{"id": "r_1", **PAYMENT, "amount": 20.0, "created": now}], more=False, count=1)
    client = make(Script(httpx.ReadError("reset"), page, answer(**{**PAYMENT, "id": "r_1"})))
    raw = client.with_raw_response(client.user("customer-42").routines.create, **PAYMENT, on_uncertain="reconcile")
    assert (raw.parsed.id, raw.operation) == ("r_1", "get_routine")


async def test_the_async_client_does_the_same() -> None:
    transport = httpx.MockTransport(Script(answer(404, request_id="r1"), httpx.Response(502, content=b"<html>")))
    async with (
        httpx.AsyncClient(transport=transport) as http_client,
        astra.AsyncAstra("client-id", "client-secret", http_client=http_client) as client,
    ):
        tokens = TokenAnswer(access_token="at-1", expires_in=7200, refresh_token="rt-1")
        await client.tokens.store_answer("customer-42", tokens)
        user = client.user("customer-42")
        with pytest.raises(astra.NotFoundError) as refused:
            await client.with_raw_response(user.transfers.get, "tr_1")
        with pytest.raises(astra.UncertainOutcomeError) as uncertain:
            await client.with_raw_response(user.routines.create, **PAYMENT)
    assert refused.value.raw_response is not None
    assert refused.value.raw_response.request_id == "r1"
    assert uncertain.value.raw_response is not None
    assert (uncertain.value.raw_response.status_code, uncertain.value.raw_response.body) == (502, b"<html>")


def test_threads_of_a_pool_keep_their_responses_apart(make: Make) -> None:
    client = make(Script(lambda request: answer(404, request_id=request.url.path.rpartition("/")[2])))
    get = client.user("customer-42").transfers.get

    def one(number: int) -> str | None:
        raw = raised(client, get, f"tr_{number}").raw_response
        return None if raw is None else raw.request_id

    with astra.capture_requests() as calls, ThreadPoolExecutor(8) as pool:
        assert list(pool.map(calls.wrap(one), range(40))) == [f"tr_{number}" for number in range(40)]
    assert sorted(calls.request_ids) == sorted(f"tr_{number}" for number in range(40))
    assert {record.resource_id for record in calls.records} == set(calls.request_ids)
