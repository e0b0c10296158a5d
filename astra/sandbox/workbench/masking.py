"""What may be seen of requests, answers and events before somebody asks for all of it. Pure.

What the spec marks as secret or personal is replaced by its field's name, and in running text by its form. What is too
long for a page is cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from astra_api.facts import PERSONAL_FIELDS, SECRET_FIELDS

from astra._json import is_array, is_object
from astra.http.personal_data import Kind, match_field, replace_personal
from astra.sandbox.engine.encoding import dumps, loads

HIDDEN: Final = "***"
LONGEST: Final = 16_384
"""Characters of a body that a page shows."""

MORE_SECRETS: Final = frozenset({"secret", "password", "authorization", "cookie", "mfa", "public_token", "session"})
NEVER_SHOWN: Final = frozenset({*SECRET_FIELDS, *PERSONAL_FIELDS, *MORE_SECRETS})
WORDS: Final[dict[Kind, str]] = dict.fromkeys(("credential", "email", "account", "card", "ssn", "phone"), HIDDEN)


@lru_cache(maxsize=4096)
def is_hidden(name: str) -> bool:
    """Whether the value of a field is hidden.

    Args:
        name: the field's name.
    """
    return match_field(name[:200], NEVER_SHOWN) is not None


def masked(value: Any, *, name: str = "") -> Any:
    """Returns decoded JSON without what is hidden.

    Args:
        value: the value.
        name: of the field that it is in.
    """
    if is_object(value):
        return {masked_text(key): masked(item, name=key) for key, item in value.items()}
    if is_array(value):
        return [masked(item, name=name) for item in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if name and is_hidden(name):
        return HIDDEN
    return masked_text(value) if isinstance(value, str) else value


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
    return [(name, _masked_field(name, value)) for name, value in pairs]


def _masked_field(name: str, value: str) -> str:
    if value.endswith(HIDDEN):
        return value  # hidden already, as the journal does it
    return HIDDEN if value and is_hidden(name) else masked_text(value)


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


def body_text(body: bytes, headers: Mapping[str, str], *, whole: bool = False) -> str:
    """Returns a body as text for a page.

    Args:
        body: as it was sent.
        headers: its headers, by lower-case name.
        whole: show what is hidden, too.
    """
    kind = headers.get("content-type", "").lower()
    if "form-urlencoded" in kind:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return cut("\n".join(f"{name} = {value}" for name, value in (pairs if whole else masked_pairs(pairs))))
    try:
        value = loads(body) if body else None
        if body and (is_object(value) or is_array(value)):
            return cut(_indented(value if whole else masked(value)))
    except (ValueError, RecursionError):
        pass
    text = body[: 4 * LONGEST].decode("utf-8", "replace")
    return cut(text if whole else _broken(text))


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


def _broken(text: str) -> str:
    """What is no JSON may be the beginning of some: whatever follows a name that is hidden is hidden, too."""
    shown = masked_text(text)
    if any(f'"{name}"' in shown for name in NEVER_SHOWN):
        return f"{HIDDEN} (no whole JSON, and it names what is hidden)"
    return shown
