# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class BusinessType(StrEnum):
    LLC = "llc"
    SOLEPROPRIETORSHIP = "soleProprietorship"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "BusinessType | None":
        return open_member(cls, value)
