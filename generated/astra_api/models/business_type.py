# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class BusinessType(OpenEnum):
    LLC = "llc"
    SOLEPROPRIETORSHIP = "soleProprietorship"
    if TYPE_CHECKING:
        _OTHER = "any other value"
