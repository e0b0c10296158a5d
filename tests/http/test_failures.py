"""What an exception proves about the request that met it."""

from __future__ import annotations

import ssl
from typing import Any

import httpcore
import httpcore2
import httpx
import httpx2
import pytest

import astra
from astra.http import failures
from astra.http.failures import BodyTooLarge, DeadlinePassed, ExchangeEnded, flat_headers, outcome_of, transport_failure
from astra.http.responses import TransportFailure, TransportResponse

LIBRARIES: tuple[Any, ...] = (httpx, httpx2, httpcore, httpcore2)
PROVEN = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
OTHERS = ("ReadError", "WriteError", "ReadTimeout", "WriteTimeout", "RemoteProtocolError", "LocalProtocolError")
OTHERS += ("ProtocolError", "NetworkError", "TimeoutException")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
@pytest.mark.parametrize("name", PROVEN)
def test_these_prove_that_nothing_was_sent(library: Any, name: str) -> None:
    error = getattr(library, name)("reason")
    assert failures.never_left(error)
    assert transport_failure(error).sent is False
    assert failures.never_left(type("Mine", (type(error),), {})("reason"))


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
@pytest.mark.parametrize("name", OTHERS)
def test_no_other_error_of_a_library_does(library: Any, name: str) -> None:
    outcome = transport_failure(getattr(library, name)("reason"))
    assert outcome.sent is True
    assert outcome.reason == f"{name}: reason"
    assert outcome.timed_out is (name in ("ReadTimeout", "WriteTimeout", "TimeoutException"))


class ConnectError(Exception):
    """Of somebody else."""


@pytest.mark.parametrize(
    "error",
    [ConnectError("x"), OSError("x"), RuntimeError("x"), ssl.SSLError("x"), ConnectionRefusedError("x"), KeyError("x")],
)
def test_no_error_of_anybody_else_does(error: Exception) -> None:
    outcome = outcome_of(error, wrote=False)
    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.timed_out, outcome.status, outcome.too_large) == (True, False, None, False)
    assert outcome.cause is error


def test_an_error_of_a_library_proves_it_whatever_caused_it() -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = OSError("refused")
    assert transport_failure(error).sent is False


def test_no_frame_is_kept() -> None:
    try:
        raise RuntimeError("x")
    except RuntimeError as error:
        found = transport_failure(error)
    assert found.cause is not None
    assert found.cause.__traceback__ is None


def test_once_an_answer_has_begun_the_request_was_sent() -> None:
    outcome = transport_failure(httpx.ConnectError("x"), status=200, headers={"request-id": "req_1"})
    assert (outcome.sent, outcome.status, outcome.headers) == (True, 200, {"request-id": "req_1"})


def test_no_reason_ends_with_a_colon() -> None:
    assert transport_failure(RuntimeError()).reason == "RuntimeError"


@pytest.mark.parametrize("error", [TimeoutError("x"), DeadlinePassed("x"), httpx.ConnectTimeout("x")])
def test_these_are_about_time(error: Exception) -> None:
    assert transport_failure(error).timed_out is True


@pytest.mark.parametrize("wrote", [True, False])
@pytest.mark.parametrize("kind", [DeadlinePassed, ExchangeEnded])
def test_our_own_streams_know_whether_they_have_sent(kind: type[Exception], wrote: bool) -> None:
    outcome = outcome_of(kind("x"), wrote=wrote)
    assert isinstance(outcome, TransportFailure)
    assert outcome.sent is wrote


def test_a_body_that_is_too_large_says_so() -> None:
    assert transport_failure(BodyTooLarge("x"), status=200).too_large is True


@pytest.mark.parametrize(("kind", "sent"), [("ClientConnectorError", False), ("ServerDisconnectedError", True)])
def test_of_aiohttp_only_the_error_for_opening_connections_proves_anything(kind: str, sent: bool) -> None:
    error = httpx.ConnectTimeout("x")
    base = type(kind, (Exception,), {"__module__": "aiohttp.client_exceptions"})
    error.__cause__ = type("Special", (base,), {"__module__": "aiohttp.client_exceptions"})("x")
    assert transport_failure(error).sent is sent


def status_error(library: Any, status: int, **body: Any) -> Any:
    request = library.Request("GET", "http://x")
    response = library.Response(status, headers={"Request-Id": "req_1"}, request=request, **body)
    return library.HTTPStatusError("x", request=request, response=response)


@pytest.mark.parametrize("library", LIBRARIES[:2], ids=lambda library: library.__name__)
@pytest.mark.parametrize("status", [400, 401, 503])
def test_a_refusal_that_a_hook_made_an_exception_of_is_the_answer(library: Any, status: int) -> None:
    for body, content in (({"content": b"{}"}, b"{}"), ({"stream": library.ByteStream(b"{}")}, b"")):
        outcome = outcome_of(status_error(library, status, **body), wrote=True)
        assert outcome == TransportResponse(status, {"request-id": "req_1", **outcome.headers}, content)
        assert outcome.headers["request-id"] == "req_1"


@pytest.mark.parametrize("status", [200, 302, 399])
def test_any_other_status_in_an_exception_is_no_answer(status: int) -> None:
    outcome = outcome_of(status_error(httpx, status, content=b"{}"), wrote=True)
    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.status, outcome.headers["request-id"]) == (True, status, "req_1")


def test_an_exception_of_somebody_else_with_a_response_keeps_status_and_headers() -> None:
    error = RuntimeError("x")
    error.response = httpx.Response(500, headers={"Request-Id": "req_1"})  # type: ignore[attr-defined]
    outcome = outcome_of(error, wrote=True)
    assert isinstance(outcome, TransportFailure)
    assert (outcome.sent, outcome.status, outcome.headers["request-id"]) == (True, 500, "req_1")


@pytest.mark.parametrize("response", [None, object(), {"status_code": 200}, type("R", (), {"status_code": "200"})()])
def test_a_response_that_is_none_is_not_looked_at(response: Any) -> None:
    error = RuntimeError("x")
    error.response = response  # type: ignore[attr-defined]
    outcome = outcome_of(error, wrote=True)
    assert (outcome.status, dict(outcome.headers)) == (None, {})


def test_a_response_whose_headers_are_of_another_kind_has_none() -> None:
    error = RuntimeError("x")
    error.response = type("R", (), {"status_code": 500, "headers": {"a": "b"}})()  # type: ignore[attr-defined]
    assert (outcome_of(error, wrote=True).status, dict(outcome_of(error, wrote=True).headers)) == (500, {})


def test_headers_of_another_kind_are_not_read() -> None:
    assert flat_headers({"a": "b"}) == {}
    assert flat_headers(None) == {}
    error = RuntimeError("x")
    error.response = type("R", (), {"status_code": 500})()  # type: ignore[attr-defined]
    assert outcome_of(error, wrote=True).headers == {}


def test_headers_come_by_lower_case_name_and_several_of_one_name_are_joined() -> None:
    found = flat_headers(httpx.Headers([("A-B", "1"), ("a-b", "2"), ("C", "3")]))
    assert found == {"a-b": "1, 2", "c": "3"}
    assert flat_headers(httpx.Headers([(b"A", "é".encode()), (b"B", b"2")])) == {"a": "é", "b": "2"}
    assert flat_headers(httpx.Headers([(b"A", "é".encode("latin-1"))])) == {"a": "é"}


def test_what_is_about_the_use_of_the_sdk_is_no_outcome() -> None:
    assert failures.is_ours(astra.ConfigurationError("x"))
    assert failures.is_ours(astra.ClientClosedError("x"))
    assert not failures.is_ours(astra.APIConnectionError("x"))
    assert not failures.is_ours(RuntimeError("x"))


def test_a_thing_is_of_the_package_that_defines_its_class() -> None:
    assert failures.is_of(httpx.Client, "builtins")
    assert failures.is_of(httpx.Timeout(1), "httpx")
    assert not failures.is_of(httpx.Timeout(1), "httpx2")
