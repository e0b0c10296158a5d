# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import Any

from ..models.bank_account_type import BankAccountType
from ..types import (
    Model,
    read_enum,
    to_json,
)


class AccountCreate(Model):
    """An account by its numbers."""

    __slots__ = ()
    _fields = frozenset(
        (
            "institution_id",
            "bank_account_type",
            "name",
            "account_number",
            "routing_number",
        )
    )

    def __init__(
        self,
        *,
        institution_id: str,
        bank_account_type: BankAccountType,
        name: str,
        account_number: str,
        routing_number: str,
    ) -> None:
        data: dict[str, Any] = {}
        data["institution_id"] = to_json(institution_id)
        data["bank_account_type"] = to_json(bank_account_type)
        data["name"] = to_json(name)
        data["account_number"] = to_json(account_number)
        data["routing_number"] = to_json(routing_number)
        self._data = data
        self._context = None

    @property
    def institution_id(self) -> str:
        """As in `astra_ins_131`; differs between sandbox and production, see the Dashboard."""
        value: str = self._data.get("institution_id")
        return value

    @property
    def bank_account_type(self) -> BankAccountType:
        """Kind of bank account."""
        value: BankAccountType = read_enum(self, "bank_account_type", BankAccountType)
        return value

    @property
    def name(self) -> str:
        """A label."""
        value: str = self._data.get("name")
        return value

    @property
    def account_number(self) -> str:
        """7 to 17 digits; a shorter one is padded with zeros on the left."""
        value: str = self._data.get("account_number")
        return value

    @property
    def routing_number(self) -> str:
        """Of a real bank even in the sandbox; `222222226` works there."""
        value: str = self._data.get("routing_number")
        return value
