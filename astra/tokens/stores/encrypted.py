"""Tokens encrypted at rest, in whatever store, with keys that can be rotated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import attrs

from astra._secret import shown
from astra.errors import ConfigurationError
from astra.tokens.grant import Grant
from astra.tokens.policy import is_encrypted
from astra.tokens.stores.base import ClaimQuery, TokenStore

try:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
except ImportError as error:  # pragma: no cover - the test environment has every extra
    raise ConfigurationError("Encrypted token stores need cryptography: pip install 'astra-finance[crypto]'") from error


logger = logging.getLogger("astra.tokens")


class EncryptedStore(TokenStore):
    """Encrypts access and refresh tokens before another store keeps them (Fernet: AES-128-CBC with HMAC-SHA256).

    Keys, versions and times stay readable; they are what the store searches by.

    To rotate: put the new key first and deploy that everywhere; call `rotate()` once; then drop the old key.

    Args:
        store: the store that keeps the grants.
        keys: Fernet keys, url-safe base64 of 32 bytes each. The first one encrypts, all of them decrypt.
        accept_plain: also read tokens that are not encrypted yet, while a store is moved to encryption; `rotate()` then
            encrypts them.

    Raises:
        ConfigurationError: no key, or one that is not a Fernet key.

    Example:
        key = Fernet.generate_key().decode()
        astra = Astra(..., token_store=EncryptedStore(open_store("sqlite:///tokens.db"), keys=[key]))
    """

    def __init__(self, store: TokenStore, *, keys: Sequence[str], accept_plain: bool = False) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except (ValueError, TypeError):
            fernets = []
        if not fernets:
            raise ConfigurationError("Encryption needs Fernet keys: url-safe base64 of 32 bytes each.")
        self.store = store
        self.blocking = store.blocking  # type: ignore[misc]  # that of what it wraps
        self._fernet = MultiFernet(fernets)
        self._accept_plain = accept_plain

    @shown
    def __repr__(self) -> str:
        return f"EncryptedStore({self.store!r})"

    def _seal(self, grant: Grant) -> Grant:
        return attrs.evolve(
            grant,
            access_token=self._fernet.encrypt(grant.access_token.encode()).decode(),
            refresh_token=self._fernet.encrypt(grant.refresh_token.encode()).decode(),
        )

    def _is_plain(self, token: str) -> bool:
        return self._accept_plain and not is_encrypted(token)

    def _decrypt(self, token: str) -> str:
        return token if self._is_plain(token) else self._fernet.decrypt(token.encode()).decode()

    def _encrypt_again(self, token: str) -> str:
        if self._is_plain(token):
            return self._fernet.encrypt(token.encode()).decode()
        return self._fernet.rotate(token.encode()).decode()

    def _unseal(self, sealed: Grant) -> Grant:
        return self._each(sealed, self._decrypt)

    def _each(self, sealed: Grant, change: Callable[[str], str]) -> Grant:
        try:
            return attrs.evolve(
                sealed, access_token=change(sealed.access_token), refresh_token=change(sealed.refresh_token)
            )
        except InvalidToken:
            pass
        raise ConfigurationError(
            f"The tokens of {sealed.key!r} were not encrypted with any of the keys given; is an older key missing?"
        )

    def rotate(self, *, batch: int = 500) -> int:
        """Encrypts every grant anew with the first key. Safe while others work; can be repeated.

        Args:
            batch: grants per transaction.

        Returns:
            How many grants were encrypted anew.
        """
        count, after = 0, ""
        while found := self.store.scan(after=after, limit=batch):
            count += sum(self.store.save_many([(self._rotated(grant), grant.version) for grant in found]))
            after = found[-1].key
            # A grant that was saved meanwhile has been encrypted with the first key by whoever saved it.
        return count

    def _rotated(self, sealed: Grant) -> Grant:
        return attrs.evolve(self._each(sealed, self._encrypt_again), version=sealed.version + 1)

    def load(self, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        sealed = self.store.load(key)
        return self._unseal(sealed) if sealed else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        return self.store.save_many([(self._seal(grant), replaces) for grant, replaces in saves], release=release)

    def delete(self, key: str) -> bool:
        """See `TokenStore.delete`."""
        return self.store.delete(key)

    def find(self, astra_user_id: str) -> str | None:
        """See `TokenStore.find`."""
        return self.store.find(astra_user_id)

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        return self.store.acquire_lease(key, owner=owner, ttl=ttl)

    def release_lease(self, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        self.store.release_lease(key, owner=owner)

    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """See `TokenStore.claim_due`."""
        found: list[Grant] = []
        for grant in self.store.claim_due(query):
            try:
                found.append(self._unseal(grant))
            except ConfigurationError as error:
                # One grant under a lost key must not keep all others from being refreshed.
                logger.error("%s", error)
        return found

    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """See `TokenStore.scan`. Tokens stay encrypted: lists need none, and one lost key must not hide the rest."""
        return self.store.scan(after=after, limit=limit, refreshed_before=refreshed_before)

    def count_due(self, *, refreshed_before: float) -> int:
        """See `TokenStore.count_due`."""
        return self.store.count_due(refreshed_before=refreshed_before)

    def close(self) -> None:
        """Closes the store that keeps the grants."""
        self.store.close()
