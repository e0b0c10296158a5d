# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model
from ..models.bank_account_type import BankAccountType


@frozen(kw_only=True, eq=False, repr=False)
class AccountCreate(Model):
    """An account by its numbers. Only sent, never received."""

    institution_id: str
    """ As in `astra_ins_131`; differs between sandbox and production, see the Dashboard. """
    bank_account_type: BankAccountType | str
    """ Kind of bank account. """
    name: str
    """ A label. """
    account_number: str = field(repr=False)
    """ 7 to 17 digits; a shorter one is padded with zeros on the left. Hidden in a repr. """
    routing_number: str
    """ Of a real bank even in the sandbox; `222222226` works there. """
