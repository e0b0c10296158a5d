"""Grants in Redis: for services on many hosts that have one anyway. Give it persistence (AOF), or grants may be lost.

Each grant is a hash; a lease is a key of its own with a time to live, so it goes by the server's clock. Two sorted sets
find what is due and list what is there. Each step that has to be atomic is one Lua script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from astra._secret import hide_text, shown
from astra.storage.redis import Redis, RedisServer
from astra.tokens.grant import Grant
from astra.tokens.stores.base import TOKENS, ClaimQuery, TokenStore

# KEYS: none but the prefix is known before the script runs, and all share one hash tag, so that a cluster takes them.
SAVE = """
local prefix, release, n = ARGV[1], ARGV[2], tonumber(ARGV[3])
local done = {}
for i = 0, n - 1 do
  local at = 4 + i * 10
  local key, replaces = ARGV[at], ARGV[at + 9]
  local hash = prefix .. 'grant:' .. key
  local stored = redis.call('HMGET', hash, 'version', 'astra_user_id')
  if (stored[1] or '') == replaces then
    local user = ARGV[at + 5]
    redis.call('HSET', hash, 'access_token', ARGV[at + 1], 'access_expires_at', ARGV[at + 2],
      'refresh_token', ARGV[at + 3], 'refresh_expires_at', ARGV[at + 4], 'astra_user_id', user,
      'version', ARGV[at + 6], 'state', ARGV[at + 7], 'refreshed_at', ARGV[at + 8])
    redis.call('ZADD', prefix .. 'keys', 0, key)
    if ARGV[at + 7] == 'active' then redis.call('ZADD', prefix .. 'due', ARGV[at + 8], key)
    else redis.call('ZREM', prefix .. 'due', key) end
    if stored[2] and stored[2] ~= '' and stored[2] ~= user then
      redis.call('ZREM', prefix .. 'user:' .. stored[2], key)
    end
    if user ~= '' then redis.call('ZADD', prefix .. 'user:' .. user, ARGV[at + 8], key) end
    done[i + 1] = 1
  else
    done[i + 1] = 0
  end
  if release ~= '' and redis.call('GET', prefix .. 'lease:' .. key) == release then
    redis.call('DEL', prefix .. 'lease:' .. key)
  end
end
return done
"""
DELETE = """
local prefix, key = ARGV[1], ARGV[2]
local user = redis.call('HGET', prefix .. 'grant:' .. key, 'astra_user_id')
if user and user ~= '' then redis.call('ZREM', prefix .. 'user:' .. user, key) end
redis.call('ZREM', prefix .. 'due', key)
redis.call('ZREM', prefix .. 'keys', key)
redis.call('DEL', prefix .. 'lease:' .. key)
return redis.call('DEL', prefix .. 'grant:' .. key)
"""
ACQUIRE = """
local prefix, key, owner, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', prefix .. 'grant:' .. key) == 0 then return 0 end
local holder = redis.call('GET', prefix .. 'lease:' .. key)
if holder and holder ~= owner then return 0 end
redis.call('SET', prefix .. 'lease:' .. key, owner, 'PX', ttl)
return 1
"""
RELEASE = """
local lease = ARGV[1] .. 'lease:' .. ARGV[2]
if redis.call('GET', lease) == ARGV[3] then redis.call('DEL', lease) end
return 1
"""
CLAIM = """
local prefix, before, attempted_before, now = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local limit, owner, ttl, n = tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8])
local claimed, offset = {}, 0
while #claimed < limit do
  local batch
  if n >= 0 then
    batch = {}
    for i = 1, n do
      local score = redis.call('ZSCORE', prefix .. 'due', ARGV[8 + i])
      if score and tonumber(score) < tonumber(before) then batch[#batch + 1] = ARGV[8 + i] end
    end
  else
    batch = redis.call('ZRANGEBYSCORE', prefix .. 'due', '-inf', '(' .. before, 'LIMIT', offset, 256)
    offset = offset + #batch
  end
  for _, key in ipairs(batch) do
    if #claimed >= limit then break end
    if redis.call('EXISTS', prefix .. 'lease:' .. key) == 0 then
      local attempted = redis.call('HGET', prefix .. 'grant:' .. key, 'attempted_at')
      if tonumber(attempted or '0') < attempted_before then
        redis.call('SET', prefix .. 'lease:' .. key, owner, 'PX', ttl)
        redis.call('HSET', prefix .. 'grant:' .. key, 'attempted_at', now)
        claimed[#claimed + 1] = key
      end
    end
  end
  if n >= 0 or #batch < 256 then break end
end
local grants = {}
for i, key in ipairs(claimed) do
  grants[i] = redis.call('HMGET', prefix .. 'grant:' .. key, 'access_token', 'access_expires_at', 'refresh_token',
    'refresh_expires_at', 'astra_user_id', 'version', 'state', 'refreshed_at')
  table.insert(grants[i], 1, key)
end
return grants
"""
FIELDS = (
    "access_token",
    "access_expires_at",
    "refresh_token",
    "refresh_expires_at",
    "astra_user_id",
    "version",
    "state",
    "refreshed_at",
)


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
        self._scripts = {
            name: self._server.script(text)
            for name, text in {
                "save": SAVE,
                "delete": DELETE,
                "acquire": ACQUIRE,
                "release": RELEASE,
                "claim": CLAIM,
            }.items()
        }

    @shown
    def __repr__(self) -> str:
        return f"RedisStore(prefix={self._prefix!r})"

    def _run(self, name: str, *arguments: str | float) -> Any:
        with self._server.commands():
            return self._scripts[name](args=[self._prefix, *arguments])

    def load(self, key: str) -> Grant | None:
        """See `TokenStore.load`."""
        with self._server.commands() as redis:
            values = redis.hmget(f"{self._prefix}grant:{key}", FIELDS)
        return _grant(key, values) if values[FIELDS.index("version")] else None

    def save_many(self, saves: Sequence[tuple[Grant, int | None]], *, release: str | None = None) -> list[bool]:
        """See `TokenStore.save_many`."""
        arguments: list[str | int] = []
        for grant, replaces in saves:
            arguments += [grant.key, *_values(grant), "" if replaces is None else replaces]
        return [bool(done) for done in self._run("save", release or "", len(saves), *arguments)]

    def delete(self, key: str) -> bool:
        """See `TokenStore.delete`."""
        return bool(self._run("delete", key))

    def find(self, astra_user_id: str) -> str | None:
        """See `TokenStore.find`."""
        with self._server.commands() as redis:
            newest: list[str] = redis.zrevrange(f"{self._prefix}user:{astra_user_id}", 0, 0)
        return newest[0] if newest else None

    def acquire_lease(self, key: str, *, owner: str, ttl: float) -> bool:
        """See `TokenStore.acquire_lease`."""
        return bool(self._run("acquire", key, owner, max(1, int(ttl * 1000))))

    def release_lease(self, key: str, *, owner: str) -> None:
        """See `TokenStore.release_lease`."""
        self._run("release", key, owner)

    def claim_due(self, query: ClaimQuery) -> list[Grant]:
        """See `TokenStore.claim_due`."""
        bounds = (repr(query.refreshed_before), repr(query.attempted_before), repr(query.now), query.limit)
        lease = (query.owner, max(1, int(query.ttl * 1000)))
        keys = query.keys or ()
        rows = self._run("claim", *bounds, *lease, -1 if query.keys is None else len(keys), *keys)
        return [_grant(row[0], row[1:]) for row in rows]

    def scan(self, *, after: str = "", limit: int = 500, refreshed_before: float | None = None) -> list[Grant]:
        """See `TokenStore.scan`."""
        found: list[Grant] = []
        while len(found) < limit:
            start = f"({after}" if after else "-"
            with self._server.commands() as redis, redis.pipeline(transaction=False) as pipe:
                keys: list[str] = redis.zrangebylex(f"{self._prefix}keys", start, "+", 0, limit)
                for key in keys:
                    pipe.hmget(f"{self._prefix}grant:{key}", FIELDS)
                rows: list[Any] = pipe.execute()
            for key, values in zip(keys, rows, strict=True):
                grant = _grant(key, values) if values[FIELDS.index("version")] else None
                if grant is not None and _is_wanted(grant, refreshed_before):
                    found.append(grant)
            if len(keys) < limit:
                break
            after = keys[-1]
        return found[:limit]

    def count_due(self, *, refreshed_before: float) -> int:
        """See `TokenStore.count_due`."""
        with self._server.commands() as redis:
            return int(redis.zcount(f"{self._prefix}due", "-inf", f"({refreshed_before!r}"))

    def close(self) -> None:
        """Closes the connections of a client that was made here."""
        self._server.close()


def _is_wanted(grant: Grant, refreshed_before: float | None) -> bool:
    return refreshed_before is None or (grant.state == "active" and grant.refreshed_at < refreshed_before)


def _grant(key: str, values: Sequence[str]) -> Grant:
    access, access_until, refresh, refresh_until, user_id, version, state, refreshed_at = values
    return Grant(
        key=key,
        access_token=access,
        access_expires_at=float(access_until),
        refresh_token=refresh,
        refresh_expires_at=float(refresh_until),
        astra_user_id=user_id or None,
        version=int(version),
        state=cast("Any", state),
        refreshed_at=float(refreshed_at),
    )


def _values(grant: Grant) -> tuple[str | int, ...]:
    return (
        grant.access_token,
        repr(grant.access_expires_at),
        grant.refresh_token,
        repr(grant.refresh_expires_at),
        grant.astra_user_id or "",
        grant.version,
        grant.state,
        repr(grant.refreshed_at),
    )
