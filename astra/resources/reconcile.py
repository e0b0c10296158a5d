"""Which routine out of a list is the payment whose answer was lost? Decisions only.

A `client_correlation_id` is not unique by any rule of Astra, so a routine is taken for the payment only if it agrees in
all that it gives, is not older than the payment, and is the only one. Whatever else might be it is reported, because
neither "this is it" nor "it is not there" would be true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal

import attrs

from astra.http.payment_match import PaymentCandidate, compare

Kind = Literal["match", "rival", "doubtful", "another's", "no"]
# How far Astra's clock may be from ours, where no answer has shown it.
UNMEASURED_SKEW: Final = timedelta(seconds=5)
# How far the clock that stamps routines may be from the one that dates answers; machines of one house.
SKEW_AT_ASTRA: Final = timedelta(seconds=2)


@attrs.frozen
class Listed:
    """A routine or a transfer out of a list.

    Attributes:
        body: it, as JSON.
        created: when it was made, by Astra's clock, or None when it does not say.
        is_transfer: True for a transfer, which stands for the routine that it belongs to.
    """

    body: Mapping[str, Any]
    created: datetime | None
    is_transfer: bool = False

    @property
    def routine_id(self) -> str | None:
        """The routine that it is or belongs to."""
        return _id(self.body.get("routine_id" if self.is_transfer else "id"))

    def as_candidate(self, reason: str) -> PaymentCandidate:
        """Returns it as what might be the payment."""
        transfer_id = _id(self.body.get("id")) if self.is_transfer else None
        return PaymentCandidate(self.routine_id, transfer_id, self.created, reason)


@attrs.frozen
class Found:
    """What the lists say.

    Attributes:
        routine_id: the payment, or None.
        candidates: what might be the payment, when there is no telling.
    """

    routine_id: str | None = None
    candidates: tuple[PaymentCandidate, ...] = ()


def clock_ahead(date_header: str | None, *, received: datetime) -> timedelta | None:
    """Returns how far Astra's clock is ahead of ours, at least; None when the answer does not show it.

    Args:
        date_header: the answer's `Date`, in whole seconds.
        received: when it was here at the latest, by our clock.
    """
    try:
        dated = parsedate_to_datetime(date_header or "")
    except (ValueError, OverflowError):
        return None
    return (dated if dated.tzinfo is not None else dated.replace(tzinfo=UTC)) - received


def earliest_creation(sent_at: datetime | None, ahead: timedelta | None) -> datetime | None:
    """Returns the moment, by Astra's clock, before which the payment cannot have been made.

    Args:
        sent_at: when it was first sent, by our clock, or None when that is not known.
        ahead: from `clock_ahead`.
    """
    if sent_at is None:
        return None
    try:
        return sent_at - UNMEASURED_SKEW if ahead is None else sent_at + ahead - SKEW_AT_ASTRA
    except OverflowError:  # a date at the end of the calendar is no clock
        return sent_at - UNMEASURED_SKEW


def is_before(created: datetime | None, earliest: datetime | None) -> bool:
    """Tells whether something was made before the payment can have been."""
    return created is not None and earliest is not None and created < earliest


def ends_look(page: Sequence[datetime | None], earliest: datetime | None) -> bool:
    """Tells whether a page is proof that the payment is not on a later one: it falls in time, and ends before the
    payment. So a list that begins with the oldest is read to its end.

    Args:
        page: when the items of the page were made, in its order.
        earliest: from `earliest_creation`.
    """
    times = [moment for moment in page if moment is not None]
    falls = len(times) == len(page) > 1 and times == sorted(times, reverse=True) and times[0] > times[-1]
    return falls and is_before(times[-1], earliest)


def search(
    items: Iterable[Listed], sent: Mapping[str, str], *, earliest: datetime | None, taken: Collection[str] = ()
) -> Found:
    """Looks for the payment.

    Args:
        items: what the lists hold, routines and transfers alike.
        sent: all that was sent, from `facts_of`.
        earliest: from `earliest_creation`.
        taken: ids of the routines that are the outcome of other payments.
    """
    matches: dict[str, Listed] = {}
    rivals: list[PaymentCandidate] = []
    doubtful: list[PaymentCandidate] = []
    others: set[str | None] = set()
    for item in items:
        routine_id = item.routine_id
        kind, reason = judge(item.body, sent, is_old=is_before(item.created, earliest))
        if kind == "match" and routine_id is None:
            kind, reason = "doubtful", "it does not name its routine"
        if kind == "match" and routine_id in taken:
            kind, reason = "rival", "it is the outcome of another payment of this client"
        if kind == "match" and routine_id is not None:
            matches.setdefault(routine_id, item)
        elif kind == "rival":
            rivals.append(item.as_candidate(reason))
        elif kind == "doubtful":
            doubtful.append(item.as_candidate(reason))
        elif kind == "another's":
            others.add(routine_id)
    equal = [item.as_candidate("it agrees in all that it gives") for item in matches.values()]
    rivals = [rival for rival in rivals if rival.routine_id not in matches]
    if len(equal) == 1 and not rivals:
        return Found(routine_id=equal[0].routine_id)
    # A routine without a correlation id is another's when one of its transfers carries another one.
    return Found(candidates=(*equal, *rivals, *(one for one in doubtful if one.routine_id not in others)))


def judge(body: Mapping[str, Any], sent: Mapping[str, str], *, is_old: bool) -> tuple[Kind, str]:
    """Tells what a routine or a transfer is to the payment, and why.

    Args:
        body: it, as JSON.
        sent: all that was sent.
        is_old: True when it was made before the payment.

    Returns:
        "match", "rival" (agrees, and was made before it), "doubtful", "another's" (it carries another correlation id)
        or "no", and one line that shows no value.
    """
    found = compare(body, sent)
    if "client_correlation_id" in found.other and body.get("client_correlation_id") != "":
        return "another's", ""
    differing = ", ".join(name for name in found.differing if name != "client_correlation_id")
    if "client_correlation_id" in found.same:
        if is_old:
            return ("no", "") if differing else ("rival", "it is older than the payment")
        return ("doubtful", f"it carries the correlation id and differs in {differing}") if differing else ("match", "")
    if is_old or differing:
        return "no", ""
    if not found.same:
        return "doubtful", "it gives nothing by which to tell"
    lacks = (
        "it gives no correlation id"
        if "client_correlation_id" in sent
        else "a payment without a correlation id cannot be told"
    )
    return "doubtful", f"it agrees in {', '.join(found.same)}, but {lacks}"


def why_another(body: Mapping[str, Any], sent: Mapping[str, str]) -> str | None:
    """Tells why a routine cannot be the payment, although its transfer agrees with it; None when it can be."""
    differing = compare(body, sent).differing
    return f"a transfer of it agrees, and it differs in {', '.join(differing)}" if differing else None


def reference_of(user_key: str | None, sent: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Returns what payments share that may be taken for each other."""
    correlation = sent.get("client_correlation_id")
    return user_key, None if correlation is None else correlation.casefold()


def _id(value: object) -> str | None:
    is_id = isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip()
    return str(value) if is_id else None
