"""Is what a history has come to right? Plain functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from astra.payments import PaymentRecord, PaymentState

HONEST: Final = frozenset({
    "APIConnectionError", "APITimeoutError", "AmbiguousPaymentError", "AuthenticationError", "BadRequestError",
    "CancelledError", "IdempotencyConflictError", "InternalServerError", "InvalidRequestError", "KeyboardInterrupt",
    "PaymentInProgressError", "RateLimitError", "ServiceUnavailableError", "TokenUnavailableError",
    "UncertainOutcomeError",
    "UnexpectedResponseError",
})  # fmt: skip
"""Errors that a call under a key may end with."""

NOT_MADE: Final = frozenset({PaymentState.REFUSED, PaymentState.NOT_SENT})

Routine = tuple[str, str, str]
"""Name, id and amount of a routine; its name is its key."""


def contradictions(records: Iterable[PaymentRecord], routines: Sequence[Routine]) -> list[str]:
    """Tells where records are wrong about what the bank has made, and which payment was made twice.

    Args:
        records: of one user; each key is the name of its routine.
        routines: all of that user.
    """
    made: dict[str, list[Routine]] = {}
    for routine in routines:
        made.setdefault(routine[0], []).append(routine)
    wrong = [f"{name} was made {len(each)} times" for name, each in made.items() if len(each) > 1]
    for record in records:
        there = made.get(record.key, [])
        if record.state is PaymentState.MADE and record.resource_id not in [each[1] for each in there]:
            wrong.append(f"{record.key} is said to be {record.resource_id}, and the bank has {there}")
        elif record.state is PaymentState.MADE and Decimal(record.match_fields["amount"]) != Decimal(there[0][2]):
            wrong.append(f"{record.key} is said to be of {record.match_fields['amount']}, and the bank has {there}")
        if record.state in NOT_MADE and there:
            wrong.append(f"{record.key} is said to be {record.state}, and the bank has {there}")
    return wrong


def unrecorded(records: Iterable[PaymentRecord], routines: Sequence[Routine], *, forgotten: Iterable[str]) -> list[str]:
    """Tells which payments nobody has written down.

    Args:
        records, routines: as for `contradictions`.
        forgotten: keys that were pruned.
    """
    known = {record.key for record in records} | set(forgotten)
    return [f"{name} was made and has no record" for name, _, _ in routines if name not in known]


def lost(records: Iterable[PaymentRecord], routines: Sequence[Routine]) -> list[str]:
    """Tells which payments a look at a quiet bank has not found, and which are still said to be under way."""
    names = {name for name, _, _ in routines}
    wrong = [f"{one.key} was made and is {one.state}" for one in records if one.is_open and one.key in names]
    return wrong + [f"{one.key} is still {one.state}" for one in records if one.state is PaymentState.SENDING]


@attrs.define
class Answers:
    """What callers were told, over a history."""

    given: dict[str, set[str]] = attrs.field(factory=dict[str, set[str]])

    def judge(self, key: str, value: object, error: str | None, routines: Sequence[Routine]) -> list[str]:
        """Tells what is wrong with the answer to a call that paid.

        Args:
            key: its key.
            value: id of the routine that was returned, or None.
            error: name of the error, or None.
            routines: all that the bank has, asked after the answer.
        """
        if error is not None:
            return [] if error in HONEST else [f"paying under {key} ended with {error}"]
        ids = self.given.setdefault(key, set())
        ids.add(str(value))
        wrong = [f"{key} was answered with {sorted(ids)}"] if len(ids) > 1 else []
        if (key, value) not in {(name, routine_id) for name, routine_id, _ in routines}:
            wrong.append(f"{key} was answered with {value}, which the bank has not made for it")
        return wrong


def differing(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Tells what was made by what only reads."""
    return [f"{name} was made by a look" for name in after if after[name] != before.get(name, 0)]
