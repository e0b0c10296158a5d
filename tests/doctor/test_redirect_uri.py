"""Whether people come back to the redirect URI."""

from __future__ import annotations

from astra.doctor.findings import Finding
from astra.doctor.redirect_uri import judge

PUBLIC = "https://app.example.com/callback"


def fail(message: str, advice: str) -> Finding:
    return Finding(check="redirect_uri", status="fail", message=message, advice=advice, details={"set": True})


def good(message: str, *, slash: bool) -> Finding:
    return Finding(check="redirect_uri", status="ok", message=message, details={"set": True, "trailing_slash": slash})


def test_none_at_all_is_the_programs_affair() -> None:
    assert judge(None, environment="production", is_local=False, refusal=None) == Finding(
        check="redirect_uri",
        status="ok",
        message="ASTRA_REDIRECT_URI is not set: links need redirect_uri from your program",
        details={"set": False},
    )


def test_what_the_client_refuses_is_refused_with_its_words() -> None:
    assert judge("x", environment="sandbox", is_local=False, refusal="no fragment") == fail(
        "no fragment", "Set ASTRA_REDIRECT_URI to the address that is registered in Astra's dashboard."
    )


def test_https_is_right_and_the_slash_at_its_end_is_told() -> None:
    said = "without a slash; register exactly this with Astra"
    assert judge(PUBLIC, environment="production", is_local=False, refusal=None) == good(
        f"{PUBLIC} ends {said}", slash=False
    )
    said = "with a slash; register exactly this with Astra"
    assert judge(f"{PUBLIC}/?a=s3cret", environment="sandbox", is_local=False, refusal=None) == good(
        f"{PUBLIC}/?... ends {said}", slash=True
    )


def test_this_machine_is_for_the_sandbox() -> None:
    local = "http://localhost:8000/cb"
    assert judge(local, environment="production", is_local=True, refusal=None) == fail(
        f"{local} is this machine, and the environment is production: people would be sent to their own machine",
        "Set ASTRA_REDIRECT_URI to the public https address of your program.",
    )
    assert judge(local, environment="sandbox", is_local=True, refusal=None).status == "ok"
    assert judge(local, environment=None, is_local=True, refusal=None).status == "ok"


def test_plain_http_to_elsewhere_shows_the_code_to_everybody() -> None:
    assert judge("http://a.example/cb?x=1", environment="sandbox", is_local=False, refusal=None) == fail(
        "http://a.example/cb?... is plain http: the authorization code would travel for everybody to read",
        "Use https, and register that address with Astra.",
    )


def test_an_address_that_opens_an_app_is_right() -> None:
    assert judge("com.example.app:/cb", environment="production", is_local=False, refusal=None).status == "ok"
