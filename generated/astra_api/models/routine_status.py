# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from enum import StrEnum

from ..types import open_member


class RoutineStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"
    INACTIVE = "inactive"
    PENDING_ACCOUNT_AUTHORIZATION = "pending_account_authorization"
    REQUIRES_USER_VERIFICATION = "requires_user_verification"
    USER_SUSPENDED = "user_suspended"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> "RoutineStatus | None":
        return open_member(cls, value)
