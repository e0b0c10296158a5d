"""The form of an encrypted token in a store: `astra1:<key id>:<nonce and ciphertext, base64>`. No cryptography here."""

from __future__ import annotations

import base64
import json
from typing import Final

from astra.errors import ConfigurationError
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity

PREFIX: Final = "astra1:"
KEY_ID: Final = 8
"""Characters of a key id."""


def kind_of(stored: str) -> str:
    """What a stored token is: "plain", "envelope", or "fernet" as of release 0.1.0, which always begins in one way.

    Args:
        stored: the token as it is stored.
    """
    if stored.startswith(PREFIX):
        return "envelope"
    return "fernet" if len(stored) >= 100 and stored.startswith("gAAAA") else "plain"


def pack(key_id: str, sealed: bytes) -> str:
    """Writes an envelope.

    Args:
        key_id: id of the key that it was sealed with.
        sealed: nonce and ciphertext.
    """
    return f"{PREFIX}{key_id}:{base64.urlsafe_b64encode(sealed).decode()}"


def unpack(stored: str) -> tuple[str, bytes] | None:
    """Reads an envelope: key id, and nonce with ciphertext; None when it is damaged.

    Args:
        stored: what `kind_of` takes for an envelope.
    """
    key_id, colon, body = stored.removeprefix(PREFIX).partition(":")
    if not stored.startswith(PREFIX) or not colon or len(key_id) != KEY_ID:
        return None
    try:
        sealed = base64.b64decode(body, altchars=b"-_", validate=True)
    except ValueError:
        return None
    return key_id, sealed


def associated_data(identity: Identity, key: str, field: str) -> bytes:
    """What a ciphertext is bound to: it opens in this field of this user of this client, and nowhere else.

    Args:
        identity: environment and client id of the row.
        key: your key of the user.
        field: which token: "access_token" or "refresh_token".
    """
    return json.dumps(["astra token store", 1, identity.environment, identity.client_id, key, field]).encode()


def key_id(stored: str) -> str | None:
    """The id of the key that a stored token is encrypted with; None when it is plain, Fernet's or damaged.

    Args:
        stored: a token as it is stored.
    """
    parts = unpack(stored)
    return parts[0] if parts else None


def open_plain(grant: Grant) -> Grant:
    """Returns a grant of a store without keys, whose tokens may be sent.

    Args:
        grant: as it is stored.

    Raises:
        ConfigurationError: they are encrypted. Sent as they are they would be refused, and the grant taken for dead.
    """
    if any(kind_of(token) != "plain" for token in (grant.access_token, grant.refresh_token)):
        raise ConfigurationError(
            f"The tokens of {grant.key!r} are encrypted, and the token store was opened without keys. "
            "Set ASTRA_TOKEN_KEYS, or pass token_keys. Nothing was sent."
        )
    return grant
