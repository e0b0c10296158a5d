# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_models,
    to_json,
)

if TYPE_CHECKING:
    from ..models.phone_number_change_request import PhoneNumberChangeRequest


class PhoneNumberChangeRequestList(Model):
    """The changes that were asked for."""

    __slots__ = ()
    _fields = frozenset(
        (
            "count",
            "phone_number_change_requests",
        )
    )

    def __init__(
        self,
        *,
        count: int | Unset = UNSET,
        phone_number_change_requests: list[PhoneNumberChangeRequest] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(count, Unset):
            data["count"] = to_json(count)
        if not isinstance(phone_number_change_requests, Unset):
            data["phone_number_change_requests"] = to_json(phone_number_change_requests)
        self._data = data
        self._context = None

    @property
    def count(self) -> int | None:
        value: int | None = self._data.get("count")
        return value

    @property
    def phone_number_change_requests(self) -> list[PhoneNumberChangeRequest]:
        from ..models.phone_number_change_request import PhoneNumberChangeRequest  # noqa: PLC0415

        return read_models(self, "phone_number_change_requests", PhoneNumberChangeRequest)
