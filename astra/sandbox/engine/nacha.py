"""ACH return codes and until when a receiving bank may use them: Nacha's rules, not Astra's."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from astra.errors import InvalidRequestError
from astra.sandbox.engine.calendar import banking_day_after

_RANGES: Final = ((1, 47), (50, 53), (61, 77), (80, 85))
CODES: Final = tuple(f"R{number:02}" for low, high in _RANGES for number in range(low, high + 1))
UNAUTHORIZED: Final = ("R05", "R07", "R10", "R11", "R33", "R37", "R38", "R51", "R52", "R53")
"""Of consumers' accounts and of checks: 60 days. A company's R29 has two banking days, as all others."""

BY_AGREEMENT: Final = ("R06", "R31")
"""Asked for by the bank that sent the payment, or allowed by it: no day ends that."""

RETURN_BANKING_DAYS: Final = 2
UNAUTHORIZED_DAYS: Final = 60
_LOOKS_LIKE_A_CODE: Final = re.compile(r"[Rr]\d{1,3}")


def nearest(code: str) -> str:
    """Returns the return code whose number is nearest; R01 for what has no number."""
    digits = re.sub(r"[^0-9]", "", code)[:9]
    return min(CODES, key=lambda known: abs(int(known[1:]) - int(digits))) if digits else CODES[0]


def check_code(code: str, *, argument: str) -> str:
    """Returns a return code.

    Raises:
        InvalidRequestError: there is no such code; the nearest is named.
    """
    if code not in CODES:
        raise InvalidRequestError(
            f"{code!r} is no ACH return code: they are R01 to R85, with gaps. The nearest is {nearest(code)}.",
            argument=argument,
        )
    return code


def check_reason(reason: str, *, argument: str) -> str:
    """Returns why a payment fails: a return code, or a bank's own words.

    Raises:
        InvalidRequestError: it looks like a return code, and there is none such; or it says nothing.
    """
    if not reason.strip():
        raise InvalidRequestError(f"{argument} must say why: a return code such as R01, or words.", argument=argument)
    return check_code(reason, argument=argument) if _LOOKS_LIKE_A_CODE.fullmatch(reason) else reason


def last_day(settled: date, *, code: str) -> date | None:
    """Returns the last day on which a payment that settled on this day can be returned; None when there is none."""
    if code in BY_AGREEMENT:
        return None
    if code in UNAUTHORIZED:
        return settled + timedelta(days=UNAUTHORIZED_DAYS)
    return banking_day_after(settled, RETURN_BANKING_DAYS)
