# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class GenericError(Model):
    """The usual error body."""

    code: int | None = None
    """ The HTTP status. """
    name: str | None = None
    """ The status in words. """
    description: str | FieldErrors | None = None
    """ What is wrong. A text; objects keyed by field have been seen on 400. """


from ..models.field_errors import FieldErrors
