"""Settings for cassettes of your own, that keep neither secrets nor personal data. For pytest-recording and vcrpy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from astra._json import is_array
from astra.errors import ConfigurationError
from astra.testing.scrub import (
    KEPT_HEADERS,
    PLACEHOLDERS,
    scrub_authorization,
    scrub_body,
    scrub_uri,
)

Request = Any  # vcr.request.Request; vcrpy carries no types
Response = dict[str, Any]


def vcr_settings(
    *,
    also: Mapping[str, str] | None = None,
    keep_headers: Iterable[str] = (),
    normalize_host: bool = True,
) -> dict[str, Any]:
    """Returns settings for vcrpy under which recordings of Astra hold no secret and no personal data.

    Scrubbed are the Authorization header (its scheme stays), every header that is not on a short list, tokens,
    authorization codes, social security, card and account numbers, names, emails, phone numbers, addresses and birth
    dates, in addresses, in forms and in JSON of requests and of answers, at any depth. The running program gets the
    real values while it records; the file gets placeholders of the same form. In replay the placeholders come back.

    Calls are matched by method, path, query and body, so that a cassette recorded against a local Astra replays
    against any base URL.

    Args:
        also: more fields to scrub, each with its placeholder: `{"client_correlation_id": "REDACTED"}`.
        keep_headers: more headers to keep.
        normalize_host: write addresses of a local Astra as those of Astra's sandbox.

    Returns:
        Keyword arguments of `vcr.VCR`, or the value of pytest-recording's `vcr_config` fixture.

    Raises:
        ConfigurationError: vcrpy is not installed, or older than 8.2.1.

    Example:
        @pytest.fixture(scope="module")
        def vcr_config():
            return vcr_settings()
    """
    _check_vcrpy()
    placeholders = {**PLACEHOLDERS, **(also or {})}
    kept = KEPT_HEADERS | {name.lower() for name in keep_headers}
    return {
        "match_on": ["method", "path", "query", "body"],
        "decode_compressed_response": True,
        "before_record_request": _request_hook(placeholders, kept, normalize_host=normalize_host),
        "before_record_response": _response_hook(placeholders, kept),
    }


def _check_vcrpy() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("vcrpy")
    except PackageNotFoundError:
        found = ""
    numbers = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if numbers < (8, 2, 1):
        raise ConfigurationError(
            f"Cassettes need vcrpy 8.2.1 or newer, and there is {found or 'none'}: pip install 'astra-finance[testing]'"
        )


def _request_hook(
    placeholders: Mapping[str, str], kept: frozenset[str], *, normalize_host: bool
) -> Callable[[Request], Request]:
    def scrub(request: Request) -> Request:
        # vcrpy hands over a copy, so that what is sent stays as it is.
        method: str = request.method
        given = {str(name).lower(): _first(value) for name, value in request.headers.items()}
        headers = {name: value for name, value in sorted(given.items()) if name in kept}
        if "authorization" in given:
            headers["authorization"] = scrub_authorization(given["authorization"])
        body: object = request.body
        if isinstance(body, bytes):
            scrubbed = scrub_body(body, placeholders=placeholders, content_type=given.get("content-type", ""))
            request.body = scrubbed or None
        request.uri = scrub_uri(request.uri, method=method, placeholders=placeholders, normalize_host=normalize_host)
        request.headers = headers
        return request

    return scrub


def _response_hook(placeholders: Mapping[str, str], kept: frozenset[str]) -> Callable[[Response], Response]:
    def scrub(response: Response) -> Response:
        given = {str(name).lower(): value for name, value in response["headers"].items()}
        headers = {name: value for name, value in sorted(given.items()) if name in kept}
        body = response["body"]["string"]
        content = body.encode() if isinstance(body, str) else body
        kind = _first(given.get("content-type", ""))
        scrubbed = scrub_body(content, placeholders=placeholders, content_type=kind)
        return {"status": dict(response["status"]), "headers": headers, "body": {"string": scrubbed}}

    return scrub


def _first(value: object) -> str:
    if is_array(value):
        return str(value[0]) if value else ""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
