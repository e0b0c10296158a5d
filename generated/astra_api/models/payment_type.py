# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class PaymentType(OpenEnum):
    ACH = "ach"
    DEBIT = "debit"
    LEDGER = "ledger"
    if TYPE_CHECKING:
        _OTHER = "any other value"
