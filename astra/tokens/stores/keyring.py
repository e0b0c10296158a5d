"""Encryption of tokens: AES-256-GCM under keys that can be rotated, bound to the row and the field."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from typing import Final

import attrs

from astra._secret import Secret, hide_all, shown
from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens import envelope
from astra.tokens.grant import Grant

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError as error:  # pragma: no cover - the test environment has every extra
    raise ConfigurationError("Encrypted token stores need cryptography: pip install 'astra-finance[crypto]'") from error

PLAIN: Final = "plain"
"""Stands after the keys while a store is moved to encryption: rows that are not encrypted yet are read, too."""

NONCE: Final = 12


class Keyring:
    """Keys of one store. The first one encrypts, all of them decrypt.

    A key is 32 random bytes in url-safe base64, as `Fernet.generate_key()` makes them and release 0.1.0 used them. What
    encrypts is derived from it (HKDF-SHA256), and so is the id by which an envelope names its key. What release 0.1.0
    encrypted (Fernet) is read.

    Args:
        keys: the keys; after them, possibly the word "plain".

    Raises:
        ConfigurationError: no key, or something that is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.ids: tuple[str, ...] = ()
        keys = given = hide_all(keys)
        self.accepts_plain = given[-1:] == [PLAIN]
        materials = [_material(key) for key in (given[:-1] if self.accepts_plain else given)]
        if not materials:
            raise ConfigurationError(
                'Encryption needs at least one key, url-safe base64 of 32 bytes; "plain" alone is none.'
            )
        self._keys = {_derive(material, b"key id", 4).hex(): _cipher(material) for material in materials}
        self.ids = tuple(self._keys)
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(material)) for material in materials])

    @shown
    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.ids)})"

    def seal(self, grant: Grant) -> Grant:
        """Encrypts the tokens of a grant for the row that its identity and key name.

        Args:
            grant: with plain tokens.
        """
        return attrs.evolve(
            grant,
            access_token=self._seal(grant, "access_token", grant.access_token),
            refresh_token=self._seal(grant, "refresh_token", grant.refresh_token),
        )

    def open(self, grant: Grant) -> Grant:
        """Decrypts the tokens of a stored grant.

        Args:
            grant: as it is stored.

        Raises:
            ConfigurationError: none of the keys is the one, or a token is not encrypted.
            UnreadableGrantError: a token is damaged, or comes from another row, field or environment.
        """
        return attrs.evolve(
            grant,
            access_token=self._open(grant, "access_token", grant.access_token),
            refresh_token=self._open(grant, "refresh_token", grant.refresh_token),
        )

    def wrap(self, text: str, *, bound_to: bytes) -> str:
        """Encrypts a text with the first key; the result is an envelope, and opens with the same `bound_to` only.

        Args:
            text: what to encrypt.
            bound_to: where it belongs.
        """
        nonce = os.urandom(NONCE)
        return envelope.pack(self.ids[0], nonce + self._keys[self.ids[0]].encrypt(nonce, text.encode(), bound_to))

    def unwrap(self, stored: str, *, bound_to: bytes) -> Secret | None:
        """Decrypts what `wrap` made; None when no key fits, or it is damaged, or belongs elsewhere.

        Args:
            stored: an envelope.
            bound_to: where it belongs.
        """
        name, sealed = envelope.unpack(stored) or ("", b"")
        if name not in self._keys:
            return None
        try:
            return Secret(self._keys[name].decrypt(sealed[:NONCE], sealed[NONCE:], bound_to).decode())
        except (InvalidTag, ValueError):
            return None

    def is_current(self, grant: Grant) -> bool:
        """Whether both tokens of a stored grant are under the first key. Nothing is decrypted.

        Args:
            grant: as it is stored.
        """
        return all(envelope.key_id(token) == self.ids[0] for token in (grant.access_token, grant.refresh_token))

    def _seal(self, grant: Grant, field: str, token: str) -> str:
        return self.wrap(token, bound_to=envelope.associated_data(grant.identity, grant.key, field))

    def _open(self, grant: Grant, field: str, stored: str) -> Secret:
        kind = envelope.kind_of(stored)
        if kind == "envelope":
            return self._open_envelope(grant, field, stored)
        if kind == "plain":
            if self.accepts_plain:
                return Secret(stored)
            raise ConfigurationError(
                f"The tokens of {grant.key!r} are not encrypted, and the token store has keys. To move a store to "
                'encryption add "plain" after the keys (ASTRA_TOKEN_KEYS=KEY,plain), run "astra tokens rotate-keys", '
                "and take it away again. Nothing was sent."
            )
        try:
            return Secret(self._fernet.decrypt(stored.encode()).decode())
        except (InvalidToken, ValueError):
            pass
        raise ConfigurationError(
            f"The tokens of {grant.key!r} were not encrypted with any of the keys given ({', '.join(self.ids)}); "
            "is an older key missing? Nothing was sent."
        )

    def _open_envelope(self, grant: Grant, field: str, stored: str) -> Secret:
        parts = envelope.unpack(stored)
        if parts is not None and parts[0] not in self._keys:
            raise ConfigurationError(
                f"The tokens of {grant.key!r} were encrypted with the key {parts[0]}, which is none of those given "
                f"({', '.join(self.ids)}); is an older key missing? Nothing was sent."
            )
        token = self.unwrap(stored, bound_to=envelope.associated_data(grant.identity, grant.key, field))
        if token is not None:
            return token
        raise UnreadableGrantError(
            f"The {field.replace('_', ' ')} of {grant.key!r} ({grant.identity}) does not decrypt: it is damaged, or "
            "was put there from another row. Nothing was sent.",
            user_key=grant.key,
        )


def _material(key: object) -> bytes:
    try:
        material = base64.b64decode(str(key).strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        material = b""
    if not isinstance(key, str) or len(material) != 32:
        material = b""  # this frame may be printed with its locals
        hint = ' The word "plain" may stand after the keys only.' if key == PLAIN else ""
        raise ConfigurationError(
            "An encryption key is url-safe base64 of 32 random bytes, as cryptography's Fernet.generate_key() makes "
            f"them.{hint}"
        )
    return material


def _derive(material: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"astra token store 1 " + purpose).derive(material)


def _cipher(material: bytes) -> AESGCM:
    return AESGCM(_derive(material, b"aes-256-gcm", 32))
