# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class RoutineType(StrEnum):
    FIFTY_TWO_WEEK = "fifty-two-week"
    ONE_TIME = "one-time"
    PERCENTAGE_BASED = "percentage-based"
    RECURRING = "recurring"
    REFILL = "refill"
    ROUND_UP = "round-up"
    SWEEP = "sweep"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "RoutineType | None":
        return open_member(cls, value)
