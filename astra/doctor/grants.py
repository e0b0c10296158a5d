"""What the rows of a token store tell: do the keys fit, whose are they, is anybody there twice? Decisions only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from astra.doctor.addresses import shown_id
from astra.doctor.findings import Finding, Kind, Opening, Status, Tally
from astra.tokens.identity import UNBOUND, Identity

KEYS: Final = "token_store.keys"
IDENTITIES: Final = "token_store.identities"
PEOPLE: Final = "token_store.people"
NAMES: Final = 5
"""At most so many names in one line."""


def add_row(
    tally: Tally,
    key: str,
    *,
    kind: Kind,
    key_id: str | None,
    opening: Opening,
    astra_user_id: str | None,
    is_active: bool,
) -> None:
    """Counts a row.

    Args:
        tally: what was counted so far.
        key: your key of the user.
        kind: what its tokens are.
        key_id: id of the key that they are encrypted with, if they say so.
        opening: what came of opening it with the keys.
        astra_user_id: whose it is.
        is_active: whether it is alive: dead grants end nobody's token.
    """
    tally.rows += 1
    if key_id is not None:
        tally.by_key[key_id] += 1
    tally.fernet += kind == "fernet"
    tally.plain += kind == "plain"
    tally.no_key += opening == "no_key"
    if opening == "damaged":
        tally.damaged.append(key)
    if astra_user_id and is_active:
        first = tally.seen.setdefault(astra_user_id, key)
        if first != key:
            tally.twice.setdefault(astra_user_id, [first]).append(key)


def judge_keys(tally: Tally, *, key_ids: Sequence[str], accepts_plain: bool, is_production: bool) -> Finding:
    """Judges whether the keys that are configured fit the rows.

    Args:
        tally: what was counted.
        key_ids: ids of the configured keys, the current one first.
        accepts_plain: whether "plain" stands after them.
        is_production: whether real people's tokens are kept.
    """
    status, message, advice = _fit(tally, key_ids, accepts_plain, is_production)
    details = {
        "rows": tally.rows,
        "by_key": {**tally.by_key},
        "fernet": tally.fernet,
        "plain": tally.plain,
        "no_key": tally.no_key,
        "damaged": len(tally.damaged),
        "configured_keys": list(key_ids),
        "complete": tally.is_complete,
    }
    if not tally.is_complete:
        message = f"of the first {tally.rows} grants (there was no time for more): {message}"
    return Finding(check=KEYS, status=status, message=message, advice=advice, details=details)


def _fit(tally: Tally, key_ids: Sequence[str], accepts_plain: bool, is_production: bool) -> tuple[Status, str, str]:
    counted = _counts(tally)
    encrypted = tally.rows - tally.plain - len(tally.damaged)
    if not key_ids and encrypted:
        return "fail", f"{counted}, and ASTRA_TOKEN_KEYS is not set", "Set ASTRA_TOKEN_KEYS as the writers have it."
    if tally.no_key:
        missing = [one for one in tally.by_key if one not in key_ids]
        named = f" (missing: {', '.join(sorted(missing))})" if missing else ""
        if tally.no_key == tally.plain and not accepts_plain:
            return (
                "fail",
                f"{counted}: what is not encrypted is refused where there are keys",
                'Set ASTRA_TOKEN_KEYS=KEY,plain, run "astra tokens rotate-keys", and take "plain" away again.',
            )
        return (
            "fail",
            f"{tally.no_key} of {tally.rows} grants are opened by none of the keys{named}: {counted}",
            "Add the former keys to ASTRA_TOKEN_KEYS, after the current one.",
        )
    if tally.damaged:
        return (
            "fail",
            f"{len(tally.damaged)} of {tally.rows} rows are damaged, or come from another row: {_names(tally.damaged)}",
            "Restore them from a backup, or have these people authorize again.",
        )
    if not key_ids:
        if not is_production:
            return "ok", f"not encrypted: {counted}", ""
        return "warn", f"not encrypted: {counted}", 'Encrypt them: see "Encrypt them" in the guide on token stores.'
    if tally.plain or tally.fernet or any(one != key_ids[0] for one in tally.by_key):
        return (
            "warn",
            f"all open, but not all are under the first key: {counted}",
            'Run "astra tokens rotate-keys" when every program has the new key.',
        )
    if accepts_plain:
        return (
            "warn",
            f'"plain" stands in ASTRA_TOKEN_KEYS, and nothing needs it: {counted}',
            'Take "plain" away: with it, whoever can write to the store can put in tokens of their own.',
        )
    return "ok", f"encrypted: {counted}", ""


def _counts(tally: Tally) -> str:
    parts = [f"{count} under key {name}" for name, count in sorted(tally.by_key.items())]
    if tally.fernet:
        parts.append(f"{tally.fernet} in the format of release 0.1.0 (Fernet)")
    if tally.plain:
        parts.append(f"{tally.plain} not encrypted")
    if tally.damaged:
        parts.append(f"{len(tally.damaged)} damaged")
    return ", ".join(parts) or "no grants yet"


def judge_identities(counts: Mapping[Identity, int], *, mine: Identity) -> Finding:
    """Judges whose grants are in the store.

    Args:
        counts: every identity with grants, and how many.
        mine: that of the client.
    """
    own, nobodys = counts.get(mine, 0), counts.get(UNBOUND, 0)
    others = {one: count for one, count in counts.items() if one not in (mine, UNBOUND)}
    details = {
        "own": own,
        "nobody": nobodys,
        "others": [
            {"environment": one.environment, "client_id": shown_id(one.client_id), "grants": count}
            for one, count in others.items()
        ],
    }
    told = [f"{own} of this client"]
    if nobodys:
        told.append(f"{nobodys} of release 0.1.0, which every client sees")
    most = sorted(others.items(), key=lambda item: -item[1])
    told += [f"{count} of {shown_identity(one)}" for one, count in most[:NAMES]]
    if len(most) > NAMES:
        told.append(f"{len(most) - NAMES} more clients")
    message = "grants: " + ", ".join(told)
    if others and not own and not nobodys:
        return Finding(
            check=IDENTITIES,
            status="warn",
            message=f"this client sees none of the grants. {message}",
            advice="Compare ASTRA_CLIENT_ID, ASTRA_ENVIRONMENT and ASTRA_BASE_URL with what the writers have.",
            details=details,
        )
    return Finding(check=IDENTITIES, status="ok", message=message, details=details)


def judge_people(tally: Tally) -> Finding:
    """Judges whether one person is there under several user keys.

    Args:
        tally: what was counted.
    """
    details = {"people": len(tally.twice), "examples": {user: keys for user, keys in list(tally.twice.items())[:NAMES]}}
    if not tally.twice:
        return Finding(check=PEOPLE, status="ok", message="nobody has several user keys", details=details)
    named = [" = ".join(keys) for keys in tally.twice.values()]
    return Finding(
        check=PEOPLE,
        status="warn",
        message=f"people with several user keys: {len(tally.twice)} ({_names(named)})",
        advice="They share one grant. Decide which key is right, and forget the other: astra tokens forget KEY.",
        details=details,
    )


def shown_identity(identity: Identity) -> str:
    """Returns an identity for people.

    Args:
        identity: whose.
    """
    return f"{identity.environment}, client {shown_id(identity.client_id)}"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
    return ", ".join(names[:NAMES]) + more
