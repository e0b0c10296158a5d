# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class SettlementSpeed(OpenEnum):
    REAL_TIME = "real-time"
    T0 = "T+0"
    T1 = "T+1"
    T2 = "T+2"
    T4 = "T+4"
    if TYPE_CHECKING:
        _OTHER = "any other value"
