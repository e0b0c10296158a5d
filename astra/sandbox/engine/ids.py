"""Ids and tokens in the shapes that Astra's documents and integrations show, each kind from a stream of its own."""

from __future__ import annotations

import random
import string
from typing import Final

from astra._json import is_object

ALPHANUMERIC: Final = string.ascii_letters + string.digits


class Ids:
    """Mints ids. The same seed gives the same ids; without a seed they are unpredictable.

    Each kind ("user", "transfer", "request") has its own stream, so that one more request or scenario changes no id of
    another kind.
    """

    def __init__(self, *, seed: int | str | None = None) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}

    def alphanumeric(self, kind: str, length: int) -> str:
        """Returns a string of letters and digits."""
        return "".join(self._stream(kind).choices(ALPHANUMERIC, k=length))

    def access_token(self) -> str:
        """Returns an access token."""
        return self.alphanumeric("access token", 42)

    def refresh_token(self) -> str:
        """Returns a refresh token."""
        return self.alphanumeric("refresh token", 48)

    def code(self) -> str:
        """Returns an authorization code."""
        return self.alphanumeric("code", 48)

    def hex(self, kind: str) -> str:
        """Returns 32 hex digits, as for users, intents, routines and transfers."""
        return f"{self._bits(kind, 128):032x}"

    def uuid(self, kind: str) -> str:
        """Returns a UUID, as for cards, payment instruments and webhooks."""
        digits = self.hex(kind)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def digits(self, kind: str, length: int) -> str:
        """Returns decimal digits, as of account numbers."""
        return f"{self._bits(kind, 4 * length) % 10**length:0{length}d}"

    def plaid_account(self) -> str:
        """Returns a 37-character id, as for accounts linked through Plaid."""
        return self.alphanumeric("account", 37)

    def direct_account(self, institution_id: str) -> str:
        """Returns an id as for accounts made from account and routing number."""
        return f"astra_generic_{institution_id}_{self._bits('account', 160):040x}_{self.hex('account')}"

    def chargeback(self) -> str:
        """Returns a chargeback id such as `C999999V1234567890`."""
        return f"C{self.digits('chargeback', 6)}V{self.digits('chargeback', 10)}"

    def getstate(self) -> dict[str, object]:
        """Returns the state of each stream, of values that JSON has, too."""
        return {kind: stream.getstate() for kind, stream in self._streams.items()}

    def setstate(self, state: object) -> None:
        """Continues from a state that `getstate` gave. Version 0.1.0 had one stream for all, which goes on in none."""
        if not is_object(state):
            return
        for kind, (version, internal, gauss) in state.items():
            self._stream(kind).setstate((version, tuple(internal), gauss))

    def _bits(self, kind: str, count: int) -> int:
        return self._stream(kind).getrandbits(count)

    def _stream(self, kind: str) -> random.Random:
        stream = self._streams.get(kind)
        if stream is None:
            # SystemRandom reads the kernel on every call: as a seed that is enough, and 20 times faster.
            seed = random.SystemRandom().getrandbits(256) if self._seed is None else f"{self._seed}/{kind}"
            stream = self._streams[kind] = random.Random(seed)  # noqa: S311  (sandbox values)
        return stream
