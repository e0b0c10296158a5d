# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..types import (
    UNSET,
    Model,
    Unset,
    read_bool,
    read_models,
    to_json,
)

if TYPE_CHECKING:
    from ..models.card import Card


class CardList(Model):
    """One page of cards."""

    __slots__ = ()
    _fields = frozenset(
        (
            "count",
            "cursor",
            "more",
            "cards",
        )
    )

    def __init__(
        self,
        *,
        count: int | Unset = UNSET,
        cursor: None | str | Unset = UNSET,
        more: bool | None | Unset = UNSET,
        cards: list[Card] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(count, Unset):
            data["count"] = to_json(count)
        if not isinstance(cursor, Unset):
            data["cursor"] = to_json(cursor)
        if not isinstance(more, Unset):
            data["more"] = to_json(more)
        if not isinstance(cards, Unset):
            data["cards"] = to_json(cards)
        self._data = data
        self._context = None

    @property
    def count(self) -> int | None:
        """Seen before lists were paginated. Of the page or of all is not known."""
        value: int | None = self._data.get("count")
        return value

    @property
    def cursor(self) -> None | str:
        """Send it to get the next page. Null, empty or absent at the end."""
        value: None | str = self._data.get("cursor")
        return value

    @property
    def more(self) -> bool | None:
        """Whether there is another page."""
        value: bool | None = read_bool(self, "more")
        return value

    @property
    def cards(self) -> list[Card]:
        from ..models.card import Card  # noqa: PLC0415

        return read_models(self, "cards", Card)
