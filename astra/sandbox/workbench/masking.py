"""What may be seen of requests, answers and events before somebody asks for all of it. Pure.

What the spec marks as secret or personal is replaced by its field's name, and in running text by its form. What is too
long for a page is cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeGuard
from urllib.parse import parse_qsl, urlencode

from astra._json import is_array, is_object
from astra.http.masking import is_hidden_name
from astra.http.personal_data import Kind, match_field, replace_personal
from astra.sandbox.engine.encoding import dumps, loads
from astra.sandbox.journal import SECRET_HEADERS

HIDDEN: Final = "***"
LONGEST: Final = 16_384
"""Characters of a body that a page shows."""

MORE: Final = frozenset({"code", "state", "city", "cookie", "mfa", "session"})
"""Names that an error leaves open, and those of requests alone."""

OPEN: Final = frozenset({"status_code"})
"""Names that end as hidden ones do, and hide nothing."""

NOTED: Final = frozenset(name.decode() for name in SECRET_HEADERS)
WORDS: Final[dict[Kind, str]] = dict.fromkeys(("credential", "email", "account", "card", "ssn", "phone"), HIDDEN)


@lru_cache(maxsize=4096)
def is_hidden(name: str) -> bool:
    """Whether the value of a field is hidden.

    Args:
        name: the field's name.
    """
    return name not in OPEN and (is_hidden_name(name) or match_field(name[-200:], MORE) is not None)


def masked(value: Any, *, name: str = "") -> Any:
    """Returns decoded JSON without what is hidden.

    Args:
        value: the value.
        name: of the field that it is in.
    """
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return value
    if name and is_hidden(name):
        return HIDDEN
    if is_object(value):
        return {masked_text(key): masked(item, name=key) for key, item in value.items()}
    if is_array(value):
        return [masked(item) for item in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns arguments of an action without what is hidden: their `code` is that of a return.

    Args:
        given: names and values.
    """
    return {name: value if name in MORE else masked(value, name=name) for name, value in given.items()}


def masked_text(text: str) -> str:
    """Returns running text without what has the form of something personal or secret.

    Args:
        text: the text.
    """
    return replace_personal(text, WORDS)


def masked_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns fields of a form, or headers, without what is hidden.

    Args:
        pairs: names and values.
    """
    return [(_broken(name), HIDDEN if value and is_hidden(name) else _broken(value)) for name, value in pairs]


def masked_headers(noted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns the headers of a request without what is hidden; of credentials the journal has left the scheme.

    Args:
        noted: names and values, as the journal has them.
    """
    pairs = list(noted)
    return [
        pair if pair[0] in NOTED and pair[1].endswith(HIDDEN) else shown
        for pair, shown in zip(pairs, masked_pairs(pairs), strict=True)
    ]


def cut(text: str, *, longest: int = LONGEST) -> str:
    """Returns a text that fits on a page, without characters that control terminals.

    Args:
        text: the text.
        longest: how many characters stay.
    """
    shown = "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text[:longest])
    return shown if len(text) <= longest else f"{shown}\n... {len(text) - longest:,} more characters"


def short(text: str, length: int = 12) -> str:
    """Returns the beginning of a text, for a list.

    Args:
        text: the text.
        length: how many characters stay.
    """
    shown = cut(text[:length], longest=length)
    return shown if len(text) <= length else f"{shown}\u2026"


def decoded(body: bytes, headers: Mapping[str, str]) -> Any:
    """Returns JSON as its values, a form as a list of names and values, and anything else as text.

    What JSON is, its first character tells: curl sends it as a form unless it is told otherwise.

    Args:
        body: as it was sent.
        headers: its headers, by lower-case name.
    """
    text = body[: 4 * LONGEST].decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return loads(body)
        except (ValueError, RecursionError):
            return text
    if "form-urlencoded" in headers.get("content-type", "").lower():
        try:
            return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        except ValueError:
            pass
    return text


def body_text(body: bytes, headers: Mapping[str, str], *, whole: bool = False) -> str:
    """Returns a body as text for a page.

    Args:
        body: as it was sent.
        headers: its headers, by lower-case name.
        whole: show what is hidden, too.
    """
    value = decoded(body, headers)
    if isinstance(value, str):
        return cut(value if whole else _broken(value))
    if is_pairs(value):
        return cut("\n".join(f"{name} = {text}" for name, text in (value if whole else masked_pairs(value))))
    return cut(_indented(value if whole else masked(value)))


def is_pairs(value: Any) -> TypeGuard[list[tuple[str, str]]]:
    """Whether a body is a form.

    Args:
        value: from `decoded`.
    """
    return is_array(value) and bool(value) and isinstance(value[0], tuple)


def query_text(query: str) -> str:
    """Returns a query string without what is hidden.

    Args:
        query: the query string.
    """
    if not query:
        return ""
    return cut(urlencode(masked_pairs(parse_qsl(query, keep_blank_values=True)), safe="*"), longest=500)


def _indented(value: Any) -> str:
    # `dumps` spells amounts as Astra does; json only sets them apart.
    return json.dumps(json.loads(dumps(value)), indent=2, ensure_ascii=False)


_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
_NAMES: Final = re.compile(r"""[\"']([^\"'\n]{1,64})[\"']|([A-Za-z][\w.-]{0,63})\s{0,9}[\"']?\s{0,9}[:=]""")


def _broken(text: str) -> str:
    """What is no JSON may be the beginning of some: whatever follows a name that is hidden is hidden, too."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if any(is_hidden(quoted or bare) for quoted, bare in _NAMES.findall(plain)):
        return f"{HIDDEN} (no whole JSON, and it names what is hidden)"
    return masked_text(text)
