"""What a cassette may keep. Decisions only: every function is pure, and doing it twice changes nothing more.

What is on no list of `kept` is replaced, so that nothing is kept because nobody thought of it. Placeholders have the
form of the values, so that a scrubbed body still fits the schema of its operation.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import attrs
from astra_api.answers import ENUMS

from astra._json import is_array, is_object
from astra.drift.names import harmless
from astra.http.personal_data import Kind, field_words, is_card_number, match_field, replace_personal
from astra.testing.kept import (
    COMPLAINTS,
    EXACT,
    FORM_ONLY,
    KEPT_FIELDS,
    KEPT_VALUES,
    LABELS,
    MASKED,
    PLACEHOLDERS,
    PLAIN_WORDS,
    VOCABULARY,
)

KEPT_HEADERS: Final = frozenset({"accept", "accept-encoding", "content-type", "request-id", "retry-after", "allow"})
"""All other headers are left out: a list of what is harmless cannot forget a secret."""

API_ORIGIN: Final = "https://api-sandbox.astra.finance"
SECURE_ORIGIN: Final = "https://secure.api-sandbox.astra.finance"
SECURE_CALLS: Final = frozenset({("POST", "/v1/cards"), ("POST", "/v1/accounts/create")})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

LEFT_OUT: Final = b"left_out=" + MASKED.encode()
"""Stands for a body that is neither JSON nor a form."""

LONGEST_MASK: Final = 4
_REFERENCE: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_TOKEN: Final = re.compile(r"[^\s\"'\u2019`<>(),;:!?\[\]{}|/\\]+(?:['\u2019][^\W\d_]+)*")
_MARKS: Final = ".*#&%$^~=+-_\u2026\u2013\u2014"
_SHORT_NUMBER: Final = re.compile(r"\d{1,4}(?:[.-]\d{1,2}){0,2}")
SHORTEST_SECRET: Final = 6
_ID_WORDS: Final[Mapping[Kind, str]] = {"credential": "REDACTED", "email": PLACEHOLDERS["email"]}
_WORDS: Final[Mapping[Kind, str]] = {
    **_ID_WORDS,
    "card": PLACEHOLDERS["card_number"],
    "ssn": "000-00-0000",
    "phone": PLACEHOLDERS["phone"],
    "account": PLACEHOLDERS["account_number"],
    "number": "000000000",
}
_REPLACED: Final = frozenset({MASKED, *_WORDS.values(), *PLACEHOLDERS.values(), *FORM_ONLY.values()})
_VALUES: Final = frozenset(value for _, values in ENUMS.items() for value in values)


@attrs.frozen
class Rules:
    """What may stay.

    Attributes:
        placeholders: what to put in the place of fields that are never kept, by name.
        kept: the fields whose values may stay, by name.
        known: what was sent under a personal name in the same exchange; it is replaced wherever it stands in a text.
        secrets: what the request was authorized with; it is replaced wherever it stands in a body.
    """

    placeholders: Mapping[str, str] = PLACEHOLDERS
    kept: frozenset[str] = KEPT_FIELDS
    known: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


DEFAULT: Final = Rules()


def scrub_text(text: str, rules: Rules = DEFAULT) -> str:
    """Replaces what may be personal or secret in running text: emails, credentials, card, account, phone and social
    security numbers, what is known, and all that is neither a word of a list, nor a field or a value of the spec, nor
    a number of at most four digits.

    Args:
        text: a text that no field name describes, such as the description of an error.
        rules: what may stay.
    """
    text = replace_personal(text, _WORDS)
    if rules.known:
        known = "|".join(re.escape(word) for word in sorted(rules.known, key=len, reverse=True))
        text = re.sub(known, MASKED, text, flags=re.IGNORECASE)
    return _TOKEN.sub(lambda found: _token(found[0]), text)


def _token(token: str) -> str:
    """Returns a piece of a text between blanks and brackets, or what stands for it."""
    if token in _REPLACED:
        return token
    start = len(token) - len(token.lstrip(_MARKS))
    core = token.strip(_MARKS)
    if not core or core in _REPLACED or core in _VALUES or _SHORT_NUMBER.fullmatch(core):
        return token
    fields = field_words(core)
    if fields in KEPT_FIELDS or fields in LABELS or fields in COMPLAINTS or fields in PLACEHOLDERS:
        return token
    known = all(_is_plain(word) for word in re.split("[-_]", core) if word)
    return token if known else f"{token[:start]}{MASKED}{token[start + len(core) :]}"


def _is_plain(word: str) -> bool:
    """Whether a word says nothing about anybody. One that begins with a capital may be a name more often."""
    folded = word.casefold().replace("\u2019", "'").removesuffix("'s").replace("n't", "")
    if folded in VOCABULARY or (word.islower() and folded in PLAIN_WORDS):
        return True
    return len(word) < 3 and word.isalpha()


def _is_no_name(word: str) -> bool:
    return word[0].islower() or len(word) < 3 or word.casefold().removesuffix("'s") in VOCABULARY


def scrub_json(value: Any, rules: Rules = DEFAULT) -> Any:
    """Returns a copy of decoded JSON in which what may not stay is replaced.

    Null, booleans and empty strings stay: they say nothing about anybody, and their absence would change the form.

    Args:
        value: decoded JSON.
        rules: what may stay.
    """
    if is_object(value):
        return {_name(name, rules): _field(name, item, rules) for name, item in value.items()}
    if is_array(value):
        return [scrub_json(item, rules) for item in value]
    return scrub_text(value, rules) if isinstance(value, str) else value


def _name(name: str, rules: Rules) -> str:
    """Returns the name of a field; somebody's own data may stand there, too."""
    words = field_words(name)
    if words in rules.kept or words in LABELS or words in rules.placeholders or name == "":
        return name
    replaced = replace_personal(name, _WORDS)
    if replaced != name:
        return scrub_text(replaced, rules)
    known = any(word.casefold() in name.casefold() for word in rules.known)
    plain = not known and harmless(name) == name and all(map(_is_no_name, _WORD.findall(name)))
    return name if plain else MASKED


def _field(name: str, value: Any, rules: Rules) -> Any:
    words = field_words(name)
    if words in COMPLAINTS:
        return _errors(value, rules)
    found = _known(name, rules.placeholders)
    if found is not None and words not in rules.kept:
        return _replace(value, rules.placeholders[found], rules.placeholders)
    if value is None or isinstance(value, bool) or value == "":
        return value
    if words == "metadata" and "metadata" not in rules.kept:
        return _replace(value, MASKED, rules.placeholders)
    if is_object(value):
        return scrub_json(value, rules)
    if is_array(value):
        return [_field(name, item, rules) for item in value]
    if words in rules.kept:
        return _kept(words, value)
    if isinstance(value, str):
        return value if value in KEPT_VALUES else MASKED
    return 0


def _kept(words: str, value: Any) -> Any:
    if not isinstance(value, str):
        return 0 if isinstance(value, int) and is_card_number(str(value)) else value
    if words == "mask" and len(value) > LONGEST_MASK:
        return "0" * LONGEST_MASK
    if words == "client_correlation_id" and not _REFERENCE.fullmatch(value):
        return MASKED
    if words in ("id", "routing_number") or words.endswith("_id"):
        # An id may be a number of any length, and has to be the same wherever it stands; banks publish theirs.
        return replace_personal(value, _ID_WORDS)
    return replace_personal(value, _WORDS)


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


def _errors(value: Any, rules: Rules) -> Any:
    """A description keyed by field holds texts about the fields, not their values."""
    if is_object(value):
        return {_name(name, rules): _errors(item, rules) for name, item in value.items()}
    if is_array(value):
        return [_errors(item, rules) for item in value]
    if isinstance(value, str):
        return scrub_text(value, rules)
    return 0 if isinstance(value, int) and is_card_number(str(value)) else value


def scrub_pairs(text: str, rules: Rules = DEFAULT) -> str:
    """Scrubs a form body or a query string.

    Args:
        text: `name=value` pairs joined by "&".
        rules: what may stay.
    """
    known = attrs.evolve(rules, placeholders={**rules.placeholders, **FORM_ONLY}, kept=rules.kept - FORM_ONLY.keys())
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(_name(name, known), _field(name, value, known)) for name, value in pairs])


def sent_values(body: bytes, rules: Rules = DEFAULT) -> dict[str, set[str]]:
    """Returns what a request says in fields that do not stay, by the name of the field: `{"first_name": {"Jane"}}`.

    Args:
        body: the body of the request, JSON or a form.
        rules: what may stay.
    """
    found: dict[str, set[str]] = {}
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        value = [{name: item} for name, item in parse_qsl(body.decode("utf-8", "replace"))]
    rest = [value]
    while rest:
        value = rest.pop()
        for name, item in value.items() if is_object(value) else ():
            if isinstance(item, str) and _field(name, item, rules) != item:
                found.setdefault(field_words(name), set()).add(item)
        rest += list(value.values()) if is_object(value) else value if is_array(value) else []
    return found


def give_back(body: bytes, sent: Mapping[str, set[str]], rules: Rules = DEFAULT) -> bytes:
    """Puts what was sent in the place of its placeholders in an answer that gives it back under the same name, as the
    server did. A field of which several values were sent stays as it is.

    Args:
        body: the scrubbed answer.
        sent: from `sent_values`.
        rules: what may stay.
    """
    values = {name: next(iter(found)) for name, found in sent.items() if len(found) == 1}
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not values:
        return body

    def filled(value: Any) -> Any:
        if is_object(value):
            return {name: given(name, item) for name, item in value.items()}
        return [filled(item) for item in value] if is_array(value) else value

    def given(name: str, item: Any) -> Any:
        mine = values.get(field_words(name))
        return (
            mine if isinstance(item, str) and mine is not None and _field(name, mine, rules) == item else filled(item)
        )

    return json.dumps(filled(answer), ensure_ascii=False).encode()


def scrub_uri(uri: str, *, method: str, rules: Rules = DEFAULT, normalize_host: bool = True) -> str:
    """Scrubs the query of an address, and gives a local Astra the name of the sandbox that it stands for.

    Args:
        uri: absolute address.
        method: HTTP method; with the path it tells calls of the secure host.
        rules: what may stay.
        normalize_host: whether an address on this machine becomes that of Astra's sandbox.
    """
    parts = urlsplit(uri)
    query = scrub_pairs(parts.query, rules) if parts.query else ""
    origin = (parts.scheme, parts.netloc.rpartition("@")[2])
    if normalize_host and parts.hostname in LOOPBACK and parts.path.startswith("/v1/"):
        known = urlsplit(SECURE_ORIGIN if (method.upper(), parts.path) in SECURE_CALLS else API_ORIGIN)
        origin = (known.scheme, known.netloc)
    return urlunsplit((*origin, replace_personal(parts.path, _ID_WORDS), query, ""))


def scrub_body(body: bytes, rules: Rules = DEFAULT, *, content_type: str = "") -> bytes:
    """Scrubs a body of any kind: JSON, whatever its declared type, or a form. Anything else, such as a gateway's page
    or half a document, is left out: no name tells what stands in it.

    Args:
        body: the bytes, not compressed.
        rules: what may stay.
        content_type: the declared media type.

    Returns:
        The scrubbed body.
    """
    if not body.strip():
        return body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return LEFT_OUT  # it is no text
    for secret in sorted(rules.secrets, key=len, reverse=True):
        text = text.replace(secret, MASKED)
    try:
        return json.dumps(scrub_json(json.loads(text), rules), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        if "form-urlencoded" in content_type.lower() or _looks_like_a_form(text):
            return scrub_pairs(text, rules).encode()
        return LEFT_OUT


def _looks_like_a_form(text: str) -> bool:
    return not re.search(r"\s", text) and all("=" in pair for pair in text.split("&"))


def secrets_of(authorization: str) -> frozenset[str]:
    """Returns what an Authorization header holds that must not stand anywhere else: a token, or a client's secret."""
    scheme, _, value = authorization.strip().partition(" ")
    found = {value.strip()}
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            found.add(base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2])
    return frozenset(secret for secret in found if len(secret) >= SHORTEST_SECRET and secret != MASKED)


def scrub_authorization(value: str) -> str:
    """Keeps the scheme of an Authorization header and nothing else."""
    scheme = value.strip().partition(" ")[0]
    return f"{scheme} REDACTED" if scheme in ("Basic", "Bearer") else "REDACTED"
