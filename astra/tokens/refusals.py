"""Which refusals a keep-alive run believes. Plain values; times are seconds of a monotonic clock, given by the caller.

`invalid_grant` for many users at once is nearly always a mistake of ours (another environment's credentials, another
key of encryption) or an outage. Marking their grants dead would make every one of them authorize again. So a refusal is
held back until a refresh that began after it has succeeded, and none is believed while most refreshes are refused.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

DOUBTFUL = 2
"""After so many refusals grants from the other end of the queue are tried, until there are twice as many successes."""
FIRST = 5
"""So many refusals without any success end a run, if `PROOFS` of them came from the other end of the queue."""
PROOFS = 3
MANY = 20
"""More refusals than this, and more than successes, end a run."""


class Refusals(Generic[T]):
    """The circuit breaker of one run. `T` is what was refused."""

    def __init__(self) -> None:
        self._held: list[tuple[float, T]] = []
        self._refused = 0
        self._refused_proofs = 0
        self._succeeded = 0

    @property
    def held(self) -> int:
        """Number of refusals that are neither believed nor doubted yet."""
        return len(self._held)

    @property
    def is_proven(self) -> bool:
        """Whether any refresh has succeeded."""
        return self._succeeded > 0

    @property
    def needs_proof(self) -> bool:
        """Whether it is time to try a grant from the other end of the queue: the dead ones stand at the head."""
        return self._refused >= DOUBTFUL and self._succeeded < 2 * self._refused

    @property
    def reason(self) -> str | None:
        """Why the run has to end, or None."""
        if not self._succeeded and self._refused >= FIRST and self._refused_proofs >= PROOFS:
            said = f"the first {self._refused} refreshes were refused (invalid_grant)"
        elif self._refused > MANY and self._are_most_refused():
            said = f"{self._refused} of {self._refused + self._succeeded} refreshes were refused (invalid_grant)"
        else:
            return None
        return (
            f"{said}: most likely the client's credentials, its environment or the token endpoint are at fault, "
            "not these users; the doubtful grants were not marked"
        )

    def _are_most_refused(self) -> bool:
        return self._refused > self._succeeded

    def refused(self, what: T, *, now: float, is_proof: bool) -> None:
        """Takes in a refusal, which is held back.

        Args:
            what: what was refused.
            now: the time.
            is_proof: whether it was tried because `needs_proof` said so.
        """
        self._refused += 1
        self._refused_proofs += is_proof
        self._held.append((now, what))

    def succeeded(self, *, started: float) -> list[T]:
        """Takes in a refresh that was done.

        Args:
            started: when it began.

        Returns:
            The refusals that are believed now.
        """
        self._succeeded += 1
        if self._are_most_refused():
            return []
        believed = [what for at, what in self._held if at <= started]
        self._held = [(at, what) for at, what in self._held if at > started]
        return believed

    def end(self) -> tuple[list[T], list[T]]:
        """Ends the run.

        Returns:
            The rest of the refusals: those that are believed, and those that are doubted.
        """
        rest, self._held = [what for _, what in self._held], []
        if self._are_most_refused() or len(rest) >= FIRST:
            return [], rest
        return rest, []
