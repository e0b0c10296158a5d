"""Printing a report, also to a reader that has seen enough."""

from __future__ import annotations

import os
import sys


def say(text: str) -> None:
    """Prints; when the reader has gone (`| head`), the rest is dropped without a word."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The interpreter would flush what is left when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
