# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class Capabilities(Model):
    """What the user may do, by payment type. The page is called a list, so the body may be one."""

    account_to_account: AccountToAccountCapability | None = None
    account_to_card: AccountToCardCapability | None = None
    card_to_card: CardToCardCapability | None = None


from ..models.account_to_account_capability import AccountToAccountCapability
from ..models.account_to_card_capability import AccountToCardCapability
from ..models.card_to_card_capability import CardToCardCapability
