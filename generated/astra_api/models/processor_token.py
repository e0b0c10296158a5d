# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import field, frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class ProcessorToken(Model):
    """A Plaid processor token. Only sent, never received."""

    processor_token: str = field(repr=False)
