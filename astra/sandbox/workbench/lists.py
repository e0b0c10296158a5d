"""Pages of lists, newest first. Pure; nothing but one page is ever made into rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import attrs

T = TypeVar("T")
SIZE: Final = 50


class LostPlaceError(Exception):
    """A page begins behind something that is not kept any more."""


@attrs.frozen
class Part(Generic[T]):
    """One page of a list.

    Attributes:
        items: what is on it.
        after: where the next one begins; None at the end.
    """

    items: list[T]
    after: str | None = None


def newest(
    items: Sequence[T],
    *,
    place_of: Callable[[T], object],
    after: str | None = None,
    fits: Callable[[T], bool] | None = None,
    size: int = SIZE,
) -> Part[T]:
    """Returns one page, newest first.

    Args:
        items: all that there is, oldest first.
        place_of: gives what a link names an item by.
        after: the place of the last item of the page before, or None for the first page.
        fits: tells which are wanted; None wants all.
        size: how many are on a page.

    Raises:
        LostPlaceError: `after` is not kept any more.
    """
    start = len(items) - 1
    if after is not None:
        while start >= 0 and str(place_of(items[start])) != after:
            start -= 1
        if start < 0:
            raise LostPlaceError
        start -= 1
    found: list[T] = []
    for index in range(start, -1, -1):
        item = items[index]
        if fits is None or fits(item):
            if len(found) == size:
                return Part(found, str(place_of(found[-1])))
            found.append(item)
    return Part(found)
