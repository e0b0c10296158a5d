"""Stores in memory, where they are kept for real people and real money."""

from __future__ import annotations

import sys
import warnings
from os import PathLike
from typing import Final

from astra.errors import AstraMemoryStoreWarning

_TOLD: Final = {
    "token_store": (
        "every user has to authorize again when this process ends, and processes end each other's access tokens",
        "ASTRA_TOKEN_STORE",
        "astra.tokens.open_store",
    ),
    "idempotency_store": (
        "a key pays once more in every other process, and after a restart",
        "ASTRA_IDEMPOTENCY_STORE",
        "astra.payments.open_idempotency_store",
    ),
}


def warn_of_memory(environment: str, **given: str | PathLike[str] | object) -> None:
    """Warns of each store that forgets. One that was passed as an object is meant.

    Args:
        environment: "sandbox" or "production".
        **given: what the caller gave, by the setting's name.
    """
    if environment != "production":
        return
    for name, store in given.items():
        if isinstance(store, str) and store.strip() == "memory://":  # as it is read
            loss, variable, opener = _TOLD[name]
            warnings.warn(
                f"environment is 'production' and {name} is memory://: {loss}. Give {name}, or {variable}, the URL of "
                f'a store that is kept. If it is meant, pass {opener}("memory://").',
                AstraMemoryStoreWarning,
                stacklevel=_to_the_caller(),
            )


def _to_the_caller() -> int:
    """Counts the frames from `warn_of_memory` to the first one outside of the SDK."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    level = 1
    while (above := frame.f_back) is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "astra":
        frame, level = above, level + 1
    return level
