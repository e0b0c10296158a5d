"""What may be shown of an error body: a refusal can echo what was sent. Decisions only, and nothing here may fail.

Three things are hidden: values under the names that the spec marks as secret or personal, in any spelling; values that
this very call sent under such a name, wherever they stand; and what looks like a card number, a social security number
or a credential in running text. Ids, codes and the words of a complaint stay: support needs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from astra_api.facts import PERSONAL_FIELDS, SECRET_FIELDS

from astra._json import is_array, is_object
from astra.http.personal_data import is_card_number

HIDDEN: Final = "[hidden]"

_OPEN, _PERSONAL, _SECRET = range(3)
_DEEPEST: Final = 32
_MOST_SENT: Final = 64
_LONGEST_NAME: Final = 64

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _words(name: str) -> list[str]:
    """Returns the words of a name in snake, camel, kebab, upper or dotted spelling: `address` of `address1`."""
    return [word.lower() for word in _WORD.findall(name[-_LONGEST_NAME:])]


# `code` is left out: in an error it is the number of the error. Gateways know more names than the spec: those of the
# redirect, of RFC 6749 and of card processors. `state` and `city` say too little of a person, and mean other things in
# an error.
_KINDS: Final = {
    **{"".join(_words(name)): _PERSONAL for name in PERSONAL_FIELDS - {"state", "city"}},
    **{"".join(_words(name)): _SECRET for name in SECRET_FIELDS - {"code"}},
    **dict.fromkeys(
        ("authorization", "authorizationcode", "secret", "password", "securitycode", "apikey", "pin"), _SECRET
    ),
    **dict.fromkeys(("phonenumber", "lastfour", "lastfourdigits", "dob", "birthdate", "birthday"), _PERSONAL),
}
# These are secret wherever they stand in a name, as in ssn_last_four.
_SECRET_WORDS: Final = frozenset({"ssn", "ein", "pan", "cvv", "cvc"})
# What stands under a name that ends so is what support asks for.
_KEPT: Final = frozenset({"code", "status", "id", "ids"})
# Below these, what is wrong with a field stands under its name.
_COMPLAINTS: Final = frozenset({"description", "error_description", "message", "detail", "details", "errors"})

_CARD: Final = re.compile(r"(?<![\w-])[2-6](?:[ -]?[0-9]){12,18}(?![\w-])")
_SOCIAL: Final = re.compile(r"(?<![\w-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])")
_CREDENTIAL: Final = re.compile(r"\b(bearer|basic) +[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE)
# A name and its value in a form, or in JSON that is cut off: account_number=1, "ssn": ["1"].
_NAMED: Final = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]{1,63})([\"']?\s?[:=]\s?\[?[\"']?)([^\s\"'&,;<>{}()\[\]]+)")
_BLANKS: Final = re.compile(r"(\s+)")
_LONGEST_COMPLAINT: Final = 2_000
_LONGEST_WORD: Final = 24


def is_hidden_name(name: str) -> bool:
    """Tells whether a name stands for something secret or personal, however it is written.

    Args:
        name: of a field or a header.
    """
    return _kind(_words(name)) != _OPEN


class Mask:
    """Hides secrets in what came back for one request.

    Args:
        sent: the encoded body of the request, JSON or a form; None for one without a body.
    """

    def __init__(self, sent: bytes | None = None) -> None:
        values = sorted(set(_sent_secrets(sent)), key=len, reverse=True)[:_MOST_SENT]
        self._sent = re.compile("|".join(map(_pattern, values)), re.IGNORECASE) if values else None

    def text(self, text: str) -> str:
        """Returns running text without what looks secret."""
        # Whole numbers first: what was sent may be a part of one.
        text = _SOCIAL.sub(HIDDEN, _CARD.sub(_unless_other_number, text))
        if self._sent is not None:
            text = self._sent.sub(HIDDEN, text)
        text = _NAMED.sub(_without_value, text)
        return _CREDENTIAL.sub(rf"\1 {HIDDEN}", text)

    def json(self, value: Any) -> Any:
        """Returns a copy of decoded JSON without what is secret."""
        return self._masked(value, [], _OPEN, complains=False, room=_DEEPEST)

    def _masked(self, value: Any, words: list[str], kind: int, *, complains: bool, room: int) -> Any:
        """Masks what stands under a name, of which the words are given."""
        if is_array(value) and room:
            return [self._masked(item, words, kind, complains=complains, room=room - 1) for item in value]
        if is_object(value) and room:
            found: dict[str, Any] = {}
            for name, item in value.items():
                own = _words(name)
                found[self.text(name)] = self._masked(
                    item,
                    own,
                    max(kind, _kind(own), _kind(words[-1:] + own)),
                    complains=complains or name in _COMPLAINTS,
                    room=room - 1,
                )
            return found
        if value is None or isinstance(value, bool):
            return value
        if not isinstance(value, (str, int, float)):
            return HIDDEN
        if kind == _OPEN:
            return value if words[-1:] and words[-1] in _KEPT else self._plain(value)
        if isinstance(value, str) and (complains or (kind == _SECRET and _is_sentence(value))):
            return self._complaint(value)
        return HIDDEN

    def _complaint(self, text: str) -> str:
        """Returns what is said about a field, without the value that it may quote."""
        if len(text) > _LONGEST_COMPLAINT:
            return HIDDEN
        parts = _BLANKS.split(self.text(text))
        return "".join(HIDDEN if _is_telling(part) else part for part in parts)

    def _plain(self, value: str | float) -> str | float:
        if isinstance(value, str):
            return self.text(value)
        text = str(value)
        return value if self.text(text) == text else HIDDEN


def _is_sentence(text: str) -> bool:
    """Tells words from a value: no secret has two words of letters."""
    return sum(part.strip(".,:;!'\"").isalpha() for part in text[:_LONGEST_COMPLAINT].split()) > 1


def _is_telling(part: str) -> bool:
    return not part.isspace() and (
        len(part) >= _LONGEST_WORD or "@" in part or sum(letter.isdigit() for letter in part) > 2
    )


def _kind(words: list[str]) -> int:
    """Tells what a name stands for; the words before the last ones say whose it is, as in customerCardNumber."""
    if not _SECRET_WORDS.isdisjoint(words):
        return _SECRET
    return max((_KINDS.get("".join(words[start:]), _OPEN) for start in range(len(words))), default=_OPEN)


def _without_value(found: re.Match[str]) -> str:
    name, mark, value = found.groups()
    if value == "hidden" or _kind(_words(name)) == _OPEN:
        return found[0]
    # A word such as "required" is what is said about the field.
    return found[0] if value.isalpha() and mark[-1:] == " " else f"{name}{mark}{HIDDEN}"


def _unless_other_number(found: re.Match[str]) -> str:
    return HIDDEN if is_card_number(found[0]) else found[0]


def _sent_secrets(content: bytes | None) -> Iterator[str]:
    """Yields the secret and personal values of a request body that are distinctive enough to be found again."""
    if not content:
        return
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        yield from _form_secrets(content.decode("latin-1"))
        return
    waiting: list[tuple[Any, int]] = [(body, _OPEN)]
    while waiting:
        value, kind = waiting.pop()
        if is_object(value):
            waiting += [(item, max(kind, _kind(_words(name)))) for name, item in value.items()]
        elif is_array(value):
            waiting += [(item, kind) for item in value]
        elif isinstance(value, str) and _is_distinctive(value.strip(), kind):
            yield value.strip()


def _form_secrets(form: str) -> Iterator[str]:
    """Yields those of a form, with which tokens are asked for: there, `code` is an authorization code."""
    for field in form.split("&")[:_MOST_SENT]:
        name, _, value = field.partition("=")
        if name == "code" or _kind(_words(name)) == _SECRET:
            plain = re.sub("%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), value.replace("+", " "))
            if _is_distinctive(plain, _SECRET):
                yield plain


def _is_distinctive(value: str, kind: int) -> bool:
    """Tells whether hiding a value wherever it stands takes nothing else along: a name such as May would."""
    if kind == _PERSONAL:
        return len(value) > 4 and not value.isalpha()
    return kind == _SECRET and len(value) > 2


def _pattern(value: str) -> str:
    """Returns what finds a value again, digits also with other separators and without the zeros before them."""
    digits = re.sub(r"[ -]", "", value)
    if digits.isascii() and digits.isdecimal():
        spaced = "[ -]?".join(digits.lstrip("0") or digits)
        return rf"(?<![0-9])(?:0[ -]?){{0,10}}{spaced}(?![0-9])"
    return rf"(?<!\w){re.escape(value)}(?!\w)"
