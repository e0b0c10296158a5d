"""What a cassette may keep. Decisions only: every function is pure, and doing it twice changes nothing more.

Values are replaced by placeholders of the same form, so that a scrubbed body still fits the schema of its operation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from astra._json import is_array, is_object
from astra.http.personal_data import Kind, field_words, match_field, replace_personal

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "access_token": "REDACTED-ACCESS-TOKEN",
    "refresh_token": "REDACTED-REFRESH-TOKEN",
    "token": "REDACTED-TOKEN",
    "id_token": "REDACTED-TOKEN",
    "session": "REDACTED-TOKEN",
    "session_id": "REDACTED-TOKEN",
    "session_token": "REDACTED-TOKEN",
    "secret": "REDACTED-SECRET",
    "api_key": "REDACTED-SECRET",
    "password": "REDACTED-SECRET",
    "processor_token": "REDACTED-PROCESSOR-TOKEN",
    "authorization_code": "REDACTED-CODE",
    "client_secret": "REDACTED-SECRET",
    "client_id": "REDACTED-CLIENT-ID",
    "ssn": "0000",
    "ssn_last_four": "0000",
    "ein": "00-0000000",
    "date_of_birth": "1900-01-01",
    "card_number": "0000000000000000",
    "pan": "0000000000000000",
    "card_security_code": "000",
    "cvv": "000",
    "cvc": "000",
    "pin": "0000",
    "expiration_date": "12/99",
    "first_six_digits": "000000",
    "last_four_digits": "0000",
    "account_number": "0000000000",
    "iban": "0000000000",
    "tax_id": "000000000",
    "dob": "1900-01-01",
    "birth_date": "1900-01-01",
    "mask": "0000",
    "owner": "REDACTED",
    "owner_name": "REDACTED",
    "official_name": "REDACTED",
    "legal_name": "REDACTED",
    "full_name": "REDACTED",
    "middle_name": "REDACTED",
    "cardholder_name": "REDACTED",
    "card_holder_name": "REDACTED",
    "first_name": "REDACTED",
    "last_name": "REDACTED",
    "preferred_first_name": "REDACTED",
    "preferred_last_name": "REDACTED",
    "preferred_pronouns": "REDACTED",
    "business_name": "REDACTED",
    "email": "redacted@example.com",
    "phone": "+10000000000",
    "phone_number": "+10000000000",
    "mobile": "+10000000000",
    "address": "REDACTED",
    "address1": "REDACTED",
    "address2": "REDACTED",
    "street": "REDACTED",
    "line1": "REDACTED",
    "line2": "REDACTED",
    "street_line_1": "REDACTED",
    "street_line_2": "REDACTED",
    "city": "REDACTED",
    "state": "XX",
    "postal_code": "00000",
    "zip_code": "00000",
    "ip_address": "192.0.2.1",
    "customer_id": "REDACTED-CUSTOMER-ID",
}
"""The fields that are always scrubbed, with what stands in their place. `accountNumber` and `primary_account_number`
are an `account_number`; of the short names only these spellings are meant: see `EXACT`."""

EXACT: Final = frozenset({"address", "line1", "line2", "mask", "mobile", "pan", "pin", "session", "state", "street"})
"""Fields that are no others with a word before them: an `ip_address` is no `address`."""

FORM_ONLY: Final[Mapping[str, str]] = {"code": "REDACTED-CODE"}
"""Fields of forms and queries. In a JSON body `code` is the number of an error."""

KEPT_HEADERS: Final = frozenset({"accept", "accept-encoding", "content-type", "request-id", "retry-after", "allow"})
"""All other headers are left out: a list of what is harmless cannot forget a secret."""

API_ORIGIN: Final = "https://api-sandbox.astra.finance"
SECURE_ORIGIN: Final = "https://secure.api-sandbox.astra.finance"
SECURE_CALLS: Final = frozenset({("POST", "/v1/cards"), ("POST", "/v1/accounts/create")})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_ID_WORDS: Final[Mapping[Kind, str]] = {"credential": "REDACTED", "email": PLACEHOLDERS["email"]}
_WORDS: Final[Mapping[Kind, str]] = {
    **_ID_WORDS,
    "card": PLACEHOLDERS["card_number"],
    "ssn": "000-00-0000",
    "phone": PLACEHOLDERS["phone"],
    "account": PLACEHOLDERS["account_number"],
    "number": "000000000",
}


def scrub_text(text: str) -> str:
    """Replaces what is recognizably personal or secret in running text: emails, credentials, card, account, phone and
    social security numbers, and any other number of nine digits or more.

    Args:
        text: a text that no field name describes, such as the description of an error.
    """
    return replace_personal(text, _WORDS)


def scrub_json(value: Any, placeholders: Mapping[str, str]) -> Any:
    """Returns a copy of decoded JSON in which the values of the named fields are placeholders.

    Null, booleans and empty strings stay: they say nothing about anybody, and their absence would change the form.

    Args:
        value: decoded JSON.
        placeholders: what to put in the place of each field.
    """
    if is_object(value):
        return {name: _field(name, item, placeholders) for name, item in value.items()}
    if is_array(value):
        return [scrub_json(item, placeholders) for item in value]
    return scrub_text(value) if isinstance(value, str) else value


def _field(name: str, value: Any, placeholders: Mapping[str, str]) -> Any:
    words = field_words(name)
    if words == "description":
        return _errors(value)
    found = _known(name, placeholders)
    if found is not None:
        return _replace(value, placeholders[found], placeholders)
    if isinstance(value, str) and (words in ("id", "routing_number") or words.endswith("_id")):
        # An id may be a number of any length, and has to be the same wherever it stands; banks publish theirs.
        return replace_personal(value, _ID_WORDS)
    return scrub_json(value, placeholders)


def _known(name: str, placeholders: Mapping[str, str]) -> str | None:
    """Returns the field of `placeholders` that a name means, or None."""
    if name in placeholders:
        return name
    found = match_field(name, placeholders)
    return None if found in EXACT and field_words(name) != found else found


def _replace(value: Any, placeholder: str, placeholders: Mapping[str, str]) -> Any:
    """Replaces all that stands under the name of a personal or secret field."""
    if value is None or isinstance(value, bool) or value == "":
        return value
    if isinstance(value, str):
        return placeholder
    if isinstance(value, (int, float)):
        digits = "".join(character for character in placeholder if character.isdigit())
        return int(digits or 0)
    if is_array(value):
        return [_replace(item, placeholder, placeholders) for item in value]
    if not is_object(value):
        return value
    return {
        name: _replace(item, placeholder if (found := _known(name, placeholders)) is None else placeholders[found],
                       placeholders)
        for name, item in value.items()
    }  # fmt: skip


def _errors(value: Any) -> Any:
    """A description keyed by field holds texts about the fields, not their values."""
    if is_object(value):
        return {name: _errors(item) for name, item in value.items()}
    if is_array(value):
        return [_errors(item) for item in value]
    return scrub_text(value) if isinstance(value, str) else value


def scrub_pairs(text: str, placeholders: Mapping[str, str]) -> str:
    """Scrubs a form body or a query string.

    Args:
        text: `name=value` pairs joined by "&".
        placeholders: what to put in the place of each field.
    """
    known = {**placeholders, **FORM_ONLY}
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(name, _field(name, value, known)) for name, value in pairs])


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
