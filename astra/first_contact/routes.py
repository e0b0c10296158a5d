"""What an answer says of whether a server has a path. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from astra._json import is_array, is_object
from astra._spec import Spec
from astra.conformance.wire import Exchange
from astra.first_contact.judge import body_of
from astra.first_contact.pairing import look

NOWHERE: Final = "/v1/first-contact-nowhere"
"""A path that no server has. Unless it is answered 404, a status says nothing of any other path."""

NOT_THERE: Final = (404, 405)
REFUSALS: Final = (400, 409, 422)
"""How a server that has the path refuses what was sent. 401 and 403 come from before it."""

DEEPEST: Final = 64
MOST_KEYS: Final = 300
"""What no answer of an API has. Pairing names takes time that grows with their number."""
MOST_ITEMS: Final = 1_000
"""What is looked at of a list. The report is written anew after every step, from all answers."""


def is_there(spec: Spec, operation: str, found: Exchange) -> bool:
    """Tells whether an answer comes from what the spec has in mind: one that pairs with its fields, or a refusal in
    JSON. A web page, an error of a proxy and one that everybody gets show nothing."""
    body, _ = read(found.content)
    if 200 <= found.status < 300:
        return pairs(spec, operation, body) or (spec.answer(operation) is None and not found.content)
    return found.status in REFUSALS and body is not None


def pairs(spec: Spec, operation: str, body: object) -> bool:
    """Tells whether a body has a field of the operation's answer, under whatever name."""
    schema = spec.answer(operation)
    if schema is None or body is None:
        return False
    sights = look(spec, schema, [body], place=operation, facts={})
    return any(one.outcome in ("there", "called") for one in sights)


def read(content: bytes) -> tuple[object, bytes]:
    """Decodes a body, and returns it with its bytes; nothing of one that is nested so deep, or has so many keys in an
    object, that it is no answer. Of a long list its first items are enough."""
    body = body_of(content)
    if not is_bounded(body):
        return None, b""
    short = _shortened(body)
    return short, content if short == body else json.dumps(short).encode()


def _shortened(value: object) -> object:
    if is_array(value):
        return [_shortened(one) for one in value[:MOST_ITEMS]]
    return {name: _shortened(one) for name, one in value.items()} if is_object(value) else value


def is_bounded(value: object) -> bool:
    """Tells whether a JSON value is as deep and as wide as an answer can be."""
    level = [value]
    for _ in range(DEEPEST):
        objects: list[dict[str, Any]] = [one for one in level if is_object(one)]
        if any(len(one) > MOST_KEYS for one in objects):
            return False
        level = [inner for one in objects for inner in one.values()] + [
            inner for one in level if is_array(one) for inner in one
        ]
        if not level:
            return True
    return False


def spellings(path: str) -> list[str]:
    """Returns other spellings of a path: hyphens for underscores, in its last word and everywhere."""
    steps = path.split("/")
    plain = [number for number, step in enumerate(steps) if not step.startswith("{") and "_" in step]
    found = [
        "/".join(step.replace("_", "-") if number in chosen else step for number, step in enumerate(steps))
        for chosen in (plain[-1:], plain)
    ]
    return [one for one in dict.fromkeys(found) if one != path]


def is_guessed(path: str, operation: str) -> bool:
    """Whether the spelling of a path is a guess."""
    from astra_api.guesses import GUESSES

    return any(guess.kind == "path" and guess.name == path and operation in guess.operations for guess in GUESSES)
