"""What came of a request to Astra. Decisions only."""

from __future__ import annotations

from typing import Final

from astra.doctor.findings import Finding

CHECK: Final = "api.connection"

CAUSES: Final = (
    (
        ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed", "certificate has expired"),
        "The certificate is not trusted: is there a proxy that opens TLS, a missing authority (SSL_CERT_FILE), or a "
        "wrong clock?",
    ),
    (("SSL", "TLS"), "TLS failed: is this an https address, and is there a proxy between that speaks something else?"),
    (
        ("Name or service not known", "name resolution", "nodename nor servname", "getaddrinfo", "No address"),
        "The name cannot be looked up: check it, and this machine's DNS.",
    ),
    (("refused",), "Nobody listens there: check address and port, and that the server runs."),
    (("unreachable", "No route"), "There is no way there: check the network and the firewall."),
)
"""What the texts of failures have in them, and what to do."""


def judge_failure(origin: str, *, reason: str, timed_out: bool, proxy: str | None) -> Finding:
    """Judges a request that got no answer.

    Args:
        origin: where it went.
        reason: what the HTTP library says.
        timed_out: whether time ran out.
        proxy: the proxy that the environment names for it, or None.
    """
    advice = "No answer in time: does a firewall drop the packets?" if timed_out else _advice(reason)
    through = f" through the proxy {proxy}" if proxy else ""
    if proxy:
        advice = f"{advice} The proxy comes from HTTPS_PROXY or ALL_PROXY; NO_PROXY names hosts that need none."
    return Finding(
        check=CHECK,
        status="fail",
        message=f"{origin} cannot be reached{through}: {reason}",
        advice=advice,
        details={"origin": origin, "proxy": proxy, "timed_out": timed_out},
    )


def _advice(reason: str) -> str:
    for signs, advice in CAUSES:
        if any(sign in reason for sign in signs):
            return advice
    return "Check address, network and firewall."


def judge_answer(origin: str, *, status: int, proxy: str | None) -> Finding:
    """Judges an answer: to a request without credentials any will do that is Astra's.

    Args:
        origin: where the request went.
        status: its status.
        proxy: the proxy that the environment names for it, or None.
    """
    through = f" through the proxy {proxy}" if proxy else ""
    details = {"origin": origin, "proxy": proxy, "http_status": status}
    if status == PROXY_WANTS_A_PASSWORD:
        return Finding(
            check=CHECK,
            status="fail",
            message=f"the proxy {proxy or 'on the way'} wants a user and a password (status 407)",
            advice="Put them into HTTPS_PROXY: http://user:password@host:port.",
            details=details,
        )
    if status >= SERVER_ERROR:
        return Finding(
            check=CHECK,
            status="warn",
            message=f"{origin} was reached{through}, and answered with status {status}",
            advice="Try again in some minutes; when it stays, ask Astra.",
            details=details,
        )
    return Finding(
        check=CHECK, status="ok", message=f"{origin} was reached{through} (status {status})", details=details
    )


PROXY_WANTS_A_PASSWORD: Final = 407
SERVER_ERROR: Final = 500
