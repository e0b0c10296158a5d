"""Finds what is secret or personal: in running text by its form, in data by the names of its fields. Pure.

What is put in the place of a finding is the caller's to say: an error hides it, a cassette keeps its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

Kind = Literal["credential", "email", "account", "card", "ssn", "phone", "number"]

_START: Final = r"(?<![0-9A-Za-z])"
_END: Final = r"(?![0-9A-Za-z])"
_SSN: Final = re.compile(rf"{_START}\d{{3}}([- ])\d{{2}}\1\d{{4}}{_END}")
_DOMAIN: Final = re.compile(r"@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LOCAL: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-")
_CREDENTIAL: Final = re.compile(
    r"\b(Bearer|Basic) +(?!token\b|auth)[A-Za-z0-9+/=._~-]{8,}"
    r"|\b((?i:bearer|basic)) +(?=[a-z]{0,99}[^\sa-z])[A-Za-z0-9+/=._~-]{8,}"
)
_DIGITS: Final = re.compile(rf"{_START}\d(?:[ -]?\d){{12,}}{_END}")
_PHONE: Final = re.compile(
    rf"{_START}(?:\+?1[ .-]?)?(?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}{_END}"
    rf"|{_START}\+\d{{8,15}}{_END}"
)
_ACCOUNT: Final = re.compile(
    r"(?i)\b((?:account|acct|a/c|iban|card|routing|ssn|social security)(?:[ _]?(?:number|num|no))?"
    r"(?: (?:is|was|ending in|ends in))?[ .:#=*'\"]{0,4})(?!0+\b)\d(?:[ -]?\d){3,19}" + _END
)
_NUMBER: Final = re.compile(rf"{_START}(?<![.+-])\d{{9,}}(?![.-]\d){_END}")
_SHORTEST_CARD, _LONGEST_CARD = 13, 19
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")


def replace_personal(text: str, words: Mapping[Kind, str]) -> str:
    """Replaces what is recognizably personal or secret in running text.

    Args:
        text: a text that no field name describes, such as the description of an error.
        words: what to put in the place of each kind; a kind that is not in it is left alone. "credential" is a bearer
            token or Basic credentials, whose scheme stays; "account" is digits after a word such as "account", which
            stays; "card" is 13 to 19 digits, spaces and hyphens among them, with a right check digit; "number" is nine
            digits or more of any kind.
    """
    if "credential" in words:
        text = _CREDENTIAL.sub(lambda found: f"{found[1] or found[2]} {words['credential']}", text)
    if not any(character.isdigit() or character == "@" for character in text):
        return text
    if "email" in words:
        text = _without_emails(text, words["email"])
    if "card" in words:
        text = _DIGITS.sub(lambda found: _without_cards(found[0], words["card"]), text)
    if "ssn" in words:
        text = _SSN.sub(lambda _: words["ssn"], text)
    if "phone" in words:
        text = _PHONE.sub(lambda _: words["phone"], text)
    if "account" in words:
        text = _ACCOUNT.sub(lambda found: found[1] + words["account"], text)
    if "number" in words:
        text = _NUMBER.sub(lambda _: words["number"], text)
    return text


def _without_emails(text: str, word: str) -> str:
    """Replaces addresses, looking back from each "@": looking for what may begin one takes quadratic time."""
    parts: list[str] = []
    end = 0
    for found in _DOMAIN.finditer(text):
        start = found.start()
        while start > end and text[start - 1] in _LOCAL:
            start -= 1
        if start < found.start():
            parts += (text[end:start], word)
            end = found.end()
    return "".join((*parts, text[end:]))


def _without_cards(row: str, word: str) -> str:
    """Replaces card numbers in a row of groups of digits: another number may stand right before or behind one."""
    groups = re.split("([ -])", row)
    digits = "".join(groups[::2])
    # Sums of the digits up to each place, of which every other one is doubled: at even places, and at odd ones.
    sums: tuple[list[int], list[int]] = ([0], [0])
    for place, character in enumerate(digits):
        digit = int(character)
        double = digit * 2 - 9 if digit > 4 else digit * 2
        sums[0].append(sums[0][-1] + (digit if place % 2 else double))
        sums[1].append(sums[1][-1] + (double if place % 2 else digit))
    parts: list[str] = []
    index = start = 0
    while index < len(groups):
        end, last, found, after = start, index, 0, start
        while last < len(groups) and end + len(groups[last]) - start <= _LONGEST_CARD:
            end += len(groups[last])
            last += 2
            # The last digit is not doubled.
            doubled = sums[end % 2]
            if end - start >= _SHORTEST_CARD and (doubled[end] - doubled[start]) % 10 == 0:
                found, after = last, end
        if found:
            parts.append(word)
            index, start = found, after
        else:
            parts.append(groups[index])
            start += len(groups[index])
            index += 2
        parts += groups[index - 1 : index]
    return "".join(parts)


def is_card_number(text: str) -> bool:
    """Tells whether digits, with spaces and hyphens among them, have the length and the check digit of a card number.

    Args:
        text: the digits.
    """
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def field_words(name: str) -> str:
    """Returns the name of a field as lower-case words with underscores: `accountNumber`, `ACCOUNT-NUMBER` and
    `account_number` are one.

    Args:
        name: the name as it is written.
    """
    return _WORD.sub("_", name).strip("_").lower()


def match_field(name: str, known: Iterable[str]) -> str | None:
    """Returns which of the known names a field has, however it is written and whatever stands before it:
    `primaryAccountNumber` is an `account_number`. The longest one wins.

    Args:
        name: the name as it is written.
        known: names in lower case with underscores.
    """
    written = field_words(name)
    found = [one for one in known if written == one or written.endswith(f"_{one}")]
    return max(found, key=len, default=None)
