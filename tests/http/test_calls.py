"""One call against a scripted server: what is sent again, what is raised, which ids are kept.

`httpx.MockTransport` stands in for the network because these are network faults; everything else is the real client.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

import astra
from astra.http import retry
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.names import as_it_travels

Handler = Callable[[httpx.Request], httpx.Response]
PAYMENT: dict[str, Any] = {
    "type": "one-time",
    "name": "Top-up",
    "payment_type": "ach",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "amount": "20.00",
    "client_correlation_id": "INV00042",
}


class Script:
    """Answers requests in order, by responses or by exceptions; the last one is repeated."""

    def __init__(self, *steps: httpx.Response | Exception | Handler) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        if callable(step):
            return as_it_travels(request, step(request))
        travels = as_it_travels(request, step)
        return httpx.Response(travels.status_code, headers=travels.headers, content=travels.content)


def answer(status: int = 200, *, request_id: str = "req_1", **body: Any) -> httpx.Response:
    return httpx.Response(status, headers={"Request-Id": request_id}, json=body or {"id": "tr_1", "amount": 12.5})


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., astra.Astra]]:
    monkeypatch.setattr(retry, "FIRST_BACKOFF", 0.0)
    clients: list[astra.Astra] = []

    def build(script: Script, **settings: Any) -> astra.Astra:
        client = astra.Astra(
            "client-id", "client-secret", http_client=httpx.Client(transport=httpx.MockTransport(script)), **settings
        )
        client.tokens.store_answer(
            "customer-42", TokenAnswer(access_token="at-1", expires_in=7200, refresh_token="rt-1"), astra_user_id="u_1"
        )
        clients.append(client)
        return client

    yield build
    for client in clients:
        client.close()


def test_a_read_returns_a_typed_result_with_its_request_id(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer(request_id="req_9"))
    transfer = make(script).user("customer-42").transfers.get("tr/1")
    assert (transfer.id, transfer.amount, transfer.request_id) == ("tr_1", Decimal("12.5"), "req_9")
    sent = script.requests[0]
    assert sent.url == "https://api-sandbox.astra.finance/v1/transfers/tr%2F1"
    assert sent.headers["authorization"] == "Bearer at-1"
    assert sent.headers["accept"] == "application/json"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 520])
def test_a_read_is_sent_again_and_keeps_the_request_id_of_every_attempt(
    make: Callable[..., astra.Astra], status: int
) -> None:
    script = Script(answer(status, request_id="a"), answer(status, request_id="b"), answer(request_id="c"))
    transfer = make(script).user("customer-42").transfers.get("tr_1")
    context: Any = transfer.context
    assert context.request_ids == ("a", "b", "c")


def test_a_read_survives_lost_connections(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.ConnectError("refused"), httpx.ReadError("reset"), answer())
    assert make(script).user("customer-42").transfers.get("tr_1").id == "tr_1"
    assert len(script.requests) == 3


def test_retries_end_after_max_retries_with_the_ids_of_all_attempts(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer(500, request_id="a"), answer(502, request_id="b"), answer(503, request_id="c"))
    with pytest.raises(astra.ServiceUnavailableError) as caught:
        make(script).user("customer-42").transfers.get("tr_1")
    assert caught.value.request_ids == ("a", "b", "c")
    assert caught.value.attempts == 3


def test_max_retries_of_a_single_call_counts(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer(500))
    with pytest.raises(astra.InternalServerError):
        make(script).user("customer-42").transfers.get("tr_1", max_retries=0)
    assert len(script.requests) == 1


def test_a_misspelt_option_is_refused(make: Callable[..., astra.Astra]) -> None:
    with pytest.raises(TypeError, match="time_out"):
        make(Script(answer())).user("customer-42").transfers.get("tr_1", time_out=3)  # type: ignore[call-arg]


def test_extra_headers_are_sent_and_credentials_cannot_be_overridden(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer())
    user = make(script).user("customer-42")
    user.transfers.get("tr_1", extra_headers={"X-Trace": "abc"})
    assert script.requests[0].headers["x-trace"] == "abc"
    with pytest.raises(astra.InvalidRequestError):
        user.transfers.get("tr_1", extra_headers={"Authorization": "mine"})


def test_a_write_that_is_not_a_payment_is_not_repeated_after_it_was_sent(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.ReadTimeout("slow"))
    with pytest.raises(astra.APITimeoutError) as caught:
        make(script).user("customer-42").cards.delete("card_1")
    assert caught.value.sent is True
    assert caught.value.call_id is not None
    assert len(script.requests) == 1


CHANGES: dict[str, Callable[[astra.UserSession], object]] = {
    "PUT /v1/routines/rt_1": lambda user: user.routines.update("rt_1", active=True),
    "DELETE /v1/routines/rt_1": lambda user: user.routines.delete("rt_1"),
    "POST /v1/transfers/tr_1/cancel": lambda user: user.transfers.cancel("tr_1"),
    "DELETE /v1/accounts/acc_1": lambda user: user.accounts.delete("acc_1"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("step", [httpx.ReadTimeout("slow"), httpx.Response(503)], ids=["no answer", "503"])
def test_a_change_that_may_stop_or_start_a_payment_is_uncertain_when_its_answer_is_lost(
    make: Callable[..., astra.Astra], change: Callable[[astra.UserSession], object], step: httpx.Response | Exception
) -> None:
    script = Script(step)
    user = make(script).user("customer-42")
    with pytest.raises(astra.UncertainOutcomeError, match="Do not send it again before you know") as caught:
        change(user)
    assert len(script.requests) == 1
    assert caught.value.match_fields == {}
    assert caught.value.sent_at is not None
    assert "The payment was sent" not in str(caught.value)
    with pytest.raises(astra.ConfigurationError, match="no new payment"):
        caught.value.reconcile()
    with pytest.raises(astra.InvalidRequestError, match="no new payment"):
        user.routines.reconcile(caught.value)
    assert len(script.requests) == 1


def test_a_cancellation_whose_answer_cannot_be_read_is_uncertain_and_one_that_is_refused_is_not(
    make: Callable[..., astra.Astra],
) -> None:
    user = make(Script(httpx.Response(200, content=b"<html>"), answer(400, name="Bad Request"))).user("customer-42")
    with pytest.raises(astra.UncertainOutcomeError, match="not JSON"):
        user.transfers.cancel("tr_1")
    with pytest.raises(astra.BadRequestError):
        user.transfers.cancel("tr_1")


def test_a_deleted_routine_needs_no_body_to_be_certain(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.Response(204, headers={"Request-Id": "req_7"}))
    assert make(script).user("customer-42").routines.delete("rt_1") == "req_7"


@pytest.mark.parametrize("fault", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")])
def test_a_payment_that_never_left_is_sent_again(make: Callable[..., astra.Astra], fault: Exception) -> None:
    script = Script(fault, answer(201, id="rt_1"))
    assert make(script).user("customer-42").routines.create(**PAYMENT).id == "rt_1"


def test_a_payment_that_was_refused_with_429_is_sent_again(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.Response(429, headers={"Retry-After": "0"}), answer(201, id="rt_1"))
    assert make(script).user("customer-42").routines.create(**PAYMENT).id == "rt_1"


@pytest.mark.parametrize(
    "step",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("server disconnected"),
        httpx.WriteError("broken pipe"),
        httpx.Response(500),
        httpx.Response(502, html="<html>bad gateway</html>"),
        httpx.Response(503),
        httpx.Response(520),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(200, html="<html>welcome to the hotel</html>"),
        httpx.Response(201),
        httpx.Response(201, json=[]),
    ],
    ids=str,
)
def test_a_payment_with_an_unknown_outcome_is_never_sent_again_and_says_so(
    make: Callable[..., astra.Astra], step: httpx.Response | Exception
) -> None:
    script = Script(step)
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        make(script).user("customer-42").routines.create(**PAYMENT)
    assert len(script.requests) == 1
    error = caught.value
    assert (error.client_correlation_id, error.amount, error.user_key) == ("INV00042", Decimal(20), "customer-42")
    assert error.call_id in str(error)
    copy = pickle.loads(pickle.dumps(error))
    assert copy.match_fields == error.match_fields
    with pytest.raises(astra.ConfigurationError, match=r"user\.routines\.reconcile"):
        copy.reconcile()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_a_refused_payment_is_reported_as_refused(make: Callable[..., astra.Astra], status: int) -> None:
    script = Script(answer(status, description="no"))
    client = make(script)
    with pytest.raises(astra.AstraError) as caught:
        client.user("customer-42").routines.create(**PAYMENT)
    assert not isinstance(caught.value, astra.UncertainOutcomeError)


def test_reconcile_finds_the_payment_by_its_correlation_id(make: Callable[..., astra.Astra]) -> None:
    other = {"id": "rt_0", "client_correlation_id": "OTHER"}
    mine = {"id": "rt_1", "client_correlation_id": "INV00042", "amount": 20.0, "source_id": "acc_1"}
    script = Script(httpx.ReadTimeout("slow"), httpx.Response(200, json={"routines": [other, mine], "more": False}))
    user = make(script).user("customer-42")
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        user.routines.create(**PAYMENT)
    found = caught.value.reconcile()
    assert found.id == "rt_1"
    assert [request.method for request in script.requests] == ["POST", "GET"]


def test_reconcile_does_not_take_another_payment_with_the_same_correlation_id(
    make: Callable[..., astra.Astra],
) -> None:
    other_amount = {"id": "rt_0", "client_correlation_id": "INV00042", "amount": 21}
    long_ago = {"id": "rt_9", "client_correlation_id": "INV00042", "amount": 20, "created": "2020-01-01T00:00:00"}
    routines = httpx.Response(200, json={"routines": [other_amount, long_ago]})
    transfers = httpx.Response(200, json={"transfers": []})
    script = Script(httpx.ReadTimeout("slow"), routines, transfers)
    user = make(script).user("customer-42")
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        user.routines.create(**PAYMENT)
    with pytest.raises(astra.AmbiguousPaymentError) as ambiguous:
        caught.value.reconcile()
    assert [candidate.routine_id for candidate in ambiguous.value.candidates] == ["rt_9", "rt_0"]


def test_an_answer_whose_body_broke_off_still_gives_its_request_id(make: Callable[..., astra.Astra]) -> None:
    def broken() -> Iterator[bytes]:
        yield b'{"id": "tr'
        raise httpx.ReadError("reset")

    script = Script(lambda _: httpx.Response(200, headers={"Request-Id": "req_7"}, content=broken()))
    with pytest.raises(astra.APIConnectionError) as caught:
        make(script, max_retries=0).user("customer-42").transfers.get("tr_1")
    assert caught.value.request_id == "req_7"


@pytest.mark.parametrize("content", [b"", b"not json", b"[1,2]", b"null", b'{"id": '])
def test_a_read_with_an_unusable_success_says_so_with_its_request_id(
    make: Callable[..., astra.Astra], content: bytes
) -> None:
    script = Script(httpx.Response(200, headers={"Request-Id": "req_5"}, content=content))
    with pytest.raises(astra.ResponseDecodeError) as caught:
        make(script).user("customer-42").transfers.get("tr_1")
    assert (caught.value.request_id, caught.value.status_code) == ("req_5", 200)


def test_a_success_inside_a_one_element_list_is_read(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.Response(200, json=[{"id": "tr_1"}]))
    assert make(script).user("customer-42").transfers.get("tr_1").id == "tr_1"


def test_a_field_that_cannot_be_read_spoils_only_itself(make: Callable[..., astra.Astra]) -> None:
    body = {"id": "tr_1", "amount": "much", "status": "teleported", "brand_new": 1}
    script = Script(httpx.Response(200, json=body, headers={"Request-Id": "req_3"}))
    transfer = make(script).user("customer-42").transfers.get("tr_1")
    assert transfer.id == "tr_1"
    assert transfer.status == "teleported"
    assert transfer["brand_new"] == 1
    with pytest.raises(astra.ResponseDecodeError) as caught:
        transfer.amount
    assert (caught.value.field, caught.value.request_id) == ("amount", "req_3")


def test_secure_operations_go_to_the_secure_host(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer(201, id="acc_1"))
    make(script).user("customer-42").accounts.create(
        institution_id="astra_ins_1",
        bank_account_type="checking",
        name="Main",
        account_number="12345",
        routing_number="222222226",
    )
    assert script.requests[0].url == "https://secure.api-sandbox.astra.finance/v1/accounts/create"
    assert b'"account_number":"0012345"' in script.requests[0].content


def test_client_calls_use_basic_authorization(make: Callable[..., astra.Astra]) -> None:
    script = Script(answer(bin="400022"))
    make(script).bins.get("400022")
    assert script.requests[0].headers["authorization"] == "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ="


def test_a_rejected_token_is_refreshed_and_the_payment_goes_on(make: Callable[..., astra.Astra]) -> None:
    script = Script(
        httpx.Response(401, json={"error": "invalid_token"}),
        httpx.Response(200, json={"access_token": "at-2", "expires_in": 7200, "refresh_token": "rt-2"}),
        answer(201, id="rt_1"),
    )
    assert make(script).user("customer-42").routines.create(**PAYMENT).id == "rt_1"
    assert [request.headers["authorization"].split()[0] for request in script.requests] == ["Bearer", "Basic", "Bearer"]
    assert script.requests[2].headers["authorization"] == "Bearer at-2"
    assert b"grant_type=refresh_token" in script.requests[1].content


def test_a_401_that_no_refresh_cures_ends_as_an_authentication_error(make: Callable[..., astra.Astra]) -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth/token":
            body = {"access_token": f"at-{len(script.requests)}", "expires_in": 7200, "refresh_token": "rt"}
            return httpx.Response(200, json=body)
        return httpx.Response(401, json={"code": 401, "description": "not you"}, headers={"Request-Id": "req_4"})

    script = Script(server)
    with pytest.raises(astra.AuthenticationError) as caught:
        make(script).user("customer-42").transfers.get("tr_1")
    assert caught.value.request_id == "req_4"
    assert len(script.requests) <= 5


def test_one_deadline_covers_all_attempts(make: Callable[..., astra.Astra]) -> None:
    script = Script(httpx.Response(503, headers={"Retry-After": "30"}))
    with pytest.raises(astra.ServiceUnavailableError) as caught:
        make(script, timeout=5).user("customer-42").transfers.get("tr_1")
    assert len(script.requests) == 1
    assert caught.value.retry_after == 30


def test_a_closed_client_says_so(make: Callable[..., astra.Astra]) -> None:
    client = make(Script(answer()))
    client.close()
    with pytest.raises(astra.ClientClosedError, match="closed"):
        client.user("customer-42").transfers.get("tr_1")


def test_raw_responses_are_at_hand_beside_the_parsed_result(make: Callable[..., astra.Astra]) -> None:
    client = make(Script(answer(request_id="req_8")))
    raw = client.with_raw_response(client.user("customer-42").transfers.get, "tr_1")
    assert (raw.status_code, raw.request_id, raw.parsed.id) == (200, "req_8", "tr_1")
    assert raw.body == b'{"id":"tr_1","amount":12.5}'
    assert raw.headers["request-id"] == "req_8"


def test_a_user_can_be_named_by_astras_id(make: Callable[..., astra.Astra]) -> None:
    client = make(Script(answer()))
    assert client.user(astra_user_id="u_1").transfers.get("tr_1").id == "tr_1"
    with pytest.raises(astra.UnknownUserError, match="'u_2'") as unknown:
        client.user(astra_user_id="u_2").transfers.get("tr_1")
    assert (unknown.value.user_key, unknown.value.astra_user_id) == ("", "u_2")


async def test_the_async_client_does_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(httpx.ReadError("reset"), answer(request_id="req_2"))
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(script))
    async with http_client, astra.AsyncAstra("client-id", "client-secret", http_client=http_client) as client:
        await client.tokens.store_answer(
            "customer-42", TokenAnswer(access_token="at-1", expires_in=7200, refresh_token="rt-1")
        )
        transfer = await client.user("customer-42").transfers.get("tr_1")
    assert transfer.request_id == "req_2"
