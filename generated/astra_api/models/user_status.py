# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from typing import TYPE_CHECKING

from ..open_enum import OpenEnum


class UserStatus(OpenEnum):
    APPROVED = "approved"
    CONVERTED_TO_USER = "converted_to_user"
    DOCUMENT = "document"
    PENDING = "pending"
    REJECTED = "rejected"
    RETRY = "retry"
    SUSPENDED = "suspended"
    if TYPE_CHECKING:
        _OTHER = "any other value"
