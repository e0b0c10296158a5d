# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class UserStatus(StrEnum):
    APPROVED = "approved"
    CONVERTED_TO_USER = "converted_to_user"
    DOCUMENT = "document"
    PENDING = "pending"
    REJECTED = "rejected"
    RETRY = "retry"
    SUSPENDED = "suspended"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "UserStatus | None":
        return open_member(cls, value)
