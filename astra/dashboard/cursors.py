"""Where a page of a list begins. It stands in the address bar, so no key is in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

_FORM: Final = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,3})?)~([0-9]{1,7})")


@attrs.frozen
class Cursor:
    """A place in a list that is in the order of some number.

    Attributes:
        value: the number of the row before.
        skip: how many rows with this number were shown.
    """

    value: float
    skip: int

    def __str__(self) -> str:
        value = repr(self.value)
        return f"{value.removesuffix('.0')}~{self.skip}"


def read_cursor(text: str) -> Cursor | None:
    """Reads a cursor; None for what is none.

    Args:
        text: as it stands in the address.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    number = found[1]
    return Cursor(float(number) if "." in number or "e" in number else int(number), int(found[2]))


def following(values: Sequence[float], *, after: Cursor | None) -> Cursor | None:
    """Returns where the next page begins.

    Args:
        values: the numbers of the rows of this page, of which there are more.
        after: where this page began, or None for the first.
    """
    if not values:
        return None
    last = values[-1]
    skip = sum(value == last for value in values)
    return Cursor(last, skip + (after.skip if after is not None and after.value == last else 0))
