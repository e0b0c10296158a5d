# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class ValidationError(Model):
    """Error body of a request that failed validation."""

    status_code: int | None = None
    """ The HTTP status. """
    code: int | None = None
    """ The HTTP status. """
    name: str | None = None
    """ The status in words. """
    description: str | FieldErrors | None = None
    """ What is wrong, as a text or an object keyed by field. """


from ..models.field_errors import FieldErrors
