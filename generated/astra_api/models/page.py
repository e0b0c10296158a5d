# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from attrs import frozen

from ..base import Model


@frozen(kw_only=True, eq=False, repr=False)
class Page(Model):
    """The paging part of a list's answer."""

    count: int | None = None
    """ Seen before lists were paginated. Of the page or of all is not known. """
    cursor: str | None = None
    """ Send it to get the next page. Null, empty or absent at the end. """
    more: bool | None = None
    """ Whether there is another page. """
