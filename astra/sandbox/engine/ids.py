"""Ids and tokens in the shapes that Astra's documents and integrations show; all from one seeded generator."""

from __future__ import annotations

import random
import string
from functools import partial

ALPHANUMERIC = string.ascii_letters + string.digits


class Ids:
    """Mints ids. The same seed gives the same ids in the same order; without a seed they are unpredictable."""

    def __init__(self, *, seed: int | str | None = None) -> None:
        self.random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311  (sandbox values)
        if seed is None:
            # SystemRandom reads the kernel on every call: as a seed that is enough, and 20 times faster.
            self.random = random.Random(self.random.getrandbits(256))  # noqa: S311
        self.bits = self.random.getrandbits
        self.access_token = partial(self.alphanumeric, 42)
        self.refresh_token = partial(self.alphanumeric, 48)
        self.code = partial(self.alphanumeric, 48)

    def alphanumeric(self, length: int) -> str:
        """Returns a string of letters and digits."""
        return "".join(self.random.choices(ALPHANUMERIC, k=length))

    def hex(self) -> str:
        """Returns 32 hex digits, as for users, intents, routines and transfers."""
        return f"{self.bits(128):032x}"

    def uuid(self) -> str:
        """Returns a UUID, as for cards, payment instruments and webhooks."""
        digits = f"{self.bits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def plaid_account(self) -> str:
        """Returns a 37-character id, as for accounts linked through Plaid."""
        return self.alphanumeric(37)

    def direct_account(self, institution_id: str) -> str:
        """Returns an id as for accounts made from account and routing number."""
        return f"astra_generic_{institution_id}_{self.bits(160):040x}_{self.bits(128):032x}"

    def chargeback(self) -> str:
        """Returns a chargeback id such as `C999999V1234567890`."""
        return f"C{self.bits(20) % 1_000_000:06d}V{self.bits(40) % 10_000_000_000:010d}"

    def getstate(self) -> list[object]:
        """Returns the generator's state as plain JSON values."""
        version, internal, gauss = self.random.getstate()
        return [version, list(internal), gauss]

    def setstate(self, state: list[object]) -> None:
        """Continues from a state that `getstate` gave."""
        version, internal, gauss = state
        self.random.setstate((version, tuple(internal), gauss))  # type: ignore[arg-type]
