# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class DisputeStatus(OpenEnum):
    LOST = "Lost"
    NOT_DISPUTED = "Not Disputed"
    OPEN = "Open"
    WON = "Won"
    if TYPE_CHECKING:
        _OTHER = "any other value"
