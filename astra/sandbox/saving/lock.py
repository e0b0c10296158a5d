"""Keeps a second sandbox from the state file of one that runs: the last to end would overwrite what the other saved."""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from pathlib import Path

from astra.errors import ConfigurationError
from astra.storage.forks import FORK_GUARD

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        # Far behind the text: what is locked cannot be read by the one who is refused.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class StateLock:
    """The right to save to a state file, until `release`, the end of the process, or the garbage collector.

    Args:
        path: the state file. The lock is a hidden file beside it, as a state may be replaced as a whole.

    Raises:
        ConfigurationError: another sandbox has it, or the lock cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.with_name(f".{path.name}.lock")
        try:
            descriptor = self._taken(path)
        except OSError as error:
            raise ConfigurationError(
                f"The sandbox's state {path} cannot be locked against a second sandbox: {error}."
            ) from error
        self._end = weakref.finalize(self, _close, descriptor, self._file, os.getpid())
        FORK_GUARD.add(self)

    @property
    def held(self) -> bool:
        """Whether it is still there; in a forked child it is not."""
        return self._end.alive

    def after_fork(self) -> None:
        """Lets go in a forked child, without freeing the parent's: a child that lives on would keep it forever."""
        self._end()

    def release(self) -> None:
        """Gives it up. A second call does nothing."""
        self._end()

    def _taken(self, path: Path) -> int:
        while True:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                try:
                    _take(descriptor)
                except (BlockingIOError, PermissionError):
                    raise ConfigurationError(
                        f"The sandbox of process {self._holder(descriptor)} has the state {path} in use. End it first, "
                        "or name another file: the last of two to end would overwrite what the other saved."
                    ) from None
                if _is(descriptor, self._file):
                    os.ftruncate(descriptor, 0)
                    os.lseek(descriptor, 0, os.SEEK_SET)
                    os.write(descriptor, str(os.getpid()).encode())
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its holder ended and removed it meanwhile

    @staticmethod
    def _holder(descriptor: int) -> str:
        with contextlib.suppress(OSError):
            os.lseek(descriptor, 0, os.SEEK_SET)
            return os.read(descriptor, 20).decode("ascii", "replace") or "(unknown)"
        return "(unknown)"


def _is(descriptor: int, path: Path) -> bool:
    """Whether a path still leads to the file that is open."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _close(descriptor: int, path: Path, owner: int) -> None:
    if os.getpid() == owner:
        # While it is still locked, so that nobody who waits for it is left with a file that is gone.
        with contextlib.suppress(OSError):
            path.unlink()
    os.close(descriptor)
