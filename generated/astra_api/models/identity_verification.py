# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class IdentityVerification(Model):
    """A verification token."""

    token: str = field(repr=False)
    """ Lives one minute, works once. Hidden in a repr. """
