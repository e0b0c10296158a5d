"""What is said in place of what cannot be read. Decisions only."""

from __future__ import annotations

from typing import Final

import attrs

from astra.errors import AstraError, StorageError

AGAIN: Final = "Then start the dashboard again: settings are read when it starts."


@attrs.frozen(kw_only=True)
class Trouble:
    """Why something is not shown.

    Attributes:
        text: what is wrong, in sentences.
        advice: what to do.
    """

    text: str
    advice: str


def not_configured(what: str, *, variable: str, example: str) -> Trouble:
    """What is said of a store that no setting names.

    Args:
        what: what would be kept there.
        variable: name of the setting.
        example: a value of it.
    """
    return Trouble(
        text=f"No setting says where your programs keep {what}, so nothing was looked at.",
        advice=f"Set {variable} as your programs have it, e.g. {example}. {AGAIN}",
    )


def in_memory(what: str, *, variable: str) -> Trouble:
    """What is said of a store that another process has to itself.

    Args:
        what: what is kept there.
        variable: name of the setting.
    """
    return Trouble(
        text=f"{variable} is memory://: each program keeps {what} to itself, and loses them when it ends.",
        advice=f"Name a store that outlives a program, in {variable}, for your programs and here. {AGAIN}",
    )


def trouble_of(error: AstraError, *, variable: str, seconds: float) -> Trouble:
    """What is said when a store could not be read.

    Args:
        error: what it raised.
        variable: name of its setting.
        seconds: how long was waited.
    """
    if not isinstance(error, StorageError):
        return Trouble(text=str(error), advice=f"Correct {variable}, or what it names. `astra doctor` tells more.")
    if error.timed_out or "locked" in str(error):
        return Trouble(
            text=f"It did not answer within {seconds:g} seconds, or another process keeps it locked. ({error})",
            advice="Load the page again, or look at a shorter time. If it stays so: `astra doctor` tells more.",
        )
    return Trouble(
        text=str(error),
        advice=f"Is the server up, and are address, account and rights in {variable} right? `astra doctor` tells more.",
    )
