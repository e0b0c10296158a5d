"""From a URL to a token store."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from astra.errors import ConfigurationError
from astra.tokens.stores.base import TokenStore


def open_store(url: str | TokenStore | None, *, keys: Sequence[str] = ()) -> TokenStore:
    """Opens the token store that a URL names. Nothing is read, written or connected to yet.

    Args:
        url: a store object, which is returned as it is; None or `memory://`; `sqlite:///tokens.db` (relative) or
            `sqlite:////var/lib/app/tokens.db` (absolute); `postgresql://user@host/db` or any other SQLAlchemy URL
            (extra `sql`); `redis://host:6379/0`, `rediss://` or `unix://` (extra `redis`).
        keys: Fernet keys to encrypt the tokens with, the current one first (extra `crypto`); none: not encrypted.

    Raises:
        ConfigurationError: an unknown scheme, a URL without what it needs, or a missing extra.

    Example:
        astra = Astra(..., token_store=open_store("sqlite:///tokens.db"))     # the same as token_store="sqlite:///…"
    """
    if keys:
        from astra.tokens.stores.encrypted import EncryptedStore

        return EncryptedStore(open_store(url), keys=keys)
    if isinstance(url, TokenStore):
        return url
    if url is None or url == "memory://":
        from astra.tokens.stores.memory import MemoryStore

        return MemoryStore()
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ConfigurationError(
            "A token store URL looks like sqlite:///tokens.db, postgresql://host/db or redis://host."
        )
    if scheme == "sqlite":
        from astra.tokens.stores.sqlite import SQLiteStore

        path = unquote(urlsplit(f"sqlite://{rest}").path)[1:]
        if not path or path == ":memory:":
            raise ConfigurationError("sqlite:// needs a file, as in sqlite:///tokens.db; use memory:// for none.")
        return SQLiteStore(path)
    if scheme in {"redis", "rediss", "unix"}:
        from astra.tokens.stores.redis import RedisStore

        return RedisStore(url)
    if scheme.partition("+")[0] in {"postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "sqlite"}:
        from astra.tokens.stores.sql import SQLStore

        return SQLStore(url)
    raise ConfigurationError(
        f"Unknown token store scheme {scheme!r}. Known: memory, sqlite, postgresql (and other SQLAlchemy ones), redis."
    )
