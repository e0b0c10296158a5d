"""What has something to close."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closing:
    """Can stand in a `with` block, whose end closes it."""

    def close(self) -> None:
        """Gives back files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
