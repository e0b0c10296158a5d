# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class DisputeStatus(StrEnum):
    LOST = "Lost"
    NOT_DISPUTED = "Not Disputed"
    OPEN = "Open"
    WON = "Won"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "DisputeStatus | None":
        return open_member(cls, value)
