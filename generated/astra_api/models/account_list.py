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
    from ..models.account import Account


class AccountList(Model):
    """One page of accounts. The list may be absent when there are none."""

    __slots__ = ()
    _fields = frozenset(
        (
            "count",
            "cursor",
            "more",
            "accounts",
        )
    )

    def __init__(
        self,
        *,
        count: int | Unset = UNSET,
        cursor: None | str | Unset = UNSET,
        more: bool | None | Unset = UNSET,
        accounts: list[Account] | Unset = UNSET,
    ) -> None:
        data: dict[str, Any] = {}
        if not isinstance(count, Unset):
            data["count"] = to_json(count)
        if not isinstance(cursor, Unset):
            data["cursor"] = to_json(cursor)
        if not isinstance(more, Unset):
            data["more"] = to_json(more)
        if not isinstance(accounts, Unset):
            data["accounts"] = to_json(accounts)
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
    def accounts(self) -> list[Account]:
        from ..models.account import Account  # noqa: PLC0415

        return read_models(self, "accounts", Account)
