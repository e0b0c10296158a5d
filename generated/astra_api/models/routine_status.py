# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class RoutineStatus(OpenEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"
    INACTIVE = "inactive"
    PENDING_ACCOUNT_AUTHORIZATION = "pending_account_authorization"
    REQUIRES_USER_VERIFICATION = "requires_user_verification"
    USER_SUSPENDED = "user_suspended"
    if TYPE_CHECKING:
        _OTHER = "any other value"
