"""Settings for cassettes of your own, that keep neither secrets nor personal data. For pytest-recording and vcrpy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from importlib import import_module
from typing import Any

import attrs
from astra_api.facts import SECRET_FIELDS

from astra._json import is_array
from astra.drift.names import harmless_id
from astra.errors import ConfigurationError
from astra.http.personal_data import field_words
from astra.testing.kept import KEPT_FIELDS, MASKED, PLACEHOLDERS
from astra.testing.provenance import HEADER, check_loaded, claim_of
from astra.testing.scrub import (
    KEPT_HEADERS,
    Rules,
    give_back,
    scrub_authorization,
    scrub_body,
    scrub_text,
    scrub_uri,
    secrets_of,
    sent_values,
)

Request = Any  # vcr.request.Request; vcrpy carries no types
Response = dict[str, Any]


def vcr_settings(
    *,
    also: Mapping[str, str] | None = None,
    keep_headers: Iterable[str] = (),
    keep_fields: Iterable[str] = (),
    normalize_host: bool = True,
    on: date | None = None,
) -> dict[str, Any]:
    """Returns settings for vcrpy under which recordings of Astra hold no secret and no personal data.

    What may stay is listed: headers, fields of Astra that say nothing about anybody, and words of error texts. All else
    is replaced, in addresses, in forms and in JSON of requests and of answers, at any depth, and so is what the spec
    marks as secret or personal. The running program gets the real values while it records; the file gets placeholders
    of the same form. In replay the placeholders come back, except where an answer gives back what the program has sent.

    Calls are matched by method, path, query and body, so that a cassette recorded against a local Astra replays
    against any base URL. Each says in the header `recorded-against` of its requests where it comes from; one whose
    content disagrees with that is refused, and one that says nothing, or holds what would be replaced, is warned of.

    Args:
        also: more fields to scrub, each with its placeholder: `{"client_correlation_id": "REDACTED"}`.
        keep_headers: more headers to keep.
        keep_fields: more fields to keep, such as `name`; none that is secret.
        normalize_host: write addresses of a local Astra as those of Astra's sandbox.
        on: the day to write down; by default today.

    Returns:
        Keyword arguments of `vcr.VCR`, or the value of pytest-recording's `vcr_config` fixture.

    Raises:
        ConfigurationError: vcrpy is not installed, or older than 9.4; or a field to keep is secret.

    Example:
        @pytest.fixture(scope="module")
        def vcr_config():
            return vcr_settings()
    """
    _check_vcrpy()
    cassettes: Any = import_module("vcr.cassette").Cassette  # vcrpy carries no types
    own = {field_words(name): value for name, value in (also or {}).items()}
    asked = {field_words(name) for name in keep_fields}
    for name in sorted(asked & SECRET_FIELDS):
        raise ConfigurationError(f"keep_fields names {name}, which is secret. A cassette never keeps it.")
    rules = Rules({**PLACEHOLDERS, **own}, (KEPT_FIELDS - own.keys()) | asked)
    kept = frozenset(name.lower() for name in keep_headers) - {"authorization", "cookie", "set-cookie"}
    exchange = _Exchange()
    original: Callable[[Any, Request], Response] = cassettes.play_response

    def play(cassette: Any, request: Request) -> Response:
        # Here alone is what the program has sent and what it is to get.
        response = original(cassette, request)
        content = request.body if isinstance(request.body, bytes) else b""
        body = give_back(_content(response), sent_values(content, rules), rules)
        return {**response, "body": {"string": body}}

    ask = _request_hook(rules, kept, exchange, normalize_host=normalize_host, on=on)
    answer = _response_hook(rules, kept, exchange)
    return {
        "match_on": ["method", "path", "query", "body"],
        "decode_compressed_response": True,
        "before_record_request": ask,
        "before_record_response": answer,
        "after_load_interaction": check_loaded(ask, answer),
        "custom_patches": ((cassettes, "play_response", play),),
    }


class _Exchange(threading.local):
    """What the request says that is recorded at this moment in this thread, between the two hooks."""

    known: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


def _check_vcrpy() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("vcrpy")
    except PackageNotFoundError:
        found = ""
    numbers = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if numbers < (9, 4):
        raise ConfigurationError(
            f"Cassettes need vcrpy 9.4 or newer, and there is {found or 'none'}: pip install 'astra-finance[testing]'"
        )


def _request_hook(
    rules: Rules, kept: frozenset[str], exchange: _Exchange, *, normalize_host: bool, on: date | None
) -> Callable[[Request], Request]:
    def scrub(request: Request) -> Request:
        # vcrpy hands over a copy, so that what is sent stays as it is.
        method: str = request.method
        given = {str(name).lower(): _first(value) for name, value in request.headers.items()}
        headers = _kept_headers(given, kept)
        headers[HEADER] = given.get(HEADER) or claim_of(request.uri, on=on)
        exchange.secrets = secrets_of(_first(given.get("authorization", "")))
        if "authorization" in given:
            headers["authorization"] = scrub_authorization(given["authorization"])
        body: object = request.body
        exchange.known = frozenset()
        if isinstance(body, bytes):
            sent = sent_values(body, rules)
            exchange.known = frozenset(text for texts in sent.values() for text in texts if len(text) > 2)
            scrubbed = scrub_body(body, rules, content_type=given.get("content-type", ""))
            request.body = scrubbed or None
        request.uri = scrub_uri(request.uri, method=method, rules=rules, normalize_host=normalize_host)
        request.headers = headers
        return request

    return scrub


def _response_hook(rules: Rules, kept: frozenset[str], exchange: _Exchange) -> Callable[[Response], Response]:
    def scrub(response: Response) -> Response:
        given = {str(name).lower(): value for name, value in response["headers"].items()}
        known = attrs.evolve(rules, known=exchange.known, secrets=exchange.secrets)
        scrubbed = scrub_body(_content(response), known, content_type=_first(given.get("content-type", "")))
        headers = {name: value if is_array(value) else [value] for name, value in _kept_headers(given, kept).items()}
        return {"status": dict(response["status"]), "headers": headers, "body": {"string": scrubbed}}

    return scrub


def _kept_headers(given: Mapping[str, Any], kept: frozenset[str]) -> dict[str, Any]:
    """Returns the headers that may stay; in those that only you know of, what is personal does not."""
    headers = {name: value for name, value in sorted(given.items()) if name in KEPT_HEADERS}
    if "request-id" in headers and harmless_id(_first(headers["request-id"])) is None:
        headers["request-id"] = MASKED
    for name in sorted(kept & given.keys() - KEPT_HEADERS):
        value = given[name]
        headers[name] = [scrub_text(_first([one])) for one in value] if is_array(value) else scrub_text(_first(value))
    return headers


def _content(response: Response) -> bytes:
    body = response["body"]["string"]
    return body.encode() if isinstance(body, str) else body


def _first(value: object) -> str:
    if is_array(value):
        return str(value[0]) if value else ""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
