"""What came of a request to Astra."""

from __future__ import annotations

import pytest

from astra.doctor.connection import judge_answer, judge_failure
from astra.doctor.findings import Finding

CERTIFICATE = (
    "The certificate is not trusted: is there a proxy that opens TLS, a missing authority (SSL_CERT_FILE), or a wrong "
    "clock?"
)
TLS = "TLS failed: is this an https address, and is there a proxy between that speaks something else?"
DNS = "The name cannot be looked up: check it, and this machine's DNS."
NOBODY = "Nobody listens there: check address and port, and that the server runs."
NO_WAY = "There is no way there: check the network and the firewall."


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed", CERTIFICATE),
        ("ConnectError: [X] certificate verify failed", CERTIFICATE),
        ("ConnectError: certificate has expired", CERTIFICATE),
        ("ConnectError: CERTIFICATE_VERIFY_FAILED", CERTIFICATE),
        ("ConnectError: [SSL: WRONG_VERSION_NUMBER] wrong version number", TLS),
        ("ConnectError: TLS alert", TLS),
        ("ConnectError: [Errno -2] Name or service not known", DNS),
        ("ConnectError: [Errno -3] Temporary failure in name resolution", DNS),
        ("ConnectError: [Errno 8] nodename nor servname provided, or not known", DNS),
        ("ConnectError: [Errno 11001] getaddrinfo failed", DNS),
        ("ConnectError: [Errno -5] No address associated with hostname", DNS),
        ("ConnectError: [Errno 111] Connection refused", NOBODY),
        ("ConnectError: [Errno 101] Network is unreachable", NO_WAY),
        ("ConnectError: [Errno 113] No route to host", NO_WAY),
        ("ReadError", "Check address, network and firewall."),
    ],
)
def test_the_cause_of_a_failure_says_what_to_do(reason: str, advice: str) -> None:
    assert judge_failure("https://a.example", reason=reason, timed_out=False, proxy=None) == Finding(
        check="api.connection",
        status="fail",
        message=f"https://a.example cannot be reached: {reason}",
        advice=advice,
        details={"origin": "https://a.example", "proxy": None, "timed_out": False},
    )


def test_time_that_ran_out_and_the_proxy_are_told() -> None:
    found = judge_failure("https://a.example", reason="refused", timed_out=True, proxy="http://proxy:1")
    assert found.message == "https://a.example cannot be reached through the proxy http://proxy:1: refused"
    assert found.advice == (
        "No answer in time: does a firewall drop the packets? The proxy comes from HTTPS_PROXY or ALL_PROXY; NO_PROXY "
        "names hosts that need none."
    )
    assert found.details == {"origin": "https://a.example", "proxy": "http://proxy:1", "timed_out": True}


@pytest.mark.parametrize("status", [200, 404, 401, 499, 406, 408])
def test_any_answer_that_is_no_breakdown_will_do(status: int) -> None:
    assert judge_answer("https://a.example", status=status, proxy=None) == Finding(
        check="api.connection",
        status="ok",
        message=f"https://a.example was reached (status {status})",
        details={"origin": "https://a.example", "proxy": None, "http_status": status},
    )


@pytest.mark.parametrize("status", [500, 503])
def test_a_breakdown_is_a_warning(status: int) -> None:
    assert judge_answer("https://a.example", status=status, proxy="http://p:1") == Finding(
        check="api.connection",
        status="warn",
        message=f"https://a.example was reached through the proxy http://p:1, and answered with status {status}",
        advice="Try again in some minutes; when it stays, ask Astra.",
        details={"origin": "https://a.example", "proxy": "http://p:1", "http_status": status},
    )


@pytest.mark.parametrize(("proxy", "named"), [("http://p:1", "http://p:1"), (None, "on the way")])
def test_a_proxy_that_wants_a_password_is_told(proxy: str | None, named: str) -> None:
    assert judge_answer("http://a.example", status=407, proxy=proxy) == Finding(
        check="api.connection",
        status="fail",
        message=f"the proxy {named} wants a user and a password (status 407)",
        advice="Put them into HTTPS_PROXY: http://user:password@host:port.",
        details={"origin": "http://a.example", "proxy": proxy, "http_status": 407},
    )
