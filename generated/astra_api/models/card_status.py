# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class CardStatus(StrEnum):
    APPROVED = "approved"
    FLAGGED = "flagged"
    REJECTED = "rejected"
    REMOVED = "removed"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "CardStatus | None":
        return open_member(cls, value)
