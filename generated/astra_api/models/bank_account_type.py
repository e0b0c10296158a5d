# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class BankAccountType(OpenEnum):
    CHECKING = "checking"
    SAVINGS = "savings"
    if TYPE_CHECKING:
        _OTHER = "any other value"
