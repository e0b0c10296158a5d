# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class CardStatus(OpenEnum):
    APPROVED = "approved"
    FLAGGED = "flagged"
    REJECTED = "rejected"
    REMOVED = "removed"
    if TYPE_CHECKING:
        _OTHER = "any other value"
