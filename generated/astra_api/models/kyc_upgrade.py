# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from typing import Any

from ..models.kyc_type import KycType
from ..types import (
    UNSET,
    Model,
    Unset,
    read_date,
    read_enum,
    to_json,
)


class KycUpgrade(Model):
    """The KYC type to rise to, with the data that it needs."""

    __slots__ = ()
    _fields = frozenset(
        (
            "kyc_type",
            "ssn",
            "date_of_birth",
        )
    )

    def __init__(
        self,
        *,
        kyc_type: KycType,
        ssn: str | Unset = UNSET,
        date_of_birth: datetime.date | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        data["kyc_type"] = to_json(kyc_type)
        if not isinstance(ssn, Unset):
            data["ssn"] = to_json(ssn)
        if not isinstance(date_of_birth, Unset):
            data["date_of_birth"] = to_json(date_of_birth)
        self._data = data
        self._context = None

    @property
    def kyc_type(self) -> KycType:
        """How far a person or business is verified."""
        value: KycType = read_enum(self, "kyc_type", KycType)
        return value

    @property
    def ssn(self) -> str | None:
        """Social security number"""
        value: str | None = self._data.get("ssn")
        return value

    @property
    def date_of_birth(self) -> datetime.date | None:
        value: datetime.date | None = read_date(self, "date_of_birth")
        return value
