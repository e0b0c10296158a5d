"""Makes standard input, output and error what commands take for granted."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

CLOSED: Final = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
"""What stands for one that was closed: input at its end, output that fails when it is written, a hint nobody reads."""


def mend_streams() -> None:
    """Opens what was closed before the program began, and has what cannot be encoded written as an escape.

    A number that is not taken would go to the next file that is opened, which may be a store.
    """
    for name, flags, mode in CLOSED:
        stream = getattr(sys, name)
        if stream is None:
            number = os.open(os.devnull, flags)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115 - as long as the process
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
