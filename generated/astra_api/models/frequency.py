# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class Frequency(OpenEnum):
    BI_WEEKLY = "bi-weekly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    if TYPE_CHECKING:
        _OTHER = "any other value"
