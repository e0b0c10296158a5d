"""What may be sent as a header, a method and a target; nothing that is refused is shown."""

from __future__ import annotations

from typing import Any

import pytest

from astra.errors import InvalidRequestError
from astra.http.header_fields import check_headers, check_request_line, is_sendable, request_headers

SECRET = "s3cret"


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "!", "~", "\x80", "\xff", "Bearer abc.def-_~+/=", "é"])
def test_what_rfc_9110_calls_a_field_value_can_be_sent(value: str) -> None:
    assert is_sendable(value)


@pytest.mark.parametrize(
    "value",
    [*(f"a{bad}b" for bad in "\r\n\0\x1f\x7f\u0100€\ud800"), " a", "a ", "\ta", "a\t", "a\n", "\n", " "],
    ids=ascii,
)
def test_everything_else_cannot(value: str) -> None:
    assert not is_sendable(value)


@pytest.mark.parametrize("given", [None, {}])
def test_no_headers_are_no_headers(given: object) -> None:
    assert check_headers(given, argument="extra_headers") == {}


def test_good_headers_are_given_back() -> None:
    given = {"X-Trace": "abc", "!#$%&'*+-.^_`|~09azAZ": ""}
    assert check_headers(given, argument="extra_headers") == given


BAD: dict[str, tuple[Any, str]] = {
    "pairs": ([("X-A", SECRET)], "extra_headers must be a mapping of names to values, not list."),
    "text": (f"X-A: {SECRET}", "extra_headers must be a mapping of names to values, not str."),
    "a name in bytes": ({b"X-A": SECRET}, "no header name"),
    "no name": ({"": SECRET}, "no header name"),
    "a name with a space": ({f"X {SECRET}": "a"}, "no header name"),
    "a name with a colon": ({f"{SECRET}:": "a"}, "no header name"),
    "a name with a line break": ({f"{SECRET}\n": "a"}, "no header name"),
    "a name beyond ASCII": ({f"é{SECRET}": "a"}, "no header name"),
    "a value in bytes": ({"X-A": SECRET.encode()}, "extra_headers: the value of 'X-A' must be text, not bytes."),
    "a number": ({"X-A": 7}, "extra_headers: the value of 'X-A' must be text, not int."),
    "a line break": ({"X-A": f"{SECRET}\r\n"}, "extra_headers: the value of 'X-A' cannot be sent."),
    "beyond Latin-1": ({"X-A": f"{SECRET}€"}, "extra_headers: the value of 'X-A' cannot be sent."),
    "reserved": ({"Authorization": SECRET}, "extra_headers must not set 'Authorization'."),
    "reserved, in capitals": ({"HOST": SECRET}, "extra_headers must not set 'HOST'."),
    "a length": ({"content-length": SECRET}, "extra_headers must not set 'content-length'."),
    "chunks": ({"Transfer-Encoding": SECRET}, "extra_headers must not set 'Transfer-Encoding'."),
}


@pytest.mark.parametrize(("given", "says"), BAD.values(), ids=BAD)
def test_bad_headers_are_refused_without_showing_them(given: Any, says: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        check_headers(given, argument="extra_headers")
    assert says in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.argument == "extra_headers"
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_header_that_is_given_twice_is_sent_once_as_given_last() -> None:
    sent = request_headers({"User-Agent": "ours", "Accept": "a"}, {"X-A": "1"}, {"user-agent": "é", "x-a": "2"})
    assert list(sent) == [(b"user-agent", b"\xe9"), (b"Accept", b"a"), (b"x-a", b"2")]


@pytest.mark.parametrize("target", ["/", "/v1/x?a=b&c=%20", "/!", '/"~$', "//"])
def test_a_quoted_target_can_be_sent(target: str) -> None:
    check_request_line("GET", target)


@pytest.mark.parametrize(
    "target", ["", "v1", " /", f"/{SECRET} b", f"/{SECRET}\r\n", f"/{SECRET}#x", f"/é{SECRET}", "/\x7f"]
)
def test_any_other_target_is_refused_without_showing_it(target: str) -> None:
    with pytest.raises(InvalidRequestError, match="The path must begin with / and be quoted") as caught:
        check_request_line("GET", target)
    assert SECRET not in str(caught.value)
    assert caught.value.argument == "path"


@pytest.mark.parametrize("method", ["", f"GET {SECRET}", "GET\r\n", "GÉT"])
def test_a_method_is_one_word(method: str) -> None:
    with pytest.raises(InvalidRequestError, match="The HTTP method must be one word") as caught:
        check_request_line(method, "/")
    assert SECRET not in str(caught.value)
    assert caught.value.argument == "method"
