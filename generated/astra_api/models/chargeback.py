# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ..models.dispute_status import DisputeStatus
from ..types import (
    UNSET,
    Model,
    Unset,
    read_datetime,
    read_decimal,
    read_enum,
    to_json,
)


class Chargeback(Model):
    """A chargeback of a card transfer."""

    __slots__ = ()
    _fields = frozenset(
        (
            "cb_id",
            "action_status",
            "dispute_status",
            "status_date",
            "exception_code",
            "exception_date",
            "exception_description",
            "exception_id",
            "exception_type",
            "exception_settled_amount",
            "original_creation_date",
            "original_processed_date",
            "original_settled_amount",
            "merchant_reference_id",
            "network_id",
            "user_id",
            "created",
            "updated",
        )
    )

    def __init__(
        self,
        *,
        cb_id: None | str | Unset = UNSET,
        action_status: None | str | Unset = UNSET,
        dispute_status: DisputeStatus | None | Unset = UNSET,
        status_date: None | str | Unset = UNSET,
        exception_code: None | str | Unset = UNSET,
        exception_date: None | str | Unset = UNSET,
        exception_description: None | str | Unset = UNSET,
        exception_id: None | str | Unset = UNSET,
        exception_type: None | str | Unset = UNSET,
        exception_settled_amount: Decimal | int | None | Unset = UNSET,
        original_creation_date: None | str | Unset = UNSET,
        original_processed_date: None | str | Unset = UNSET,
        original_settled_amount: Decimal | int | None | Unset = UNSET,
        merchant_reference_id: None | str | Unset = UNSET,
        network_id: None | str | Unset = UNSET,
        user_id: None | str | Unset = UNSET,
        created: datetime.datetime | None | Unset = UNSET,
        updated: datetime.datetime | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(cb_id, Unset):
            data["cb_id"] = to_json(cb_id)
        if not isinstance(action_status, Unset):
            data["action_status"] = to_json(action_status)
        if not isinstance(dispute_status, Unset):
            data["dispute_status"] = to_json(dispute_status)
        if not isinstance(status_date, Unset):
            data["status_date"] = to_json(status_date)
        if not isinstance(exception_code, Unset):
            data["exception_code"] = to_json(exception_code)
        if not isinstance(exception_date, Unset):
            data["exception_date"] = to_json(exception_date)
        if not isinstance(exception_description, Unset):
            data["exception_description"] = to_json(exception_description)
        if not isinstance(exception_id, Unset):
            data["exception_id"] = to_json(exception_id)
        if not isinstance(exception_type, Unset):
            data["exception_type"] = to_json(exception_type)
        if not isinstance(exception_settled_amount, Unset):
            data["exception_settled_amount"] = to_json(exception_settled_amount)
        if not isinstance(original_creation_date, Unset):
            data["original_creation_date"] = to_json(original_creation_date)
        if not isinstance(original_processed_date, Unset):
            data["original_processed_date"] = to_json(original_processed_date)
        if not isinstance(original_settled_amount, Unset):
            data["original_settled_amount"] = to_json(original_settled_amount)
        if not isinstance(merchant_reference_id, Unset):
            data["merchant_reference_id"] = to_json(merchant_reference_id)
        if not isinstance(network_id, Unset):
            data["network_id"] = to_json(network_id)
        if not isinstance(user_id, Unset):
            data["user_id"] = to_json(user_id)
        if not isinstance(created, Unset):
            data["created"] = to_json(created)
        if not isinstance(updated, Unset):
            data["updated"] = to_json(updated)
        self._data = data
        self._context = None

    @property
    def cb_id(self) -> None | str:
        """The `resource_id` of its webhooks."""
        value: None | str = self._data.get("cb_id")
        return value

    @property
    def action_status(self) -> None | str:
        """Free text, such as `Open - Merchant debited` or `Documentation received`."""
        value: None | str = self._data.get("action_status")
        return value

    @property
    def dispute_status(self) -> DisputeStatus | None:
        value: DisputeStatus | None = read_enum(self, "dispute_status", DisputeStatus)
        return value

    @property
    def status_date(self) -> None | str:
        value: None | str = self._data.get("status_date")
        return value

    @property
    def exception_code(self) -> None | str:
        value: None | str = self._data.get("exception_code")
        return value

    @property
    def exception_date(self) -> None | str:
        value: None | str = self._data.get("exception_date")
        return value

    @property
    def exception_description(self) -> None | str:
        value: None | str = self._data.get("exception_description")
        return value

    @property
    def exception_id(self) -> None | str:
        value: None | str = self._data.get("exception_id")
        return value

    @property
    def exception_type(self) -> None | str:
        value: None | str = self._data.get("exception_type")
        return value

    @property
    def exception_settled_amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "exception_settled_amount")
        return value

    @property
    def original_creation_date(self) -> None | str:
        value: None | str = self._data.get("original_creation_date")
        return value

    @property
    def original_processed_date(self) -> None | str:
        value: None | str = self._data.get("original_processed_date")
        return value

    @property
    def original_settled_amount(self) -> Decimal | None:
        """US dollars."""
        value: Decimal | None = read_decimal(self, "original_settled_amount")
        return value

    @property
    def merchant_reference_id(self) -> None | str:
        value: None | str = self._data.get("merchant_reference_id")
        return value

    @property
    def network_id(self) -> None | str:
        value: None | str = self._data.get("network_id")
        return value

    @property
    def user_id(self) -> None | str:
        value: None | str = self._data.get("user_id")
        return value

    @property
    def created(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "created")
        return value

    @property
    def updated(self) -> datetime.datetime | None:
        """May come without an offset; read as UTC."""
        value: datetime.datetime | None = read_datetime(self, "updated")
        return value
