"""What `client.request()` may send: which path, to which host, as what, and what records say of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from astra_api.operations import OPERATIONS

import astra
from astra.http.calls import Call
from astra.http.free_calls import METHODS, build_free_call, check_path, check_template, masked, operation_at


def build(method: str = "GET", path: str = "/v1/transfers", **changes: Any) -> Call:
    given: dict[str, Any] = {
        "json": None,
        "params": None,
        "host": None,
        "moves_money": None,
        "template": None,
        "has_user": True,
        "options": {},
        **changes,
    }
    return build_free_call(method, path, **given)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "v1/transfers",
        "//evil.example/v1",
        "/v1//transfers",
        "/v1/transfers/",
        "https://evil.example/v1/transfers",
        "/v1/transfers?limit=1",
        "/v1/transfers#x",
        "/v1/../user",
        "/v1/./user",
        "/v1/..",
        "/v1/%2e%2E/user",
        "/v1/.%2e/user",
        "/v1/x%2f..%2fuser",
        "/v1/x%5c..%5cuser",
        "/v1/tr 1",
        "/v1/tr\n1",
        "/v1/tr%0a1",
        "/v1/tr%00",
        "/v1/tr%ff",
        "/v1/tr%zz",
        "/v1/tr%2",
        "/v1/trä",
        "/v1\\user",
        "@evil.example",
        None,
        b"/v1/user",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_and_not_shown(path: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_path(path)
    assert caught.value.argument == "path"
    assert "evil" not in str(caught.value)


def test_a_query_in_a_path_is_told_where_it_belongs() -> None:
    with pytest.raises(astra.InvalidRequestError, match="give params"):
        check_path("/v1/transfers?a=b")


@pytest.mark.parametrize("path", ["/v1", "/v1/transfers/tr_1", "/v1/a%2Fb/c.d..e~f", "/v2/x@y:z,(a)*'b!c;d=e$f&g+h"])
def test_a_path_below_the_host_is_taken(path: str) -> None:
    assert check_path(path) == path[1:].split("/")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_operation_of_the_spec_is_known_by_its_path(operation: Any) -> None:
    segments = [("x1" if part.startswith("{") else part) for part in operation.path[1:].split("/")]
    assert operation_at(operation.method, segments) == operation
    call = build(operation.method, "/" + "/".join(segments), has_user=operation.auth == "bearer")
    assert call.operation == operation._replace(evidence="inferred", slug="", body="none")


def test_a_path_is_known_by_its_words_before_its_ids_and_in_full() -> None:
    assert operation_at("GET", ["v1", "transfers"]) is OPERATIONS["list_transfers"]
    assert operation_at("GET", ["v1", "transfers", "x"]) is OPERATIONS["get_transfer"]
    assert operation_at("GET", ["v1", "transfers", "x", "y"]) is None
    assert operation_at("PATCH", ["v1", "transfers"]) is None
    assert operation_at("GET", ["v1"]) is None


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/refunds/rf_1", "/v1/refunds/{}"),
        ("/v1/transfers/tr_1/refund", "/v1/transfers/{}/{}"),
        ("/v2/transfers/abc/cancel", "/v2/transfers/{}/cancel"),
        ("/v1/Jane", "/v1/{}"),
        ("/v1/jane@example.com", "/v1/{}"),
        ("/v1/" + "a" * 42, "/v1/{}"),
        ("/v1/" + "a" * 41, "/v1/" + "a" * 41),
        ("/jane/doe", "/{}/{}"),
        ("/v1234/doe", "/{}/{}"),
        ("/x/v1", "/{}/v1"),
        ("/x/v7", "/{}/{}"),
        ("/x/jane/doe", "/{}/{}/{}"),
        ("/v123/jane/doe", "/v123/jane/{}"),
    ],
)
def test_what_may_be_an_id_is_not_in_records(path: str, shown: str) -> None:
    assert masked(path[1:].split("/")) == shown


def test_an_unknown_write_moves_money_until_the_caller_says_otherwise() -> None:
    for method in METHODS:
        assert build(method, "/v1/refunds").operation.money is (method not in ("GET", "HEAD"))
    assert build("POST", "/v1/refunds", moves_money=False).operation.money is False
    assert build("GET", "/v1/refunds", moves_money=True).operation.money is True
    assert build("get", "/v1/refunds").operation.method == "GET"


def test_a_known_write_is_what_the_spec_says_and_a_payment_stays_one() -> None:
    assert build("POST", "/v1/user_intent", json={}, has_user=False).operation.money is False
    assert build("POST", "/v1/user_intent", json={}, moves_money=True).operation.money is True
    assert build("POST", "/v1/routines", json={}).operation.money is True
    with pytest.raises(astra.InvalidRequestError, match="POST /v1/routines is known to start") as caught:
        build("POST", "/v1/routines", json={}, moves_money=False)
    assert caught.value.argument == "moves_money"


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("method", "TRACE"),
        ("method", "GET /x"),
        ("method", None),
        ("host", "evil.example"),
        ("host", ""),
        ("moves_money", "no"),
        ("moves_money", 0),
        ("template", "/v1/transfers/{id}"),
        ("template", "/v1/{x}/y"),
        ("template", "v1/transfers"),
        ("template", "/v1/routines"),
        ("template", ""),
        ("template", 5),
        ("params", [("a", "b")]),
        ("params", "a=b"),
    ],
)
def test_an_argument_that_cannot_be_right_is_refused_by_name(argument: str, value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        build(**{argument: value})
    assert caught.value.argument == argument
    assert argument in str(caught.value)


def test_a_template_is_that_of_the_path() -> None:
    assert check_template("/v1/{kind}/{id}", ["v1", "transfers", "tr_1"]) == "/v1/{kind}/{id}"
    assert build("GET", "/v1/things/7", template="/v1/things/{id}").operation.path == "/v1/things/{id}"
    assert build("GET", "/v1/transfers/7", template="/v1/{a}/{b}").operation.path == "/v1/{a}/{b}"
    for template in ("/v1/things/{id", "/v1/things/id}"):
        with pytest.raises(astra.InvalidRequestError):
            check_template(template, ["v1", "things", "7"])


def test_hosts_are_those_of_the_operation_or_as_given() -> None:
    assert build("GET", "/v1/things").operation.host == "api"
    assert build("POST", "/v1/accounts/create", json={}).operation.host == "secure"
    assert build("POST", "/v1/accounts/create", json={}, host="api").operation.host == "api"
    assert build("GET", "/login", host="app").operation.host == "app"


def test_credentials_are_those_of_the_user_or_of_the_client() -> None:
    assert build(has_user=True).operation.auth == "bearer"
    assert build(has_user=False).operation.auth == "basic"


def test_params_and_body_are_encoded_with_the_extras_on_top() -> None:
    call = build(
        "POST",
        "/v1/things",
        json={"a": 1, "amount": Decimal("20.10")},
        params={"p": [1, 2], "q": "x&y", "r": None, "s": True},
        options={"extra_query": {"q": "z"}, "extra_body": {"a": 2}},
    )
    assert call.path == "/v1/things?p=1&p=2&q=z&s=true"
    assert (call.content, call.content_type) == (b'{"a":2,"amount":20.1}', "application/json")
    assert build(json=[1]).content == b"[1]"
    plain = build()
    assert (plain.path, plain.content, plain.content_type) == ("/v1/transfers", None, None)
    for nothing in (None, [1]):
        with pytest.raises(astra.InvalidRequestError, match="no body") as caught:
            build(json=nothing, options={"extra_body": {"a": 2}})
        assert caught.value.argument == "extra_body"


def test_a_payment_that_the_spec_knows_can_be_found_again() -> None:
    body = {"name": "x", "amount": Decimal("20.00"), "client_correlation_id": "INV1", "source": {"id": "a"}, "b": True}
    facts = {"name": "x", "amount": "20.00", "client_correlation_id": "INV1", "source.id": "a", "b": "true"}
    assert build("POST", "/v1/routines", json=body).match_fields == facts
    assert build("POST", "/v1/refunds", json=body).match_fields == {}
    assert build("PUT", "/v1/routines/rt_1", json=body).match_fields == {}
    assert build("POST", "/v1/transfers/tr_1/cancel", json=body).match_fields == {}
    assert build("POST", "/v1/user_intent", json=body).match_fields == {}
    assert build("POST", "/v1/routines", json=[body]).match_fields == {}
