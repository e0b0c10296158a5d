# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType


@frozen(kw_only=True, eq=False, repr=False)
class UserIntentCreate(Model):
    """A person to be verified. Only sent, never received."""

    email: str = field(repr=False)
    """ At most three intents for one address. Hidden in a repr. """
    phone: str = field(repr=False)
    """ As in `+15557771234`. Hidden in a repr. """
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    address1: str = field(repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    """ Two letters. Hidden in a repr. """
    postal_code: str = field(repr=False)
    """ Five digits. Hidden in a repr. """
    address2: str | None = field(default=None, repr=False)
    """ May be empty. Null is refused with 400. Hidden in a repr. """
    date_of_birth: datetime.date | str | None = field(default=None, repr=False)
    """ Needed unless receive-only. Hidden in a repr. """
    ssn: str | None = field(default=None, repr=False)
    """ Last four digits; nine without dashes have been seen. Needed for verified, optional under
    KYC delegation. Hidden in a repr. """
    ip_address: str | None = field(default=None, repr=False)
    """ The person's public address. Integrations always send it; private ranges can lead to
    rejection. Hidden in a repr. """
    kyc_type: KycType | str | None = None
    """ How far a person or business is verified. """
    preferred_first_name: str | None = field(default=None, repr=False)
    preferred_last_name: str | None = field(default=None, repr=False)
    preferred_pronouns: str | None = field(default=None, repr=False)
    metadata: Metadata | None = None
    """ Up to 25 pairs. Keys of 1 to 64 characters from `a-zA-Z0-9_.-`, values of 1 to 256. No
    personal data. """


from ..models.metadata import Metadata
