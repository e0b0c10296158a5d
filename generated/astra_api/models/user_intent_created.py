# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model
from ..models.user_status import UserStatus


@frozen(kw_only=True, eq=False, repr=False)
class UserIntentCreated(Model):
    """Answer to the submission. An early document and Astra's own old SDK show the whole intent here."""

    id: str
    status: UserStatus | None = None
    """ The guide says that it is returned; newest decoders do not read it. """
