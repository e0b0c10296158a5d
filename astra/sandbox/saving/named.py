"""States that are kept under names, to go on from again and again."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from astra.errors import ConfigurationError, InvalidRequestError

LONGEST: Final = 100
LONGEST_FILE: Final = 240
START: Final = "state-"
ENDING: Final = ".db"
PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 -_")


class NamedStates:
    """Files of a sandbox beside its own, or in a folder that goes with it when it has none.

    Args:
        state: the sandbox's own file; None when it keeps its state in memory.
    """

    def __init__(self, state: Path | None) -> None:
        self._beside = None if state is None else state.with_name(f"{state.name}.saved")
        self._temporary: Path | None = None
        self._remove: Callable[[], object] | None = None
        self._owner = os.getpid()

    def names(self) -> list[str]:
        """Returns the names in the order of their latest saving, the latest first."""
        folder = self._folder
        if folder is None or not folder.is_dir():
            return []
        found: list[tuple[int, str]] = []
        for file in folder.glob(f"{START}*{ENDING}"):
            with contextlib.suppress(FileNotFoundError):
                found.append((file.stat().st_mtime_ns, file.name))
        return [unquote(name.removeprefix(START).removesuffix(ENDING)) for _, name in sorted(found, reverse=True)]

    def to_read(self, name: str) -> Path:
        """Returns the file of a name.

        Raises:
            InvalidRequestError: no state has this name.
        """
        known, folder = self.names(), self._folder
        if folder is None or name not in known:
            told = ", ".join(known[:20]) or "none; save_as keeps one"
            raise InvalidRequestError(f"No state is saved as {name[:LONGEST]!r}. Saved are: {told}.", argument="name")
        return folder / file_name(name)

    def to_write(self, name: str) -> Path:
        """Returns the file for a name, and makes its folder.

        Raises:
            InvalidRequestError: it is no name.
            ConfigurationError: the folder cannot be made, or belongs to the process that this one was forked from.
        """
        if os.getpid() != self._owner:
            raise ConfigurationError("The saved states belong to the process that this one was forked from.")
        if not name.strip() or not name.isprintable() or len(name) > LONGEST or len(file_name(name)) > LONGEST_FILE:
            raise InvalidRequestError(
                f"The name of a saved state is one line of at most {LONGEST} characters, fewer of other scripts.",
                argument="name",
            )
        try:
            folder = self._folder
            if folder is None:
                folder = self._temporary = Path(tempfile.mkdtemp(prefix="astra-sandbox-"))
                self._remove = weakref.finalize(self, _remove, folder, self._owner)
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"Saved states cannot be kept ({error}).") from error
        return folder / file_name(name)

    def close(self) -> None:
        """Forgets those that no file of the sandbox keeps."""
        if self._remove is not None:
            self._remove()

    @property
    def _folder(self) -> Path | None:
        return self._beside if self._temporary is None else self._temporary


def file_name(name: str) -> str:
    """Returns the name of a file: nothing of it is a path or a device, and none differs by capitals alone."""
    spelled = (char if char in PLAIN else "".join(f"%{byte:02x}" for byte in char.encode()) for char in name)
    return f"{START}{''.join(spelled)}{ENDING}"


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked child would take them from its parent
        shutil.rmtree(folder, ignore_errors=True)
