# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class FieldErrors(Model):
    """Messages by field. A value may be a text, a list of texts or an object."""
