# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class PaymentType(StrEnum):
    ACH = "ach"
    DEBIT = "debit"
    LEDGER = "ledger"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "PaymentType | None":
        return open_member(cls, value)
