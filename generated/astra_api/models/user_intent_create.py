# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

import datetime

from attrs import field, frozen

from ..base import Model
from ..models.kyc_type import KycType


@frozen(kw_only=True, eq=False, repr=False)
class UserIntentCreate(Model):
    """A person to be verified. Only sent, never received."""

    email: str
    """ At most three intents for one address. """
    phone: str
    """ As in `+15557771234`. """
    first_name: str
    last_name: str
    address1: str
    city: str
    state: str
    """ Two letters. """
    postal_code: str
    """ Five digits. """
    address2: str | None = None
    """ May be empty. Null is refused with 400. """
    date_of_birth: datetime.date | str | None = None
    """ Needed unless receive-only. """
    ssn: str | None = field(default=None, repr=False)
    """ Last four digits; nine without dashes have been seen. Needed for verified. Hidden in a repr. """
    ip_address: str | None = None
    """ The person's public address. Integrations always send it; private ranges can lead to
    rejection. """
    kyc_type: KycType | str | None = None
    """ How far a person or business is verified. """
    preferred_first_name: str | None = None
    preferred_last_name: str | None = None
    preferred_pronouns: str | None = None
    metadata: Metadata | None = None
    """ Up to 25 pairs. Keys of 1 to 64 characters from `a-zA-Z0-9_.-`, values of 1 to 256. No
    personal data. """


from ..models.metadata import Metadata
