"""What the kinds of stores have in common, and how the failure of a driver becomes an error of the SDK."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import attrs

from astra.errors import AstraError, StorageError

logger = logging.getLogger("astra.storage")

FAILURES: Final = (OSError, ValueError, OverflowError)
"""What a driver raises beside its own exceptions: for a file, or for a value that it cannot encode."""


@attrs.frozen(kw_only=True)
class Family:
    """One kind of store.

    Attributes:
        name: what it is called in messages, for example "token store".
        example: a URL that is right, for messages.
        error: what the failure of a driver becomes.
        kinds: which of "memory", "sqlite", "jsonl", "redis" and "sql" its URLs may name.
        must_last: whether an empty store in place of one that held something does harm: a new one is announced in the
            log, and one that was removed while it was in use is refused until somebody looks.
        options: names of the options that its URLs take after a question mark, beside those of a database driver.
    """

    name: str
    example: str
    error: type[StorageError]
    kinds: frozenset[str]
    options: frozenset[str] = frozenset()
    must_last: bool = False

    def announce(self, where: object) -> None:
        """Says in the log that a store was made that did not exist, where that may be a mistake.

        Args:
            where: the store's file or address.
        """
        if self.must_last:
            logger.warning(
                "a new, empty %s was made: %s. If there was one before, this is not its place.", self.name, where
            )

    @contextmanager
    def translating(self, *drivers: type[Exception], deadline: float | None = None) -> Generator[None]:
        """Raises the family's error in place of a driver's.

        The driver's frames and causes are dropped: their locals are the values of statements, which may be tokens.

        Args:
            drivers: base classes of the driver's exceptions.
            deadline: value of `time.monotonic()` from which on a failure counts as a timeout.

        Raises:
            StorageError: the block raised one of these exceptions.
        """
        try:
            yield
        except Exception as error:
            if isinstance(error, AstraError) or not isinstance(error, (*drivers, *FAILURES)):
                raise
            strip(error)
            late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
            late = late or (deadline is not None and time.monotonic() >= deadline)
            raise self.failure(error, timed_out=late) from None

    def refuse_inherited(self, pid: int) -> None:
        """Refuses to go on with a result that another process asked for: its connection is that process's.

        Args:
            pid: the process that asked.

        Raises:
            StorageError: it is not this one.
        """
        if pid != os.getpid():
            raise self.error(
                f"The {self.name} was being read when the process forked, and the rest is the parent's: "
                "begin to read anew in the child."
            )

    def failure(self, error: BaseException, *, timed_out: bool = False) -> StorageError:
        """Describes a driver's exception without the values of its statement.

        Args:
            error: the exception.
            timed_out: whether it stands for an answer that did not come in time.
        """
        # SQLite shows what it cannot decode, which may be a token.
        first = (str(error).splitlines() or [""])[0].partition(" with text ")[0][:200]
        return self.error(f"The {self.name} failed: {type(error).__name__}: {first}", timed_out=timed_out)


def strip(error: BaseException) -> None:
    """Removes frames and linked exceptions from an exception, whose locals may hold secrets.

    Args:
        error: the exception.
    """
    error.__traceback__ = error.__cause__ = error.__context__ = None
