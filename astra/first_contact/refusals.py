"""Which fields a refusal names, and of which it says that there are none. Pure.

A name counts where a name of a field is put: under `field` or `loc`, as a key over a complaint, quoted in a sentence.
What was sent and comes back counts for nothing, nor do the keys that an error has whatever is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from astra._json import is_array, is_object

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
QUOTED: Final = re.compile(r"[`'\"]([A-Za-z][A-Za-z0-9_-]*)[`'\"]")
UNKNOWN: Final = re.compile(
    r"(?i)unknown|unexpected|unrecogni|additional ?propert|extra (?:field|input|key|propert|param)|no such"
    r"|not permitted"
)
"""What a refusal says of a field that it has never heard of, rather than of what stands in it."""

NAMING: Final = frozenset({
    "additionalproperty", "attribute", "field", "fieldname", "field_name", "instancepath", "loc", "location",
    "missingproperty", "param", "parameter", "path", "pointer", "property", "propertypath", "source",
    "unevaluatedproperty",
})  # fmt: skip
"""Keys under which a complaint says what it is about."""

LISTING: Final = frozenset({"fields", "invalid", "missing", "params", "required", "unknown"})
"""Keys under which there may be a list of names."""

COMMON: Final = frozenset({
    "code", "description", "detail", "details", "error", "errors", "instance", "keyword", "message", "messages", "msg",
    "name", "reason", "request_id", "schemapath", "status", "status_code", "title", "type", "url",
})  # fmt: skip
"""Keys of errors. Over a list of texts in a description they are names of fields all the same."""

ECHOES: Final = frozenset({"body", "ctx", "given", "got", "input", "received", "rejectedvalue", "value"})
DEEPEST: Final = 12
_BRACES: Final = re.compile(r"\{[^{}]*\}")


@attrs.frozen
class Complaints:
    """What a refusal names.

    Attributes:
        words: what may be names of fields.
        strange: those of which it says that it knows no such field.
    """

    words: frozenset[str]
    strange: frozenset[str]


def complaints_of(body: object, *, sent: object = None) -> Complaints:
    """Reads a refusal.

    Args:
        body: of the answer.
        sent: of the request; where it comes back it says nothing.
    """
    found = list(_in(body, sent, depth=0))
    strange = {name for name, is_strange in found if is_strange}
    return Complaints(frozenset(name for name, _ in found), frozenset(strange))


_Found = Iterator[tuple[str, bool]]


def _in(value: object, sent: object, *, depth: int, is_inner: bool = False, is_listed: bool = False) -> _Found:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield from _in_text(value)
    elif is_array(value):
        for item in value:
            yield from _in(item, sent, depth=depth + 1, is_inner=True, is_listed=True)
    elif is_object(value):
        rest = {key: item for key, item in value.items() if key.lower() not in ECHOES and not _is_echo(item, sent)}
        places = [item for key, item in rest.items() if _is_naming(key, rest, is_listed=is_listed)]
        named = [name for place in places for name in _last(place)]
        if named:
            yield from _in_complaint(rest, named)
            return
        for key, item in rest.items():
            if _is_about(key, item, is_inner=is_inner):
                yield key, bool(UNKNOWN.search(_said(item)))
                continue
            if key.lower() in LISTING and is_array(item):
                names = (name for name in item if isinstance(name, str) and _is_name(name))
                yield from ((name, key.lower() == "unknown") for name in names)
            yield from _in(item, sent, depth=depth + 1, is_inner=True)


def _is_naming(key: str, rest: Mapping[str, Any], *, is_listed: bool) -> bool:
    """`name` is that of a field in a list of complaints, each with its reason; elsewhere it is that of the error."""
    if key == "name":
        return is_listed and any(other in rest for other in ("reason", "message", "msg", "detail", "description"))
    return key.lower() in NAMING


def _is_about(key: str, item: object, *, is_inner: bool) -> bool:
    """Tells whether a key is the name of a field, and what stands under it the complaint."""
    texts = is_array(item) and bool(item) and all(isinstance(one, str) for one in item)
    if key.lower() in NAMING or (key.lower() in LISTING and texts and all(_is_name(str(one)) for one in _list(item))):
        return False
    if key.lower() in COMMON or key.lower() in LISTING:
        return is_inner and texts and key.lower() not in ("errors", "messages", "details")
    return texts or (is_inner and isinstance(item, str))


def _in_complaint(rest: Mapping[str, Any], named: Iterable[str]) -> _Found:
    """A complaint with a place: all that it names is unknown, when it says so."""
    is_strange = bool(UNKNOWN.search(_said(rest)))
    yield from ((name, is_strange) for name in named)
    for text in _texts(rest):
        yield from ((name, is_strange or other) for name, other in _in_text(text))


def _in_text(text: str) -> _Found:
    for part in re.split(r"[.;,\n]", _without_braces(text)):
        words = {word for word in NAME.findall(part) if "_" in word or re.search(r"[a-z][A-Z]", word)}
        is_strange = bool(UNKNOWN.search(part))
        yield from ((word, is_strange) for word in {*words, *QUOTED.findall(part)})


def _without_braces(text: str) -> str:
    """Returns a text without the JSON that it quotes, which is what was sent."""
    for _ in range(DEEPEST):
        shorter = _BRACES.sub(" ", text)
        if shorter == text:
            break
        text = shorter
    return text


def _last(place: object) -> list[str]:
    """Returns the field that a place leads to: `["body", "email"]`, `/email`, `$.user.email`."""
    if is_object(place):
        return [name for key, item in place.items() if key.lower() in NAMING for name in _last(item)]
    steps = [step for step in place if isinstance(step, str)] if is_array(place) else [place]
    if not steps or not isinstance(steps[-1], str):
        return []
    names = [step for step in re.split(r"[/.\[\]#$]", steps[-1]) if step and not step.isdigit()]
    return [name for name in names[-1:] if _is_name(name)]


def _list(value: object) -> list[Any]:
    return value if is_array(value) else []


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None


def _texts(value: object) -> list[str]:
    if is_object(value):
        return [text for key, item in value.items() if key.lower() not in NAMING for text in _texts(item)]
    if is_array(value):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) and " " in value else []


def _said(value: object) -> str:
    return json.dumps(value)


def _is_echo(value: object, sent: object) -> bool:
    """Tells whether something is what was sent, or holds a part of it under its own name."""
    if not (is_object(value) or is_array(value)) or not value:
        return False
    if value == sent or (is_object(sent) and any(value == one for one in sent.values())):
        return True
    if is_object(value):
        return is_object(sent) and any(name in sent and item == sent[name] for name, item in value.items())
    return any(_is_echo(item, sent) for item in value)
