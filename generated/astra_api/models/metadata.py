# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class Metadata(Model):
    """Up to 25 pairs. Keys of 1 to 64 characters from `a-zA-Z0-9_.-`, values of 1 to 256. No personal
    data."""
