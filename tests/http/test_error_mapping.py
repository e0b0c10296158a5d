"""Any answer maps to one class of the tree, with its status and request id."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest
from astra_api.facts import SECRET_FIELDS
from astra_api.operations import OPERATIONS

import astra
from astra.http.calls import CallContext
from astra.http.error_mapping import error_from_response
from astra.testing import construct_error

BODIES: dict[str, bytes] = {
    "generic": json.dumps({"code": 404, "name": "Not Found", "description": "gone fishing"}).encode(),
    "validation": json.dumps({"status_code": 400, "description": {"postal_code": ["bad"], "a": {"b": "c"}}}).encode(),
    "oauth": json.dumps({"error": "invalid_grant", "error_description": "too old"}).encode(),
    "html": b"<html><body>502 Bad Gateway</body></html>",
    "empty": b"",
    "truncated": b'{"code": 404, "na',
    "list": b'[{"code": 400, "description": "in a list"}]',
    "long list": b"[1, 2, 3]",
    "scalar": b"42",
    "latin-1": '{"description": "sch\xf6n"}'.encode("latin-1"),
    "10 MB": b"x" * 10_000_000,
    "deep": b"[" * 100_000,
    "odd types": json.dumps({"error": {"code": 1}, "description": [1, 2], "name": 3, "code": []}).encode(),
}
EXPECTED = {
    400: astra.BadRequestError,
    401: astra.AuthenticationError,
    403: astra.PermissionDeniedError,
    404: astra.NotFoundError,
    405: astra.MethodNotAllowedError,
    406: astra.NotAcceptableError,
    409: astra.ConflictError,
    410: astra.GoneError,
    422: astra.UnprocessableEntityError,
    429: astra.RateLimitError,
    503: astra.ServiceUnavailableError,
}


def context(status: int, operation: str = "get_transfer", **headers: str) -> CallContext:
    made = CallContext(OPERATIONS[operation], "/v1/transfers/tr_1", "customer-42")
    made.status_code = status
    made.headers = {"request-id": "req_1", **{name.replace("_", "-"): text for name, text in headers.items()}}
    made.request_ids = ("req_0", "req_1")
    made.attempts = 2
    return made


def every_status() -> Iterator[int]:
    yield from range(400, 600)


@pytest.mark.parametrize("body", BODIES, ids=list(BODIES))
def test_every_status_with_any_body_is_the_right_class_with_status_and_request_id(body: str) -> None:
    for status in every_status():
        error = error_from_response(context(status), content=BODIES[body], environment="sandbox", now=0.0)
        expected = EXPECTED.get(status, astra.InternalServerError if status >= 500 else astra.APIError)
        assert type(error) is expected, status
        assert error.status_code == status
        assert error.request_id == "req_1"
        assert error.request_ids == ("req_0", "req_1")
        assert str(status) in str(error)
        assert "req_1" in str(error)


def test_field_errors_are_flattened_and_the_description_stays_readable() -> None:
    error = error_from_response(context(400), content=BODIES["validation"], environment="sandbox", now=0.0)
    assert error.field_errors == {"postal_code": ("bad",), "a.b": ("c",)}
    assert error.description == "postal_code: bad, a.b: c"
    assert error.code == "400"


def test_a_problem_of_rfc_9457_tells_its_title_and_detail() -> None:
    problem = {"type": "about:blank", "title": "Amount too low", "status": 400, "detail": "At least 1 dollar."}
    error = construct_error(400, body=problem, operation="create_routine")
    assert (error.name, error.description, error.body) == ("Amount too low", "At least 1 dollar.", problem)
    assert str(error).startswith("400 Amount too low: At least 1 dollar. (create_routine,")


def test_title_and_detail_never_replace_what_astra_says() -> None:
    body = {"code": 4002, "name": "Bad Request", "description": "no", "title": "a field", "detail": "another"}
    error = construct_error(400, body=body, operation="create_routine")
    assert (error.name, error.description) == ("Bad Request", "no")
    nothing = {**body, "name": None, "description": None}
    error = construct_error(400, body=nothing, operation="create_routine")
    assert (error.name, error.description) == ("a field", "another")


def test_a_one_element_list_is_read_as_its_element() -> None:
    error = error_from_response(context(400), content=BODIES["list"], environment="sandbox", now=0.0)
    assert error.description == "in a list"


def test_latin_1_text_is_kept_readable() -> None:
    error = error_from_response(context(400), content=BODIES["latin-1"], environment="sandbox", now=0.0)
    assert error.description == "sch\xf6n"


def test_a_huge_body_is_kept_in_part_only() -> None:
    error = error_from_response(context(500), content=BODIES["10 MB"], environment="sandbox", now=0.0)
    assert isinstance(error.body, str)
    assert len(error.body) == 2000


@pytest.mark.parametrize(
    ("header", "expected"),
    [({"retry_after": "7"}, 7.0), ({"retry_after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 50.0), ({}, None)],
)
@pytest.mark.parametrize("status", [400, 409, 429, 500, 503])
def test_errors_carry_retry_after_from_seconds_or_a_date(
    status: int, header: dict[str, str], expected: float | None
) -> None:
    error = error_from_response(context(status, **header), content=b"", environment="sandbox", now=10.0)
    assert error.retry_after == expected


def test_the_path_of_an_error_has_no_query_and_the_user_is_named() -> None:
    made = CallContext(OPERATIONS["list_transfers"], "/v1/transfers?cursor=c7", "customer-42")
    made.status_code = 404
    error = error_from_response(made, content=b"", environment="sandbox", now=0.0)
    assert (error.path, error.user_key) == ("/v1/transfers", "customer-42")
    assert "cursor" not in str(error)


def test_long_headers_are_cut() -> None:
    error = error_from_response(context(404, x_long="x" * 10_000), content=b"", environment="sandbox", now=0.0)
    assert error.headers["x-long"] == "x" * 2_000


def test_a_refusal_of_the_token_endpoint_is_an_oauth_error_with_its_code() -> None:
    error = error_from_response(context(400, "exchange_token"), content=BODIES["oauth"], environment="sandbox", now=0.0)
    assert isinstance(error, astra.OAuthError)
    assert error.code == "invalid_grant"
    assert error.hint is not None


def test_a_request_of_ones_own_that_lacks_its_user_is_told_so() -> None:
    body = b'{"error": "unsupported_token_type", "error_description": "The header is not of type Bearer."}'
    error = error_from_response(context(401), content=body, environment="sandbox", now=0.0)
    assert error.hint == "This is called as a user: with client.request(), pass user=."


def test_the_token_endpoint_with_a_broken_body_shows_none_of_it() -> None:
    secret = b'{"access_token": "bsySsXFz0A609jvnJXFmNmT5ntYmGS3YiwEPbuMOTZ", "refr'
    error = error_from_response(context(500, "exchange_token"), content=secret, environment="sandbox", now=0.0)
    assert "bsySsXFz" not in f"{error!s} {error!r} {error.__dict__}"


@pytest.mark.parametrize("name", sorted(SECRET_FIELDS - {"code"} | {"client_secret", "session_token"}))
def test_secret_fields_of_an_error_body_are_hidden(name: str) -> None:
    body = json.dumps({"code": 4002, "description": "no", "echo": {name: "s3cret", "name": "x"}}).encode()
    error = error_from_response(context(400), content=body, environment="sandbox", now=0.0)
    assert error.body == {"code": 4002, "description": "no", "echo": {name: "[hidden]", "name": "x"}}
    assert error.code == "4002"


def test_a_sandbox_client_id_on_production_gets_a_hint_that_says_so() -> None:
    body = json.dumps({"code": 400, "description": "Invalid client_id"}).encode()
    error = error_from_response(context(400), content=body, environment="production", now=0.0)
    assert error.hint is not None
    assert "not the ones of sandbox" in error.hint
    assert error.hint in str(error)


@pytest.mark.parametrize("body", ["generic", "validation", "html", "empty"])
def test_refused_client_credentials_get_a_hint_that_names_them_and_the_environment(body: str) -> None:
    error = error_from_response(context(401, "get_bin"), content=BODIES[body], environment="production", now=0.0)
    assert error.hint is not None
    for name in ("client_id", "client_secret", "production", "not the ones of sandbox"):
        assert name in error.hint
    of_a_user = error_from_response(context(401), content=BODIES[body], environment="production", now=0.0)
    assert of_a_user.hint is None


@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 500, 503])
def test_errors_cross_process_borders(status: int) -> None:
    error = error_from_response(
        context(status, retry_after="3"), content=BODIES["validation"], environment="sandbox", now=0.0
    )
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__
