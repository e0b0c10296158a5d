"""When the SDK does not know something yet: requests of one's own, extra fields, and other options for a while."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import astra
from astra.tokens import TokenAnswer
from tests.engine import httpx
from tests.names import as_it_travels, request_at

PAYMENT: dict[str, Any] = {
    "type": "one-time",
    "name": "Top-up",
    "payment_type": "ach",
    "source_id": "acc_1",
    "destination_id": "acc_2",
    "amount": "20.00",
    "client_correlation_id": "INV00042",
}


class Server:
    """Answers with what it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception] = [httpx.Response(200, json={"count": 0, "amount": 20.1})]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        travels = as_it_travels(request, answer)
        return httpx.Response(travels.status_code, content=travels.content, headers={"Request-Id": "req_1"})

    @property
    def body(self) -> Any:
        """The JSON of the last request."""
        last = self.requests[-1]
        return request_at(last.method, last.url.path, last.content)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[astra.Astra]:
    with (
        httpx.Client(transport=httpx.MockTransport(server)) as http_client,
        astra.Astra(
            "id", "secret", http_client=http_client, max_retries=0, request_log=f"sqlite:///{tmp_path}/requests.db"
        ) as client,
    ):
        client.tokens.store_answer(
            "u", TokenAnswer(access_token="at", expires_in=7200, refresh_token="rt"), astra_user_id="u_1"
        )
        yield client


def test_a_request_of_ones_own_has_a_token_and_a_request_id(client: astra.Astra, server: Server) -> None:
    answer = client.request("GET", "/v1/things/th_1", user="u", params={"status": "pending"})
    assert (answer.status_code, answer.request_id, answer.headers["request-id"]) == (200, "req_1", "req_1")
    assert answer.json() == {"count": 0, "amount": Decimal("20.1")}
    assert answer.body == b'{"count":0,"amount":20.1}'
    assert server.requests[0].url == "https://api-sandbox.astra.finance/v1/things/th_1?status=pending"
    assert server.requests[0].headers["authorization"] == "Bearer at"


def test_a_request_is_made_as_the_client_for_a_session_or_by_a_key(client: astra.Astra, server: Server) -> None:
    client.request("GET", "/v1/things")
    client.request("GET", "/v1/things", user=client.user(astra_user_id="u_1"))
    assert [request.headers["authorization"].split()[0] for request in server.requests] == ["Basic", "Bearer"]
    for user in (5, "", b"u"):
        with pytest.raises(astra.InvalidRequestError, match=r"user (must be|is empty)"):
            client.request("GET", "/v1/things", user=user)  # type: ignore[arg-type]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("api", "https://api-sandbox.astra.finance"),
        ("secure", "https://secure.api-sandbox.astra.finance"),
        ("app", "https://app-sandbox.astra.finance"),
    ],
)
def test_a_request_goes_to_one_of_astras_hosts(client: astra.Astra, server: Server, host: Any, origin: str) -> None:
    client.request("GET", "/v1/things", host=host)
    assert server.requests[0].url == f"{origin}/v1/things"


def test_a_request_leaves_its_template_in_the_log_and_no_id(client: astra.Astra) -> None:
    client.request("GET", "/v1/things/th_1", user="u")
    client.request("GET", "/v1/transfers/tr_1", user="u")
    client.request("POST", "/v1/things/th_1/refund", user="u", json={}, template="/v1/things/{id}/refund")
    log = client.request_log
    assert log is not None
    log.flush()
    records = sorted(log.query(), key=lambda record: record.time)
    assert [(record.operation, record.method, record.path) for record in records] == [
        ("request", "GET", "/v1/things/{}"),
        ("get_transfer", "GET", "/v1/transfers/{id}"),
        ("request", "POST", "/v1/things/{id}/refund"),
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("answer", [httpx.ReadTimeout("late"), httpx.Response(503)], ids=["lost", "503"])
def test_a_write_of_ones_own_is_a_payment_until_said_otherwise(
    client: astra.Astra, server: Server, method: str, answer: httpx.Response | Exception
) -> None:
    server.answers = [answer]
    with pytest.raises(astra.UncertainOutcomeError):
        client.request(method, "/v1/things/th_1", user="u", json={"a": 1}, max_retries=3)
    with pytest.raises(astra.CallError) as caught:
        client.request(method, "/v1/things/th_1", user="u", json={"a": 1}, max_retries=3, moves_money=False)
    assert not isinstance(caught.value, astra.UncertainOutcomeError)
    assert len(server.requests) == 2, "neither is sent again"


def test_a_payment_sent_by_hand_can_be_looked_for(client: astra.Astra, server: Server) -> None:
    server.answers = [
        httpx.ReadTimeout("late"),
        httpx.Response(200, json={"routines": [{"id": "rt_1", **PAYMENT}], "more": False}),
    ]
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        client.request("POST", "/v1/routines", user="u", json=PAYMENT)
    assert caught.value.client_correlation_id == "INV00042"
    for found in (client.user("u").routines.reconcile(caught.value), caught.value.reconcile()):
        assert found is not None
        assert found.id == "rt_1"


@pytest.mark.parametrize("body", [{}, {"error": "no"}, {"id": "rt_1", "amount": 99}])
def test_a_success_of_a_known_payment_sent_by_hand_is_one_only_if_its_body_is(
    client: astra.Astra, server: Server, body: dict[str, Any]
) -> None:
    server.answers = [httpx.Response(201, json=body)]
    with pytest.raises(astra.UncertainOutcomeError):
        client.request("POST", "/v1/routines", user="u", json=PAYMENT)
    server.answers = [httpx.Response(201, json={"id": "rt_1", "amount": 20, "name": "Top-up"})]
    assert client.request("POST", "/v1/routines", user="u", json=PAYMENT).json()["id"] == "rt_1"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"note": "x"}'])
def test_a_success_of_an_unknown_write_is_any_that_speaks_of_no_error(
    client: astra.Astra, server: Server, content: bytes
) -> None:
    server.answers = [httpx.Response(200, content=content)]
    assert client.request("POST", "/v1/things", json={"a": 1}).body == content
    server.answers = [httpx.Response(200, content=b"<html>")]
    with pytest.raises(astra.UncertainOutcomeError):
        client.request("POST", "/v1/things", json={"a": 1})


def test_a_change_sent_by_hand_is_about_the_object_of_its_path(client: astra.Astra, server: Server) -> None:
    server.answers = [httpx.Response(200, json={"id": "rt/1", "name": "Rent"})]
    answer = client.request("PUT", "/v1/routines/rt%2F1", user="u", json={"name": "Rent"})
    assert answer.json()["id"] == "rt/1"
    for wrong in ({"id": "rt_2"}, {"id": "rt/1", "name": "May"}):
        server.answers = [httpx.Response(200, json=wrong)]
        with pytest.raises(astra.UncertainOutcomeError):
            client.request("PUT", "/v1/routines/rt%2F1", user="u", json={"name": "Rent"})


def test_a_change_with_an_extra_body_is_what_was_sent(client: astra.Astra, server: Server) -> None:
    server.answers = [httpx.Response(200, json={"id": "rt_1", "name": "Rent"})]
    routine = client.user("u").routines.update("rt_1", name="May", extra_body={"name": "Rent"})
    assert routine.name == "Rent"


def test_an_error_of_a_request_is_the_one_of_its_status(client: astra.Astra, server: Server) -> None:
    server.answers = [httpx.Response(404, json={"code": 404})]
    with pytest.raises(astra.NotFoundError) as caught:
        client.request("GET", "/v1/things/th_1", user="u")
    assert (caught.value.request_id, caught.value.operation) == ("req_1", "request")


def test_tokens_that_a_request_of_ones_own_brings_are_not_in_its_errors(client: astra.Astra, server: Server) -> None:
    server.answers = [httpx.Response(400, json={"error": "invalid_request", "access_token": "s3cret"})]
    with pytest.raises(astra.AstraError) as caught:
        client.request("POST", "/v1/oauth/token", json={"grant_type": "x"})
    assert "s3cret" not in str(caught.value) + repr(vars(caught.value))


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_typed_error(client: astra.Astra, server: Server, content: bytes) -> None:
    server.answers = [httpx.Response(200, content=content)]
    answer = client.request("GET", "/v1/things")
    with pytest.raises(astra.ResponseDecodeError) as caught:
        answer.json()
    assert (caught.value.request_id, caught.value.call_id) == ("req_1", answer.call_id)


def test_nothing_is_sent_for_a_request_that_cannot_be_right(client: astra.Astra, server: Server) -> None:
    for wrong in (("GET", "/v1/../user"), ("GET", "//evil.example"), ("TRACE", "/v1/user")):
        with pytest.raises(astra.InvalidRequestError):
            client.request(*wrong)
    with pytest.raises(astra.InvalidRequestError, match="source in the body"):
        client.request("POST", "/v1/things", json={"a": 1, "source": object()})
    with pytest.raises(TypeError, match="'moves_mony'; it takes host, json, moves_money"):
        client.request("POST", "/v1/things", moves_mony=False)  # type: ignore[call-arg]
    assert server.requests == []


async def test_the_async_client_does_the_same(server: Server) -> None:
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(server))
    async with http_client, astra.AsyncAstra("id", "secret", http_client=http_client, max_retries=0) as client:
        answer = await client.request("GET", "/v1/things")
        assert answer.json()["count"] == 0
        view = client.with_options(extra_headers={"X-Job": "nightly"})
        raw = await view.with_raw_response(view.request, "GET", "/v1/things")
        assert raw.status_code == 200
        assert raw.parsed.json()["count"] == 0
        assert server.requests[-1].headers["x-job"] == "nightly"


# Extra fields.


def test_an_extra_query_is_added_and_wins(client: astra.Astra, server: Server) -> None:
    transfers = client.user("u").transfers
    list(transfers.list(page_size=10, extra_query={"status": ["pending", "processed"], "page_size": 12, "on": True}))
    assert server.requests[-1].url.query == b"page_size=12&status=pending&status=processed&on=true"
    list(transfers.list(page_size=10, extra_query={"page_size": None}))
    assert server.requests[-1].url.query == b""
    transfers.get("tr_1", extra_query={"expand": "routine"})
    assert server.requests[-1].url.query == b"expand=routine"


def test_an_extra_query_goes_with_every_page(client: astra.Astra, server: Server) -> None:
    rows = [{"id": str(number)} for number in range(20)]
    server.answers = [
        httpx.Response(200, json={"transfers": rows[:10], "cursor": "c2", "more": True}),
        httpx.Response(200, json={"transfers": rows[10:], "more": False}),
    ]
    assert len(client.user("u").transfers.list(extra_query={"status": "x"}).to_list()) == 20
    assert [dict(request.url.params) for request in server.requests] == [
        {"status": "x"},
        {"cursor": "c2", "status": "x"},
    ]


@pytest.mark.parametrize(
    "value",
    [{"a": {"b": 1}}, {"a": b"x"}, {"a": [object()]}, {"a": "\ud800"}, {"a": 10**5000}, {"a": float("nan")}],
)
def test_an_extra_query_that_cannot_be_written_is_refused(client: astra.Astra, server: Server, value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError):
        client.user("u").transfers.get("tr_1", extra_query=value)
    assert server.requests == []


def test_an_extra_body_is_added_and_wins_also_in_a_payment(client: astra.Astra, server: Server) -> None:
    server.answers = [httpx.ReadTimeout("late")]
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        client.user("u").routines.create(**PAYMENT, extra_body={"memo": "for May", "name": "Rent", "tags": ["a"]})
    assert server.body == {**PAYMENT, "amount": 20, "memo": "for May", "name": "Rent", "tags": ["a"]}
    facts = caught.value.match_fields
    assert (facts["memo"], facts["name"], facts["source_id"]) == ("for May", "Rent", "acc_1")


def test_a_lost_payment_is_not_taken_for_one_that_differs_in_an_extra_field(
    client: astra.Astra, server: Server
) -> None:
    other = {"id": "rt_0", **PAYMENT, "memo": "for June"}
    server.answers = [
        httpx.ReadTimeout("late"),
        httpx.Response(200, json={"routines": [other], "more": False}),
        httpx.Response(200, json={"transfers": [], "more": False}),
    ]
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        client.user("u").routines.create(**PAYMENT, extra_body={"memo": "for May"})
    with pytest.raises(astra.AmbiguousPaymentError, match="differs in memo"):
        caught.value.reconcile()


def test_an_extra_body_for_a_call_without_one_is_refused(client: astra.Astra, server: Server) -> None:
    user = client.user("u")
    for call in (
        lambda: user.transfers.get("tr_1", extra_body={"a": 1}),
        lambda: user.transfers.list(extra_body={"a": 1}).to_list(),
        lambda: user.cards.delete("card_1", extra_body={}),
    ):
        with pytest.raises(astra.InvalidRequestError, match="has no body") as caught:
            call()
        assert caught.value.argument == "extra_body"
    assert server.requests == []


def test_an_extra_body_that_cannot_be_written_names_its_field(client: astra.Astra, server: Server) -> None:
    with pytest.raises(astra.InvalidRequestError, match="memo in the body") as caught:
        client.user("u").routines.create(**PAYMENT, extra_body={"memo": object()})
    assert caught.value.argument == "memo"
    assert server.requests == []


# Other options.


def test_a_client_with_other_options_shares_all_else(client: astra.Astra, server: Server) -> None:
    assert client.bins is client.bins
    view = client.with_options(timeout=5, max_retries=1, extra_headers={"X-Job": "nightly"})
    assert (view.settings.timeout.total, view.settings.max_retries) == (5, 1)
    assert (client.settings.timeout.total, client.settings.max_retries) == (60, 0)
    assert view.tokens is client.tokens
    assert view.request_log is client.request_log
    assert view.bins is not client.bins
    server.answers = [httpx.ConnectError("x"), httpx.Response(200, json={"id": "tr_1"})]
    view.user("u").transfers.get("tr_1", extra_headers={"X-Trace": "1"})
    assert len(server.requests) == 2, "max_retries of the view"
    assert (server.requests[-1].headers["x-job"], server.requests[-1].headers["x-trace"]) == ("nightly", "1")
    client.user("u").transfers.get("tr_1")
    assert "x-job" not in server.requests[-1].headers


def test_options_add_up_and_none_keeps_what_is_there(client: astra.Astra, server: Server) -> None:
    view = client.with_options(timeout=5, extra_headers={"X-A": "1", "X-B": "1"})
    view = view.with_options(timeout=None, max_retries=None, extra_headers={"x-b": "2"})
    assert (view.settings.timeout.total, view.settings.max_retries) == (5, 0)
    view.bins.get("400022")
    headers = server.requests[-1].headers
    assert (headers["x-a"], headers.get_list("x-b")) == ("1", ["2"])


def test_a_session_with_other_options_is_the_same_user(client: astra.Astra, server: Server) -> None:
    user = client.user("u")
    patient = user.with_options(extra_headers={"X-Job": "nightly"})
    assert patient.key() == "u"
    patient.transfers.get("tr_1")
    assert server.requests[-1].headers["x-job"] == "nightly"
    user.transfers.get("tr_1")
    assert "x-job" not in server.requests[-1].headers


def test_closing_a_view_leaves_its_client_open(client: astra.Astra, server: Server) -> None:
    with client.with_options(timeout=5) as view:
        view.bins.get("400022")
    client.bins.get("400022")
    assert len(server.requests) == 2
    log = client.request_log
    assert log is not None
    log.flush()
    assert len(list(log.query())) == 2


@pytest.mark.parametrize("options", [{"timeout": "5"}, {"max_retries": -1}, {"extra_headers": {"Host": "evil"}}])
def test_options_that_cannot_be_right_are_refused(client: astra.Astra, options: Any) -> None:
    for holder in (client, client.user("u")):
        with pytest.raises(astra.InvalidRequestError):
            holder.with_options(**options)
        with pytest.raises(TypeError, match="extra_body"):
            holder.with_options(extra_body={})  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "answer",
    [
        {"count": 1, "data": [{"id": "rt_1", **PAYMENT}]},
        {"routines": [], "cursor": "c2"},
        {"count": 60, "routines": []},
    ],
    ids=["another name", "a cursor to more", "a count of more"],
)
def test_a_lost_payment_is_never_not_found_in_a_list_that_may_hold_it_elsewhere(
    client: astra.Astra, server: Server, answer: dict[str, Any]
) -> None:
    server.answers = [httpx.ReadTimeout("late"), httpx.Response(200, json=answer)]
    with pytest.raises(astra.UncertainOutcomeError) as caught:
        client.user("u").routines.create(**PAYMENT)
    with pytest.raises((astra.PaginationError, astra.ResponseDecodeError)):
        caught.value.reconcile()
