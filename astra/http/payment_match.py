"""Is this JSON the payment that was sent? Decisions only, for answers and for lists that a lost payment may be in.

A wrong yes hands out another payment, a wrong no makes somebody pay twice. So fields are of two kinds. Where a
*deciding* one differs, it is another payment. A difference in any other one proves nothing about an answer to the very
request, because Astra may have changed the value for reasons of its own; but a routine out of a list that differs so
must not be taken for the payment either.

What an object does not give, or gives as null, decides nothing: no endpoint gives back all that it was sent.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import attrs

from astra._json import is_array, is_object
from astra._public import public

# A day begins 14 hours before that of UTC in the east, and ends 12 hours after it in the west.
_EARLIEST: Final = timedelta(hours=-14)
_LATEST: Final = timedelta(hours=36)


@public("astra")
@attrs.frozen
class PaymentCandidate:
    """What may be a payment whose answer was lost, without being proof of it.

    Attributes:
        routine_id: Astra's id of the routine, or None when a transfer does not name it.
        transfer_id: Astra's id of the transfer, when it was found in one.
        created: when it was made, by Astra's clock, or None when it does not say.
        reason: why it is not certain, one line.

    Example:
        for candidate in error.candidates:
            print(candidate.routine_id, candidate.reason)
    """

    routine_id: str | None
    transfer_id: str | None
    created: datetime | None
    reason: str


@attrs.frozen
class Comparison:
    """An object, compared with what was sent. Each field is named as in the request.

    Attributes:
        same: fields that agree.
        other: deciding fields that differ; if there is one, the object is another payment.
        changed: other fields that differ.
    """

    same: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def differing(self) -> tuple[str, ...]:
        """All fields that differ, the deciding ones first."""
        return self.other + self.changed


def facts_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Returns all that a request's body says, as text.

    Args:
        body: the body before it is encoded. The fields of a nested object are named with a dot: "source.id".
    """
    return dict(_flat(body, ""))


def compare(body: Mapping[str, Any], sent: Mapping[str, str]) -> Comparison:
    """Compares an object with what was sent.

    Args:
        body: a routine or a transfer as JSON.
        sent: from `facts_of`.
    """
    same: list[str] = []
    other: list[str] = []
    changed: list[str] = []
    for name, value in sent.items():
        given = _given(body, name)
        if given is None:
            continue
        agrees, decides = _RULES.get(name, _ANY_OTHER)
        if agrees(given, value):
            same.append(name)
        else:
            (other if decides else changed).append(name)
    return Comparison(tuple(same), tuple(other), tuple(changed))


def why_not_the_payment(body: Mapping[str, Any], sent: Mapping[str, str]) -> str | None:
    """Tells whether an object can be the payment that was sent.

    Args:
        body: the object as JSON.
        sent: from `facts_of`.

    Returns:
        None when no deciding field differs; otherwise one line that names the first one that does. It shows no value.
    """
    found = compare(body, sent)
    return _line(found.other, found.same)


def why_not_taken_over(body: Mapping[str, Any], sent: Mapping[str, str]) -> str | None:
    """Tells whether an object shows all the changes that were asked of it; like `why_not_the_payment` otherwise."""
    found = compare(body, sent)
    return _line(found.differing, found.same)


def _line(differing: tuple[str, ...], same: tuple[str, ...]) -> str | None:
    if not differing:
        return None
    agreeing = f" (but its {', '.join(same)} {'is' if len(same) == 1 else 'are'})" if same else ""
    return f"its {differing[0]} is not the one that was sent{agreeing}"


def _flat(body: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        if is_object(value):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", _text(value)


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or is_array(value):
        return json.dumps(value, default=str)
    # str() would ask the class, and what is sent are the characters.
    return str.__str__(value) if isinstance(value, str) else str(value)


def _given(body: Mapping[str, Any], name: str) -> object:
    """Returns the value under the first of its names that has one, or None."""
    for path in (name, *_ALSO_CALLED.get(name, ())):
        value: object = body
        for step in path.split("."):
            value = value.get(step) if is_object(value) else None
        if value is not None:
            return value
    return None


# Classic endpoints have source_id, card endpoints {"source": {"id": ...}}, transfers the fields of their routine under
# routine_*. The fee had another name in 2022.
_ALSO_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("routine_name",),
    "type": ("routine_type",),
    "source_id": ("source.id",),
    "source.id": ("source_id",),
    "destination_id": ("destination.id",),
    "destination.id": ("destination_id",),
    "destination_user_id": ("destination.user_id",),
    "destination.user_id": ("destination_user_id",),
    "debit_fee_percent": ("customer_debit_fee_percent_override",),
}


def _same_number(given: object, sent: str) -> bool:
    # Astra has written and read amounts as numbers and as text; 20, 20.00 and "20.0" are one amount.
    try:
        amount = Decimal(sent)
        agrees = amount.is_finite() and amount == Decimal(str(given))
    except InvalidOperation:
        agrees = False
    return agrees


def _same_id(given: object, sent: str) -> bool:
    # Ids are opaque, so their letters count; old ones are digits, which may come as a number.
    return _is_text(given) and str(given).strip() == sent.strip()


def _same_word(given: object, sent: str) -> bool:
    # A closed set of words or a reference of letters and digits: neither case nor punctuation carries meaning.
    return _is_text(given) and letters(str(given)) == letters(sent)


def _same_text(given: object, sent: str) -> bool:
    return _plain(_text(given)) == _plain(sent) or _same_number(given, sent)


def _same_day(given: object, sent: str) -> bool:
    if not isinstance(given, str):
        return False
    sent, given = sent.strip().casefold(), given.strip().casefold()
    mine, its = _moment(sent), _moment(given)
    if mine is None or its is None:
        return given == sent
    if _is_day(sent) is _is_day(given):
        return mine == its
    # Astra counts days in Pacific time; a moment will do that is on this day anywhere on earth.
    day, moment = (mine, its) if _is_day(sent) else (its, mine)
    return _EARLIEST <= moment - day < _LATEST


def _is_text(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def letters(text: str) -> str:
    """Returns the letters and digits of a reference or of a word out of a closed set, which are all that count in it.

    Args:
        text: it, in any spelling.
    """
    return re.sub(r"[\W_]", "", text.casefold())


def _plain(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().split()


def _is_day(text: str) -> bool:
    return len(text) == len("2026-05-01")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


_ANY_OTHER: Final = (_same_text, False)
_RULES: Final[Mapping[str, tuple[Callable[[object, str], bool], bool]]] = {
    # How much, from whom and to whom: documented fields, seen to come back as they were sent.
    "amount": (_same_number, True),
    "currency": (_same_word, True),
    "source_id": (_same_id, True),
    "source.id": (_same_id, True),
    "destination_id": (_same_id, True),
    "destination.id": (_same_id, True),
    "destination_user_id": (_same_id, True),
    # Documented to be given back; it ends up in statement texts, which know capital letters only.
    "client_correlation_id": (_same_word, True),
    # What kind of payment it is. A recurring one is not the one-time payment that was meant.
    "type": (_same_word, True),
    "payment_type": (_same_word, True),
    "frequency": (_same_word, True),
    # Astra falls back to slower rails, and moves days to the next one of the banks.
    "preferred_settlement_speed": (_same_word, False),
    "settlement_mode": (_same_word, False),
    "start_date": (_same_day, False),
    # The rest proves nothing: labels, fees (they follow the client's settings), fields whose names are guesses or that
    # are not known to be given back, and destination.user_id, where the card endpoints have been seen to take the id of
    # a user's intent, for which they may answer the user's.
}
