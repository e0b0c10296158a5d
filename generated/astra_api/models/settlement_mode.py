# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class SettlementMode(StrEnum):
    GROSS_DEBIT = "gross_debit"
    NET_DEBIT = "net_debit"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "SettlementMode | None":
        return open_member(cls, value)
