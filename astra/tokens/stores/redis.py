"""Grants in Redis: for services on many hosts that have one anyway. Give it persistence (AOF), or grants may be lost.

Each grant is a hash; a lease is a key of its own with a time to live, so it goes by the server's clock. Sorted sets
find what is due, what failed and waits, and list what is there. Each identity has keys of its own; those of release
0.1.0, which are nobody's, stay as they were.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from astra._secret import hide_text, shown
from astra.errors import ConfigurationError
from astra.storage.redis import Redis, RedisServer
from astra.tokens.grant import Grant
from astra.tokens.identity import UNBOUND, Identity
from astra.tokens.stores.base import (
    FAR_AHEAD,
    LEASE_SLACK,
    TOKENS,
    Batch,
    ClaimQuery,
    TokenStore,
    make_probe,
    trusted,
)
from astra.tokens.stores.redis_scripts import SCRIPTS
from astra.tokens.stores.rows import FIELDS, read_row, read_rows, values_of

SCHEMA: Final = 2
VERSION: Final = FIELDS.index("version")
DEFAULTS: Final[Mapping[str, object]] = {"generation": 0, "failures": 0, "next_attempt_at": 0.0}
"""What a grant of release 0.1.0 has no field for."""

INTEGERS: Final = frozenset({"version", "generation", "failures"})
FLOATS: Final = frozenset({"access_expires_at", "refresh_expires_at", "refreshed_at", "next_attempt_at", "dead_since"})
OPTIONAL: Final = frozenset({"astra_user_id", "dead_since", "dead_reason"})


class RedisStore(TokenStore):
    """Keeps grants in Redis.

    Args:
        client: a URL (`redis://`, `rediss://`, `unix://`), or a client of yours made with `decode_responses=True`,
            which then stays yours to close.
        prefix: what all keys begin with; the braces keep them in one slot of a cluster.

    Raises:
        ConfigurationError: the URL cannot be read, or the client gives bytes.

    Example:
        astra = Astra(..., token_store=RedisStore("redis://cache:6379/0"))     # or token_store="redis://cache:6379/0"
    """

    def __init__(self, client: str | Redis, *, prefix: str = "{astra}:") -> None:
        client = hide_text(client)
        self._server = RedisServer(client, family=TOKENS)
        self._prefix = prefix
        self._checked = False
        self._scripts = {name: self._server.script(text) for name, text in SCRIPTS.items()}

    @shown
    def __repr__(self) -> str:
        return f"RedisStore(prefix={self._prefix!r})"

    def _of(self, identity: Identity) -> str:
        """What the keys of an identity begin with. No key of release 0.1.0 has the sign after the prefix."""
        if identity == UNBOUND:
            return self._prefix
        return f"{self._prefix}@{quote(identity.environment, safe='')}/{quote(identity.client_id, safe='')}:"

    def _check(self) -> None:
        """Looks at the schema before anything else is read or written."""
        if self._checked:
            return
        with self._server.commands() as redis:
            found = redis.get(f"{self._prefix}schema")
        if found is not None and not (found.isdecimal() and int(found) <= SCHEMA):
            raise ConfigurationError(
                f"This Redis was written by a newer release of this package: its {TOKENS.name} has schema {found}, "
                f"this release knows {SCHEMA}. Upgrade astra-finance here."
            )
        self._checked = True

    def _run(self, name: str, identity: Identity, *arguments: str | float) -> Any:
        self._check()
        with self._server.commands():
            return self._scripts[name](args=[self._of(identity), *arguments])

    def load(self, identity: Identity, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        self._check()
        with self._server.commands() as redis:
            values = redis.hmget(f"{self._of(identity)}grant:{key}", FIELDS)
        return None if values[VERSION] is None else read_row(identity, key, _parse(values))

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        if not saves:
            return []
        identity = saves[0][0].identity
        arguments: list[str | int] = []
        for grant, replaces in saves:
            arguments += [grant.key, "" if replaces is None else replaces, *_write(grant)]
        whose = (self._prefix, _name(identity))
        return [bool(done) for done in self._run("save", identity, *whose, release or "", len(saves), *arguments)]

    def adopt(self, grant: Grant, *, replaces: int) -> bool:
        """See `TokenStore.adopt`."""
        whose = (self._prefix, _name(grant.identity))
        return bool(self._run("adopt", grant.identity, *whose, grant.key, replaces, *_write(grant)))

    def delete(self, identity: Identity, key: str) -> bool:
        """See `TokenStore.delete`."""
        return bool(self._run("delete", identity, key))

    def find_keys(self, identity: Identity, astra_user_id: str, *, active: bool = False) -> list[str]:
        """See `TokenStore.find_keys`."""
        self._check()
        prefix = self._of(identity)
        with self._server.commands() as redis:
            keys: list[str] = redis.zrevrange(f"{prefix}user:{astra_user_id}", 0, -1)
            if not active or not keys:
                return keys
            with redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hget(f"{prefix}grant:{key}", "state")
                states: list[Any] = pipe.execute()
        return [key for key, state in zip(keys, states, strict=True) if state == "active"]

    def acquire_lease(self, identity: Identity, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        return bool(self._run("acquire", identity, key, owner, *_milliseconds(ttl)))

    def release_lease(self, identity: Identity, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        self._run("release", identity, key, owner)

    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        """See `TokenStore.claim_due`."""
        bounds = (repr(query.refreshed_before), repr(query.attempted_before), repr(query.now), query.limit)
        lease = (query.owner, *_milliseconds(query.ttl), repr(query.too_late))
        keys = query.keys or ()
        rows = self._run("claim", identity, *bounds, *lease, -1 if query.keys is None else len(keys), *keys)
        return read_rows(identity, ((row[0], *_parse(row[1:])) for row in rows))

    def postpone(self, identity: Identity, key: str, *, failures: int, until: float, owner: str | None = None) -> bool:
        """See `TokenStore.postpone`."""
        return bool(self._run("postpone", identity, key, failures, repr(until), owner or ""))

    def scan(
        self,
        identity: Identity,
        *,
        after: str | None = None,
        limit: int = 500,
        refreshed_before: float | None = None,
        now: float | None = None,
        state: str | None = None,
    ) -> Batch:
        """See `TokenStore.scan`."""
        self._check()
        prefix, start = self._of(identity), "-" if after is None else f"({after}"
        with self._server.commands() as redis, redis.pipeline(transaction=False) as pipe:
            keys: list[str] = redis.zrangebylex(f"{prefix}keys", start, "+", 0, limit)
            for key in keys:
                pipe.hmget(f"{prefix}grant:{key}", FIELDS)
            rows: list[Any] = pipe.execute()
        found = read_rows(
            identity, ((key, *_parse(row)) for key, row in zip(keys, rows, strict=True) if row[VERSION] is not None)
        )
        grants = [grant for grant in found.grants if _is_wanted(grant, refreshed_before, now, state)]
        return Batch(grants=grants, unreadable=found.unreadable, after=keys[-1] if len(keys) >= limit else None)

    def count_due(self, identity: Identity, *, refreshed_before: float, now: float | None = None) -> int:
        """See `TokenStore.count_due`."""
        upto = ("+inf", "+inf") if now is None else (repr(now), repr(now + FAR_AHEAD))
        return int(self._run("count", identity, repr(refreshed_before), *upto))

    def identities(self) -> Mapping[Identity, int]:
        """See `TokenStore.identities`."""
        self._check()
        with self._server.commands() as redis:
            names: list[str] = sorted(redis.smembers(f"{self._prefix}identities"))
            known = [UNBOUND, *(Identity(*json.loads(name)) for name in names)]
            counts = {identity: int(redis.zcard(f"{self._of(identity)}keys")) for identity in known}
        return {identity: count for identity, count in counts.items() if count}

    def check_writable(self, identity: Identity) -> None:
        """See `TokenStore.check_writable`."""
        self._check()
        probe, prefix = make_probe(identity), self._of(identity)
        save = [prefix, self._prefix, _name(identity), "", 1, probe.key, "", *_write(probe)]
        with self._server.commands() as redis, redis.pipeline(transaction=True) as pipe:
            self._scripts["save"](args=save, client=pipe)
            self._scripts["delete"](args=[prefix, probe.key], client=pipe)
            pipe.execute()

    def exists(self) -> bool:
        """See `TokenStore.exists`. Redis makes nothing beforehand, so a store is there once it had a grant."""
        self._check()
        with self._server.commands() as redis:
            # Release 0.1.0 wrote no schema.
            return bool(redis.exists(f"{self._prefix}schema", f"{self._prefix}keys"))

    def close(self) -> None:
        """Closes the connections of a client that was made here."""
        self._server.close()


def _milliseconds(ttl: float) -> tuple[int, int]:
    """How long a lease lasts, and how long it may seem to last to somebody who looks."""
    return max(1, int(ttl * 1000)), int((ttl + LEASE_SLACK) * 1000)


def _is_wanted(grant: Grant, refreshed_before: float | None, now: float | None, state: str | None) -> bool:
    if state is not None and grant.state != state:
        return False
    is_active = grant.state == "active"
    return refreshed_before is None or (is_active and trusted(grant.refreshed_at, now=now) < refreshed_before)


def _name(identity: Identity) -> str:
    return "" if identity == UNBOUND else json.dumps([identity.environment, identity.client_id])


def _parse(values: Sequence[str | None]) -> list[object]:
    """Reads the text that Redis keeps; what is no number stays text, and is then no grant's."""
    return [_value(name, text) for name, text in zip(FIELDS, values, strict=True)]


def _value(name: str, text: str | None) -> object:
    if text is None or (text == "" and name in OPTIONAL):
        return DEFAULTS.get(name)
    try:
        return int(text) if name in INTEGERS else float(text) if name in FLOATS else text
    except ValueError:
        return text


def _write(grant: Grant) -> list[str | int]:
    return ["" if value is None else repr(value) if isinstance(value, float) else value for value in values_of(grant)]
