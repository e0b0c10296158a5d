"""Printing a report, also to a reader that has seen enough."""

from __future__ import annotations

import os
import sys

from astra._printable import printable


def harmless(text: str) -> str:
    """A text without what a terminal would obey: names in it are another's."""
    return "\n".join(map(printable, text.split("\n")))


def complain(text: object) -> None:
    """Says in one line why nothing came of it."""
    print(" ".join(harmless(str(text)).splitlines()), file=sys.stderr)


def say(text: str) -> None:
    """Prints; when the reader has gone (`| head`), the rest is dropped without a word.

    Raises:
        OSError: it cannot be printed, as to a full disk.
    """
    try:
        print(harmless(text), flush=True)
    except OSError as error:
        # The interpreter would flush what is left when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise
