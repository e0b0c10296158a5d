# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_model,
    to_json,
)

if TYPE_CHECKING:
    from ..models.account_to_account_capability import AccountToAccountCapability
    from ..models.account_to_card_capability import AccountToCardCapability
    from ..models.card_to_card_capability import CardToCardCapability


class Capabilities(Model):
    """What the user may do, by payment type. The page is called a list, so the body may be one."""

    __slots__ = ()
    _fields = frozenset(
        (
            "account_to_account",
            "account_to_card",
            "card_to_card",
        )
    )

    def __init__(
        self,
        *,
        account_to_account: AccountToAccountCapability | None | Unset = UNSET,
        account_to_card: AccountToCardCapability | None | Unset = UNSET,
        card_to_card: CardToCardCapability | None | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(account_to_account, Unset):
            data["account_to_account"] = to_json(account_to_account)
        if not isinstance(account_to_card, Unset):
            data["account_to_card"] = to_json(account_to_card)
        if not isinstance(card_to_card, Unset):
            data["card_to_card"] = to_json(card_to_card)
        self._data = data
        self._context = None

    @property
    def account_to_account(self) -> AccountToAccountCapability | None:
        from ..models.account_to_account_capability import AccountToAccountCapability  # noqa: PLC0415

        value: AccountToAccountCapability | None = read_model(
            self, "account_to_account", AccountToAccountCapability
        )
        return value

    @property
    def account_to_card(self) -> AccountToCardCapability | None:
        from ..models.account_to_card_capability import AccountToCardCapability  # noqa: PLC0415

        value: AccountToCardCapability | None = read_model(
            self, "account_to_card", AccountToCardCapability
        )
        return value

    @property
    def card_to_card(self) -> CardToCardCapability | None:
        from ..models.card_to_card_capability import CardToCardCapability  # noqa: PLC0415

        value: CardToCardCapability | None = read_model(self, "card_to_card", CardToCardCapability)
        return value
