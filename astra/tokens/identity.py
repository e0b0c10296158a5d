"""Whose a grant is: which client, talking to which environment. And what may be a key of a user."""

from __future__ import annotations

import hashlib
from typing import Final

import attrs

from astra._public import public
from astra.errors import InvalidRequestError

LONGEST: Final = 255
"""Characters that a key, an environment or a client id may have in a store."""


@public("astra.tokens")
@attrs.frozen
class Identity:
    """Whose a grant is. A client sees the grants of its own identity, and those that belong to nobody yet.

    Attributes:
        environment: where the client's calls go: "sandbox", "production", or one of these with the address that is used
            instead, as in "sandbox@loopback" and "production@https://proxy.example.com".
        client_id: the client id.

    Example:
        grants = open_store("sqlite:///tokens.db").for_identity(Identity("production", "client-id"))
    """

    environment: str
    client_id: str

    @classmethod
    def of(cls, environment: str, client_id: str) -> Identity:
        """The identity of a client.

        Args:
            environment: `Settings.destination` of the client.
            client_id: its client id.
        """
        return cls(_fit(environment), _fit(client_id))

    def __str__(self) -> str:
        return f"{self.environment}, client {self.client_id}" if self.is_bound else "no client yet"

    @property
    def is_bound(self) -> bool:
        """Whether this names a client."""
        return bool(self.environment or self.client_id)


UNBOUND: Final = Identity("", "")
"""Of grants that release 0.1.0 wrote, which did not say whose they are."""


def _fit(text: str) -> str:
    """A name too long for a store, as one that is not."""
    return text if len(text) <= LONGEST else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def check_key(key: object) -> str:
    """Returns your key of a user, if every store can keep it.

    Args:
        key: what was given as a key.

    Raises:
        InvalidRequestError: it is no text, empty or blank, longer than 255 characters, or holds what cannot be stored.
    """
    if not isinstance(key, str):
        raise InvalidRequestError(
            f"A user key is text, such as str(user.id), not {type(key).__name__}. Nothing was sent.", argument="key"
        )
    if not key.strip():
        raise InvalidRequestError("A user key must not be empty or blank. Nothing was sent.", argument="key")
    if len(key) > LONGEST:
        raise InvalidRequestError(
            f"A user key has at most {LONGEST} characters, this one has {len(key)}. Nothing was sent.", argument="key"
        )
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in key):
        raise InvalidRequestError(
            "A user key must not hold NUL or half of a surrogate pair. Nothing was sent.", argument="key"
        )
    return key
