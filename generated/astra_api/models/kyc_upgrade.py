# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType


@frozen(kw_only=True, eq=False, repr=False)
class KycUpgrade(Model):
    """The KYC type to rise to, with the data that it needs. Only sent, never received."""

    kyc_type: KycType | str
    """ How far a person or business is verified. """
    ssn: str | None = field(default=None, repr=False)
    """ Social security number; presumably optional under KYC delegation. Hidden in a repr. """
    date_of_birth: datetime.date | str | None = field(default=None, repr=False)
