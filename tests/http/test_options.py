"""The options of a call: what they may be, and how those of a client and of one call come together."""

from __future__ import annotations

from typing import Any

import pytest

import astra
from astra.http.options import CLIENT_OPTIONS, check_options, merge_options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", "5"),
        ("timeout", True),
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", [5]),
        ("max_retries", "2"),
        ("max_retries", True),
        ("max_retries", -1),
        ("max_retries", 1.5),
        ("max_retries", float("nan")),
        ("max_retries", float("inf")),
        ("extra_headers", [("X-A", "b")]),
        ("extra_headers", "X-A: b"),
        ("extra_headers", {"X-A": 5}),
        ("extra_headers", {"X-A": b"b"}),
        ("extra_headers", {b"X-A": "b"}),
        ("extra_headers", {"": "b"}),
        ("extra_headers", {"authorization": "b"}),
        ("extra_headers", {"Content-Length": "5"}),
        ("extra_query", "a=b"),
        ("extra_query", [("a", "b")]),
        ("extra_query", {1: "b"}),
        ("extra_body", ["a"]),
        ("extra_body", {None: "b"}),
    ],
)
def test_a_value_that_cannot_be_right_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(astra.InvalidRequestError) as caught:
        check_options({name: value})
    assert caught.value.argument == name
    assert name in str(caught.value)


def test_none_is_the_clients_own() -> None:
    given = dict.fromkeys(("timeout", "max_retries", "extra_headers", "extra_query", "extra_body"))
    assert check_options(given) == {}


def test_what_can_be_right_is_taken() -> None:
    limits = astra.Timeout(total=3.0)
    assert check_options({"timeout": limits}) == {"timeout": limits}
    assert check_options({"timeout": 5}) == {"timeout": astra.Timeout(total=5, attempt=5, connect=5)}
    assert check_options({"max_retries": 0}) == {"max_retries": 0}
    assert check_options({"max_retries": 3.0}) == {"max_retries": 3}
    given = {"extra_headers": {"X-A": "b"}, "extra_query": {"a": 1}, "extra_body": {"b": None}}
    assert check_options(given) == given


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(TypeError) as caught:
        check_options({"time_out": 3})
    assert str(caught.value) == (
        "unexpected keyword argument 'time_out'; besides its own arguments it takes the options "
        "extra_body, extra_headers, extra_query, max_retries, timeout"
    )
    with pytest.raises(TypeError, match="it takes cursor, limit, and the options"):
        check_options({"status": "x"}, beside=("limit", "cursor"))
    with pytest.raises(TypeError, match="'extra_body'; it takes the options extra_headers, max_retries, timeout"):
        check_options({"extra_body": {}}, known=CLIENT_OPTIONS)


def test_the_options_of_a_call_win_over_those_of_its_client_header_by_header() -> None:
    own = check_options({"timeout": 9, "extra_headers": {"X-Job": "nightly", "X-Trace": "1"}})
    call = check_options({"max_retries": 0, "extra_headers": {"x-trace": "2", "X-New": "3"}})
    merged = merge_options(own, call)
    assert merged == {
        "timeout": own["timeout"],
        "max_retries": 0,
        "extra_headers": {"X-Job": "nightly", "x-trace": "2", "X-New": "3"},
    }
    assert merge_options({}, call) == call
    assert merge_options(own, {}) == own
    assert own["extra_headers"] == {"X-Job": "nightly", "X-Trace": "1"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_retries", "2"),
        ("max_retries", -1),
        ("max_retries", True),
        ("max_retries", float("nan")),
        ("max_retries", float("inf")),
        ("timeout", "5"),
        ("timeout", True),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("client_id", 5),
        ("client_secret", b"s3cret"),
        ("redirect_uri", b"https://example.com"),
        ("on_reauthorization_required", 5),
        ("token_settings", None),
        ("clock", None),
    ],
)
def test_a_client_refuses_the_same_values(name: str, value: Any) -> None:
    with pytest.raises(astra.ConfigurationError, match=name) as caught:
        astra.Astra(**{"client_id": "id", "client_secret": "secret", name: value})
    assert "s3cret" not in str(caught.value)


def test_none_is_the_default_of_a_client() -> None:
    with astra.Astra("id", "secret", max_retries=None, timeout=None, max_response_size=None) as client:
        assert client.settings.max_retries == 2
        assert client.settings.max_response_size == 16 * 2**20
        assert client.settings.timeout == astra.Timeout()
