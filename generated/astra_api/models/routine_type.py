# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class RoutineType(OpenEnum):
    FIFTY_TWO_WEEK = "fifty-two-week"
    ONE_TIME = "one-time"
    PERCENTAGE_BASED = "percentage-based"
    RECURRING = "recurring"
    REFILL = "refill"
    ROUND_UP = "round-up"
    SWEEP = "sweep"
    if TYPE_CHECKING:
        _OTHER = "any other value"
