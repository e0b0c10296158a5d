"""Reason codes of chargebacks by card network, and how long a cardholder has. The networks' rules, not Astra's.

Visa's and Mastercard's codes are those of their public guides. That Discover's are two letters, with or without two
digits, is assumed. 120 days is what Visa and Mastercard give for most reasons; that it is so for all is assumed.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

from astra.errors import InvalidRequestError

DISPUTE_DAYS: Final = 120
FRAUD: Final = {"Visa": "10.4", "Mastercard": "4837", "Discover": "UA02"}
"""Fraud with a card that was not present, which is what a chargeback is for when nothing else is said."""

_VISA: Final = {10: 5, 11: 3, 12: 7, 13: 9}
_MASTERCARD: Final = "4807 4808 4812 4831 4834 4837 4841 4842 4846 4849 4853 4854 4855 4859 4860 4863 4870 4871"
CODES: Final = {
    "Visa": tuple(f"{group}.{number}" for group, count in _VISA.items() for number in range(1, count + 1)),
    "Mastercard": tuple(_MASTERCARD.split()),
}
_DISCOVER: Final = re.compile(r"[A-Z]{2}\d{0,2}")


def check_reason_code(code: str, *, network: str) -> str:
    """Returns the reason code of a chargeback.

    Raises:
        InvalidRequestError: the network has no such code; the nearest is named.
    """
    known = CODES.get(network)
    if known is None:
        fits, near = _DISCOVER.fullmatch(code) is not None, FRAUD["Discover"]
    else:
        fits, near = code in known, max(known, key=lambda one: SequenceMatcher(None, one, code).ratio())
    if not fits:
        raise InvalidRequestError(f"{network} has no reason code {code!r}. The nearest is {near}.", argument="code")
    return code
