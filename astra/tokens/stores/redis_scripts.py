"""The steps of the Redis store that have to be atomic, in Lua.

Every script gets the prefix of an identity first. No key is known before a script runs, and all share one hash tag, so
that a cluster takes them.
"""

from __future__ import annotations

from typing import Final

from astra.tokens.stores.rows import FIELDS

SIZE: Final = len(FIELDS)

_NAMES: Final = ", ".join(f"'{name}'" for name in FIELDS)
_AT: Final = {name: index + 1 for index, name in enumerate(FIELDS)}
"""Where each field is among a grant's values, for Lua, which counts from 1."""

_PUT: Final = f"""
local names = {{{_NAMES}}}
local function rank(prefix, key, state, next_attempt_at, refreshed_at)
  redis.call('ZREM', prefix .. 'due', key)
  redis.call('ZREM', prefix .. 'later', key)
  if state ~= 'active' then return end
  if tonumber(next_attempt_at) > 0 then redis.call('ZADD', prefix .. 'later', next_attempt_at, key)
  else redis.call('ZADD', prefix .. 'due', refreshed_at, key) end
end
local function forget_user(prefix, key, user)
  if user and user ~= '' then redis.call('ZREM', prefix .. 'user:' .. user, key) end
end
local function put(base, prefix, identity, key, values)
  local hash = prefix .. 'grant:' .. key
  forget_user(prefix, key, redis.call('HGET', hash, 'astra_user_id'))
  for i, name in ipairs(names) do redis.call('HSET', hash, name, values[i]) end
  redis.call('SET', base .. 'schema', '2', 'NX')
  if identity ~= '' then redis.call('SADD', base .. 'identities', identity) end
  redis.call('ZADD', prefix .. 'keys', 0, key)
  rank(prefix, key, values[{_AT["state"]}], values[{_AT["next_attempt_at"]}], values[{_AT["refreshed_at"]}])
  local user = values[{_AT["astra_user_id"]}]
  if user ~= '' then redis.call('ZADD', prefix .. 'user:' .. user, values[{_AT["refreshed_at"]}], key) end
end
local function remove(prefix, key)
  forget_user(prefix, key, redis.call('HGET', prefix .. 'grant:' .. key, 'astra_user_id'))
  redis.call('ZREM', prefix .. 'due', key)
  redis.call('ZREM', prefix .. 'later', key)
  redis.call('ZREM', prefix .. 'keys', key)
  redis.call('DEL', prefix .. 'lease:' .. key)
  return redis.call('DEL', prefix .. 'grant:' .. key)
end
local function release(prefix, key, owner)
  if owner ~= '' and redis.call('GET', prefix .. 'lease:' .. key) == owner then
    redis.call('DEL', prefix .. 'lease:' .. key)
  end
end
"""

SAVE: Final = (
    _PUT
    + f"""
local prefix, base, identity, owner, n = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local done = {{}}
for i = 0, n - 1 do
  local at = 6 + i * {SIZE + 2}
  local key, replaces, values = ARGV[at], ARGV[at + 1], {{}}
  for j = 1, {SIZE} do values[j] = ARGV[at + 1 + j] end
  local stored = redis.call('HGET', prefix .. 'grant:' .. key, 'version')
  done[i + 1] = 0
  if (stored or '') == replaces then
    put(base, prefix, identity, key, values)
    done[i + 1] = 1
  end
  release(prefix, key, owner)
end
return done
"""
)

ADOPT: Final = (
    _PUT
    + f"""
local prefix, base, identity, key, replaces = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local values = {{}}
for j = 1, {SIZE} do values[j] = ARGV[5 + j] end
if redis.call('HGET', base .. 'grant:' .. key, 'version') ~= replaces then return 0 end
if redis.call('EXISTS', prefix .. 'grant:' .. key) == 1 then return 0 end
local attempted = redis.call('HGET', base .. 'grant:' .. key, 'attempted_at')
if redis.call('EXISTS', base .. 'lease:' .. key) == 1 then
  redis.call('RENAME', base .. 'lease:' .. key, prefix .. 'lease:' .. key)
end
remove(base, key)
put(base, prefix, identity, key, values)
if attempted then redis.call('HSET', prefix .. 'grant:' .. key, 'attempted_at', attempted) end
return 1
"""
)

DELETE: Final = _PUT + "return remove(ARGV[1], ARGV[2])"

ACQUIRE: Final = """
local prefix, key, owner, ttl, longest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local lease = prefix .. 'lease:' .. key
if redis.call('EXISTS', prefix .. 'grant:' .. key) == 0 then return 0 end
local holder = redis.call('GET', lease)
if holder and holder ~= owner and redis.call('PTTL', lease) <= longest then return 0 end
redis.call('SET', lease, owner, 'PX', ttl)
return 1
"""

RELEASE: Final = _PUT + "release(ARGV[1], ARGV[2], ARGV[3]) return 1"

POSTPONE: Final = (
    _PUT
    + """
local prefix, key, failures, next_attempt_at, owner = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local hash = prefix .. 'grant:' .. key
release(prefix, key, owner)
if redis.call('EXISTS', hash) == 0 then return 0 end
redis.call('HSET', hash, 'failures', failures, 'next_attempt_at', next_attempt_at)
local stored = redis.call('HMGET', hash, 'state', 'refreshed_at')
rank(prefix, key, stored[1], next_attempt_at, stored[2])
return 1
"""
)

CLAIM: Final = f"""
local prefix, before, attempted_before, now = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local limit, owner, ttl, longest = tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8])
local too_late, n = tonumber(ARGV[9]), tonumber(ARGV[10])
local claimed = {{}}
local function is_before(text, limit)
  local time = tonumber(text or '0') or 0
  return time < limit or time > too_late
end
local function take(key)
  local lease, hash = prefix .. 'lease:' .. key, prefix .. 'grant:' .. key
  if redis.call('EXISTS', lease) == 1 and redis.call('PTTL', lease) <= longest then return end
  local stored = redis.call('HMGET', hash, 'attempted_at', 'refreshed_at')
  if not is_before(stored[1], attempted_before) or not is_before(stored[2], before) then return end
  redis.call('SET', lease, owner, 'PX', ttl)
  redis.call('HSET', hash, 'attempted_at', now)
  claimed[#claimed + 1] = key
end
local function within(score, from, upto)
  if score == nil then return false end
  if from ~= '-inf' then return score > too_late end
  if upto == now then return score <= tonumber(now) end
  return score < before
end
local looks = {{
  {{'due', '-inf', '(' .. ARGV[2]}}, {{'later', '-inf', now}},
  {{'due', '(' .. ARGV[9], '+inf'}}, {{'later', '(' .. ARGV[9], '+inf'}},
}}
for _, look in ipairs(looks) do
  local index, from, upto = look[1], look[2], look[3]
  if n >= 0 then
    local found = {{}}
    for i = 1, n do
      local score = tonumber(redis.call('ZSCORE', prefix .. index, ARGV[10 + i]) or '')
      if within(score, from, upto) then found[#found + 1] = {{score, ARGV[10 + i]}} end
    end
    table.sort(found, function(a, b) return a[1] < b[1] end)
    for _, pair in ipairs(found) do
      if #claimed < limit then take(pair[2]) end
    end
  else
    local offset = 0
    while #claimed < limit do
      local batch = redis.call('ZRANGEBYSCORE', prefix .. index, from, upto, 'LIMIT', offset, 256)
      offset = offset + #batch
      for _, key in ipairs(batch) do
        if #claimed < limit then take(key) end
      end
      if #batch < 256 then break end
    end
  end
end
local grants = {{}}
for i, key in ipairs(claimed) do
  grants[i] = redis.call('HMGET', prefix .. 'grant:' .. key, {_NAMES})
  table.insert(grants[i], 1, key)
end
return grants
"""

COUNT: Final = """
local prefix, before, upto, too_late = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local count = redis.call('ZCOUNT', prefix .. 'due', '-inf', '(' .. before)
  + redis.call('ZCOUNT', prefix .. 'due', '(' .. too_late, '+inf')
local function add(from, to)
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'later', from, to)) do
    local refreshed_at = tonumber(redis.call('HGET', prefix .. 'grant:' .. key, 'refreshed_at') or '') or 0
    if refreshed_at < tonumber(before) or refreshed_at > (tonumber(too_late) or math.huge) then count = count + 1 end
  end
end
add('-inf', upto)
if upto ~= '+inf' then add('(' .. too_late, '+inf') end
return count
"""

SCRIPTS: Final = {
    "save": SAVE,
    "adopt": ADOPT,
    "delete": DELETE,
    "acquire": ACQUIRE,
    "release": RELEASE,
    "postpone": POSTPONE,
    "claim": CLAIM,
    "count": COUNT,
}
