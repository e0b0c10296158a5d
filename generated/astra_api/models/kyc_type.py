# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class KycType(StrEnum):
    RECEIVE_ONLY = "receive-only"
    UNVERIFIED = "unverified"
    VERIFIED = "verified"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "KycType | None":
        return open_member(cls, value)
