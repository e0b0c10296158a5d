"""Paging as a stand-in does it, over that of the sandbox."""

from __future__ import annotations

from typing import Any

from scripts.stand_in.plan import Paging

SIZE, CURSOR = "components.parameters.PageSize", "components.parameters.Cursor"
PAGE = "components.schemas.Page."


class Pages:
    """Translates queries and envelopes of lists, and remembers where pages went on.

    Args:
        paging: how the stand-in pages.
        shown: places of differences that have shown; it grows.
    """

    def __init__(self, paging: Paging, shown: set[str]) -> None:
        self._paging, self._shown = paging, shown
        self._cursors: dict[tuple[str, str], str] = {}

    def query(self, pairs: list[tuple[str, str]], *, who: str) -> list[tuple[str, str]]:
        """A query as the sandbox takes it."""
        taken: list[tuple[str, str]] = []
        for name, value in pairs:
            if name == self._paging.size:
                taken.append(("page_size", value))
            elif name == self._paging.cursor:
                if self._paging.style in ("ours", "names"):
                    taken.append(("cursor", value))
                elif (who, value) in self._cursors:
                    taken.append(("cursor", self._cursors[who, value]))
            elif name in ("page_size", "cursor"):
                self._shown.add(SIZE if name == "page_size" else CURSOR)
            else:
                taken.append((name, value))
        return taken

    def envelope(self, body: dict[str, Any], pairs: list[tuple[str, str]], *, who: str) -> dict[str, Any]:
        """An envelope as the stand-in writes it."""
        style, given = self._paging, dict(pairs)
        cursor = body.get("cursor")
        if cursor and style.style == "after":
            last = max((value for value in body.values() if isinstance(value, list)), key=len)[-1]
            self._cursors |= {(who, str(value)): cursor for value in last.values()}
        if cursor and style.style == "pages":
            self._cursors[who, str(int(given.get(style.cursor, "1")) + 1)] = cursor
        written = {}
        for name, value in body.items():
            new = {"cursor": style.answered_cursor, "more": style.answered_more}.get(name, name)
            if new != name and (new or value):
                self._shown.add(f"{PAGE}{name}")
            if new:
                written[new] = value
        return written
