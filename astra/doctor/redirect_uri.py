"""Whether people come back to the redirect URI. Decisions only; which ones are registered Astra knows."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from astra.doctor.addresses import shown_redirect
from astra.doctor.findings import Finding

CHECK: Final = "redirect_uri"


def judge(uri: str | None, *, environment: str | None, is_local: bool, refusal: str | None) -> Finding:
    """Judges the redirect URI.

    Args:
        uri: as it is set, or None.
        environment: "sandbox" or "production"; None when that is not known.
        is_local: whether its host is this machine.
        refusal: why the client does not take it, or None.
    """
    if uri is None:
        return Finding(
            check=CHECK,
            status="ok",
            message="ASTRA_REDIRECT_URI is not set: links need redirect_uri from your program",
            details={"set": False},
        )
    if refusal is not None:
        return _fail(refusal, "Set ASTRA_REDIRECT_URI to the address that is registered in Astra's dashboard.")
    parts, shown = urlsplit(uri), shown_redirect(uri)
    is_production = environment == "production"
    if is_local and is_production:
        return _fail(
            f"{shown} is this machine, and the environment is production: people would be sent to their own machine",
            "Set ASTRA_REDIRECT_URI to the public https address of your program.",
        )
    if parts.scheme == "http" and not is_local:
        return _fail(
            f"{shown} is plain http: the authorization code would travel for everybody to read",
            "Use https, and register that address with Astra.",
        )
    slash = "ends with a slash" if parts.path.endswith("/") else "ends without a slash"
    return Finding(
        check=CHECK,
        status="ok",
        message=f"{shown} {slash}; register exactly this with Astra",
        details={"set": True, "trailing_slash": parts.path.endswith("/")},
    )


def _fail(message: str, advice: str) -> Finding:
    return Finding(check=CHECK, status="fail", message=message, advice=advice, details={"set": True})
