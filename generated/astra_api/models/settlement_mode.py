# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class SettlementMode(OpenEnum):
    GROSS_DEBIT = "gross_debit"
    NET_DEBIT = "net_debit"
    if TYPE_CHECKING:
        _OTHER = "any other value"
