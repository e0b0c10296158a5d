"""Which failures end a keep-alive run, and for how long a failed grant is left alone. Plain values, no clock."""

from __future__ import annotations

from astra.errors import (
    APIConnectionError,
    AstraError,
    InternalServerError,
    RateLimitError,
    ResponseDecodeError,
    ServiceUnavailableError,
)

DOUBTFUL = 5
"""After so many failures in a row grants from the other end of the queue are tried: is it the server, or are these?"""
OUTAGES = 25
"""So many refreshes in a row without a usable answer end a run: the server is down, and the next run goes on."""
UNAUTHORIZED = 3
"""So many users with `unauthorized_client` end a run: it is about the client, not about one of them."""
FIRST_PAUSE = 60.0
LONGEST_PAUSE = 6 * 3600.0


class StopRules:
    """Counts the failures of one run.

    Only what says nothing about one user counts in a row: a connection that failed, a 5xx, an answer that is none. A
    user whose refreshes get a 4xx keeps nobody else from being refreshed.
    """

    def __init__(self) -> None:
        self._outages = 0
        self._unauthorized: set[str] = set()

    @property
    def needs_proof(self) -> bool:
        """Whether it is time to try a grant from the other end of the queue."""
        return self._outages >= DOUBTFUL

    def succeeded(self) -> None:
        """Takes in an answer of the token endpoint that is one, a refusal included."""
        self._outages = 0

    def failed(self, key: str, error: AstraError) -> str | None:
        """Takes in a failure; returns why the run has to end, or None."""
        if isinstance(error, APIConnectionError | InternalServerError | ResponseDecodeError):
            self._outages += 1
            if self._outages >= OUTAGES:
                return f"{OUTAGES} failures in a row, the last one {type(error).__name__}"
            return None
        self._outages = 0
        code = getattr(error, "code", None)
        if code == "unauthorized_client":
            self._unauthorized.add(key)
        if code == "invalid_client" or len(self._unauthorized) >= UNAUTHORIZED:
            return f"the client's credentials were refused ({code})"
        return None


def asked_pause(error: AstraError, *, longest: float) -> float | None:
    """The seconds that the server asks to wait, or None when it does not ask.

    Args:
        error: what a refresh raised.
        longest: the longest `Retry-After` that is believed.
    """
    if isinstance(error, RateLimitError | ServiceUnavailableError) and error.retry_after is not None:
        return min(error.retry_after, longest)
    return 1.0 if isinstance(error, RateLimitError) else None


def pause_after(failures: int) -> float:
    """Seconds that keep-alive leaves a grant alone whose refresh failed so often in a row."""
    if failures > 9:
        return LONGEST_PAUSE  # 2 ** 9 minutes are more
    return FIRST_PAUSE * (1 << (failures - 1))


def is_provisional(key: str) -> bool:
    """Whether a grant was kept under a key that the SDK made up.

    Earlier releases did so when a user authorized without a key and Astra did not say who it was.
    """
    head, _, tail = key.partition("-")
    return head == "pending" and len(tail) == 16 and all(letter in "0123456789abcdef" for letter in tail)
