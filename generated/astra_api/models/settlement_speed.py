# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class SettlementSpeed(StrEnum):
    REAL_TIME = "real-time"
    T0 = "T+0"
    T1 = "T+1"
    T2 = "T+2"
    T4 = "T+4"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "SettlementSpeed | None":
        return open_member(cls, value)
