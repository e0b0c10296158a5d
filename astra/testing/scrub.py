"""What a cassette may keep. Decisions only: every function is pure, and doing it twice changes nothing more.

Values are replaced by placeholders of the same form, so that a scrubbed body still fits the schema of its operation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from astra._json import is_array, is_object

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "access_token": "REDACTED-ACCESS-TOKEN",
    "refresh_token": "REDACTED-REFRESH-TOKEN",
    "token": "REDACTED-TOKEN",
    "session_token": "REDACTED-TOKEN",
    "processor_token": "REDACTED-PROCESSOR-TOKEN",
    "authorization_code": "REDACTED-CODE",
    "client_secret": "REDACTED-SECRET",
    "client_id": "REDACTED-CLIENT-ID",
    "ssn": "0000",
    "ssn_last_four": "0000",
    "ein": "00-0000000",
    "date_of_birth": "1900-01-01",
    "card_number": "0000000000000000",
    "card_security_code": "000",
    "expiration_date": "12/99",
    "first_six_digits": "000000",
    "last_four_digits": "0000",
    "account_number": "0000000000",
    "mask": "0000",
    "first_name": "REDACTED",
    "last_name": "REDACTED",
    "preferred_first_name": "REDACTED",
    "preferred_last_name": "REDACTED",
    "preferred_pronouns": "REDACTED",
    "business_name": "REDACTED",
    "email": "redacted@example.com",
    "phone": "+10000000000",
    "address1": "REDACTED",
    "address2": "REDACTED",
    "street_line_1": "REDACTED",
    "street_line_2": "REDACTED",
    "city": "REDACTED",
    "state": "XX",
    "postal_code": "00000",
    "zip_code": "00000",
    "ip_address": "192.0.2.1",
    "customer_id": "REDACTED-CUSTOMER-ID",
}
"""The fields that are always scrubbed, with what stands in their place."""

FORM_ONLY: Final[Mapping[str, str]] = {"code": "REDACTED-CODE", "phone_number": "+10000000000"}
"""Fields of forms and queries. In a JSON body `code` is the number of an error."""

KEPT_HEADERS: Final = frozenset({"accept", "accept-encoding", "content-type", "request-id", "retry-after", "allow"})
"""All other headers are left out: a list of what is harmless cannot forget a secret."""

API_ORIGIN: Final = "https://api-sandbox.astra.finance"
SECURE_ORIGIN: Final = "https://secure.api-sandbox.astra.finance"
SECURE_CALLS: Final = frozenset({("POST", "/v1/cards"), ("POST", "/v1/accounts/create")})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE: Final = re.compile(r"\+1\d{10}\b")
_SSN: Final = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_BEARER: Final = re.compile(r"\b(Bearer|Basic) +(?!token\b|auth)[A-Za-z0-9+/=._~-]{8,}")


def scrub_text(text: str) -> str:
    """Replaces what is recognizably personal or secret in running text: emails, phone and social security numbers.

    Args:
        text: a text that no field name describes, such as the description of an error.
    """
    text = _BEARER.sub(r"\1 REDACTED", text)
    text = _EMAIL.sub(PLACEHOLDERS["email"], text)
    text = _PHONE.sub(PLACEHOLDERS["phone"], text)
    return _SSN.sub("000-00-0000", text)


def scrub_json(value: Any, placeholders: Mapping[str, str]) -> Any:
    """Returns a copy of decoded JSON in which the values of the named fields are placeholders.

    Null, booleans and empty strings stay: they say nothing about anybody, and their absence would change the form.

    Args:
        value: decoded JSON.
        placeholders: what to put in the place of each field.
    """
    if is_object(value):
        return {
            name: scrub_text(item)
            if name == "description" and isinstance(item, str)
            else _field(name, item, placeholders)
            for name, item in value.items()
        }
    if is_array(value):
        return [scrub_json(item, placeholders) for item in value]
    return scrub_text(value) if isinstance(value, str) else value


def _field(name: str, value: Any, placeholders: Mapping[str, str]) -> Any:
    known = placeholders.get(name)
    if known is None or value is None or isinstance(value, bool) or value == "":
        return _errors(value, placeholders) if name == "description" else scrub_json(value, placeholders)
    if isinstance(value, str):
        return known
    if isinstance(value, (int, float)):
        digits = "".join(character for character in known if character.isdigit())
        return int(digits or 0)
    if is_array(value):
        return [known if isinstance(item, (str, int, float)) else scrub_json(item, placeholders) for item in value]
    return scrub_json(value, placeholders)


def _errors(value: Any, placeholders: Mapping[str, str]) -> Any:
    """A description keyed by field holds texts about the fields, not their values."""
    if is_object(value):
        return {name: _errors(item, placeholders) for name, item in value.items()}
    if is_array(value):
        return [_errors(item, placeholders) for item in value]
    return scrub_text(value) if isinstance(value, str) else value


def scrub_pairs(text: str, placeholders: Mapping[str, str]) -> str:
    """Scrubs a form body or a query string.

    Args:
        text: `name=value` pairs joined by "&".
        placeholders: what to put in the place of each field.
    """
    known = {**placeholders, **FORM_ONLY}
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(name, known[name] if name in known and value else scrub_text(value)) for name, value in pairs])


def scrub_uri(uri: str, *, method: str, placeholders: Mapping[str, str], normalize_host: bool) -> str:
    """Scrubs the query of an address, and gives a local Astra the name of the sandbox that it stands for.

    Args:
        uri: absolute address.
        method: HTTP method; with the path it tells calls of the secure host.
        placeholders: what to put in the place of each field.
        normalize_host: whether an address on this machine becomes that of Astra's sandbox.
    """
    parts = urlsplit(uri)
    query = scrub_pairs(parts.query, placeholders) if parts.query else ""
    origin = (parts.scheme, parts.netloc.rpartition("@")[2])
    if normalize_host and parts.hostname in LOOPBACK and parts.path.startswith("/v1/"):
        known = urlsplit(SECURE_ORIGIN if (method.upper(), parts.path) in SECURE_CALLS else API_ORIGIN)
        origin = (known.scheme, known.netloc)
    return urlunsplit((*origin, parts.path, query, ""))


def scrub_body(body: bytes, *, placeholders: Mapping[str, str], content_type: str = "") -> bytes:
    """Scrubs a body of any kind: JSON, whatever its declared type; a form; otherwise text.

    Args:
        body: the bytes, not compressed.
        placeholders: what to put in the place of each field.
        content_type: the declared media type.

    Returns:
        The scrubbed body.
    """
    if not body.strip():
        return body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return f"left_out={len(body)}-bytes-that-are-no-text".encode()
    try:
        value = json.loads(text)
    except ValueError:
        if "form-urlencoded" in content_type.lower():
            return scrub_pairs(text, placeholders).encode()
        return scrub_text(text).encode()
    return json.dumps(scrub_json(value, placeholders), ensure_ascii=False).encode()


def scrub_authorization(value: str) -> str:
    """Keeps the scheme of an Authorization header and nothing else."""
    scheme = value.strip().partition(" ")[0]
    return f"{scheme} REDACTED" if scheme in ("Basic", "Bearer") else "REDACTED"
