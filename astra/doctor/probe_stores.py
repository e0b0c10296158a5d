"""Looks at the stores that are configured. Nothing is made, and nothing old is brought up to date."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from astra._secret import hide_all, hide_text
from astra.doctor.addresses import shown_url
from astra.doctor.findings import Finding, Kept, Kind, Opening, Tally
from astra.doctor.grants import add_row, judge_identities, judge_keys, judge_people
from astra.doctor.places import judge_durability, judge_mode, judge_place, judge_schema
from astra.errors import ConfigurationError, StorageError, UnreadableGrantError
from astra.oauth.states.sqlite import MIGRATIONS as STATES_MIGRATIONS
from astra.oauth.states.store import STATES
from astra.request_log.log import REQUESTS
from astra.request_log.sqlite_select import MIGRATIONS as REQUESTS_MIGRATIONS
from astra.storage.family import Family
from astra.storage.looking import look_at_redis, look_at_sql, look_at_sqlite
from astra.storage.url import StoreURL, read_url
from astra.tokens.envelope import key_id, kind_of
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.stores.base import TOKENS, TokenStore
from astra.tokens.stores.opening import open_store
from astra.tokens.stores.sqlite import MIGRATIONS, SQLiteStore
from astra.webhooks.dedupe.sqlite import MIGRATIONS as DEDUPE_MIGRATIONS
from astra.webhooks.dedupe.store import DEDUPE

if TYPE_CHECKING:
    from astra.tokens.stores.keyring import Keyring

FOR_ROWS: Final = 0.5
"""Share of the time that may go into the rows: the rest is for the other checks of the store."""

FOR_A_LOCK: Final = 0.3
"""Share of the time that is waited for another process that writes into a file."""

BATCH: Final = 500


@attrs.frozen(kw_only=True)
class Store:
    """A family of stores, and the names under which it keeps things.

    Attributes:
        kept: what it keeps.
        family: its URLs and errors.
        schema: name of its version in a SQLite file.
        table: its table in an SQL database.
        redis: key of its version in Redis, or None.
        redis_contents: keys of Redis of which one is there when anything is.
    """

    kept: Kept
    family: Family
    schema: str
    table: str
    redis: str | None = None
    redis_contents: tuple[str, ...] = ()


GRANTS: Final = Store(
    kept=Kept(
        check="token_store", name="token store", variable="ASTRA_TOKEN_STORE", version=len(MIGRATIONS), is_vital=True
    ),
    family=TOKENS,
    schema="tokens_schema",
    table="astra_grants",
    redis="{astra}:schema",
    redis_contents=("{astra}:keys", "{astra}:identities"),
)
LOG: Final = Store(
    kept=Kept(
        check="request_log",
        name="request log",
        variable="ASTRA_REQUEST_LOG",
        version=len(REQUESTS_MIGRATIONS),
        is_vital=False,
    ),
    family=REQUESTS,
    schema="requests_schema",
    table="astra_requests",
)
WEBHOOKS: Final = Store(
    kept=Kept(
        check="webhook_store",
        name="de-duplication store",
        variable="--webhook-store",
        version=len(DEDUPE_MIGRATIONS),
        is_vital=False,
    ),
    family=DEDUPE,
    schema="webhooks_schema",
    table="astra_webhooks",
)
STATE_STORE: Final = Store(
    kept=Kept(
        check="state_store",
        name="store of states",
        variable="--state-store",
        version=len(STATES_MIGRATIONS),
        is_vital=False,
    ),
    family=STATES,
    schema="oauth_states_schema",
    table="astra_oauth_states",
)


def probe_token_store(
    url: str | None, *, keys: Sequence[str], identity: Identity | None, is_production: bool, limit: float
) -> Iterator[Finding]:
    """Looks at the token store.

    Args:
        url: where it is; None when none is configured.
        keys: the configured keys.
        identity: whose grants; None when that is not known: then the rows are not looked at.
        is_production: whether real people's tokens are kept.
        limit: seconds for all of it.
    """
    url, keys = hide_text(url), hide_all(keys)
    give_up = time.monotonic() + limit * FOR_ROWS
    place = None if url is None else read_url(url, family=TOKENS)
    if place is None or place.kind == "memory":
        yield Finding(
            check="token_store.place",
            status="warn",
            message="grants are kept in memory: they are lost when a process ends, and no two processes share them",
            advice="Set ASTRA_TOKEN_STORE, unless your programs name the store themselves.",
            details={"place": "memory://", "exists": True},
        )
        return
    try:
        if not (yield from look(place, GRANTS, limit=limit)):
            return
    except StorageError as error:
        yield unreachable(GRANTS, place, error)
        return
    if identity is None:
        yield Finding(
            check="token_store.read",
            status="warn",
            message="the rows were not looked at: it is not known whose grants to look for",
            advice="Correct the settings of the client first.",
        )
        return
    with _open(place, limit=limit) as store:
        yield from _look_at_rows(store, identity, keyring=_keyring(keys), is_production=is_production, give_up=give_up)
        yield _check_write(store, identity)


def probe_store(url: str, of: Store, *, limit: float) -> Iterator[Finding]:
    """Looks at another store: whether it is there and can be read.

    Args:
        url: where it is.
        of: what is kept there.
        limit: seconds for all of it.
    """
    url = hide_text(url)
    place = read_url(url, family=of.family)
    if place.kind == "memory":
        yield Finding(
            check=f"{of.kept.check}.place",
            status="warn",
            message=f"the {of.kept.name} is in memory: it is lost when a process ends, and no two processes share it",
            advice=f"Name a durable one with {of.kept.variable}.",
            details={"place": "memory://", "exists": True},
        )
        return
    try:
        yield from look(place, of, limit=limit)
    except StorageError as error:
        yield unreachable(of, place, error)


def look(place: StoreURL, of: Store, *, limit: float) -> Generator[Finding, None, bool]:
    """Looks at a place, and returns whether what is kept there can be looked at, too.

    Args:
        place: where it is.
        of: what should be kept there.
        limit: seconds for it.

    Raises:
        StorageError: it cannot be reached or read.
    """
    kept = of.kept
    if place.kind in ("sqlite", "jsonl"):
        with of.family.translating():
            file = Path(place.path).absolute()
            is_there = file.exists()
        yield judge_place(
            kept,
            shown=str(file),
            is_there=is_there,
            is_relative=not Path(place.path).is_absolute(),
            has_folder=file.parent.is_dir(),
        )
        if not is_there:
            return False
        if not file.is_file():
            raise of.family.error(f"{file} is no file, so it cannot hold a {kept.name}.")
        if os.name == "posix":
            yield judge_mode(kept, stat.S_IMODE(file.stat().st_mode), path=str(file))
        if place.kind == "jsonl":
            return True
        found = look_at_sqlite(file, family=of.family, schema=of.schema, patience=limit * FOR_A_LOCK)
    elif place.kind == "redis":
        found = look_at_redis(place.address, family=of.family, schema=of.redis, contents=of.redis_contents)
        yield judge_place(
            kept, shown=shown_url(place.address), is_there=found.is_there, is_relative=False, has_folder=True
        )
        yield judge_durability(kept, found.facts)
    else:
        found = look_at_sql(place.address, family=of.family, table=of.table, patience=limit * FOR_ROWS)
        shown = f"{shown_url(place.address)}, table {of.table}"
        yield judge_place(kept, shown=shown, is_there=found.is_there, is_relative=False, has_folder=True)
    if not found.is_there:
        return False
    if found.version is None or (place.kind == "sql" and of is not GRANTS):
        return True
    schema = judge_schema(kept, found.version)
    yield schema
    return schema.status == "ok"


def unreachable(of: Store, place: StoreURL, error: StorageError) -> Finding:
    """What a store comes to that cannot be reached or read.

    Args:
        of: what should be kept there.
        place: where.
        error: what it raised.
    """
    shown = os.path.abspath(place.path) if os.path.isabs(place.path) else place.path or shown_url(place.address)
    return Finding(
        check=f"{of.kept.check}.reach",
        status="fail",
        message=f"{shown}: {error}",
        advice="Start it, or correct the address, the account and its password."
        if not place.path
        else "Give this account the right to read file and folder, or end what holds it.",
        details={"place": shown, "error": type(error).__name__, "timed_out": error.timed_out},
    )


def _open(place: StoreURL, *, limit: float) -> TokenStore:
    if place.kind == "sqlite":
        return SQLiteStore(Path(place.path).absolute(), busy_timeout=limit * FOR_A_LOCK)
    return open_store(place.address)


def _keyring(keys: Sequence[str]) -> Keyring | None:
    if not keys:
        return None
    from astra.tokens.stores.keyring import Keyring

    return Keyring(keys)


def _look_at_rows(
    store: TokenStore, identity: Identity, *, keyring: Keyring | None, is_production: bool, give_up: float
) -> Iterator[Finding]:
    try:
        identities = store.identities()
        tally = count(store, identity, keyring=keyring, give_up=give_up)
    except StorageError as error:
        yield Finding(
            check="token_store.read",
            status="fail",
            message=f"the rows cannot be read: {error}",
            advice="Give the account of your programs the right to read the table, or find out what holds it.",
            details={"error": type(error).__name__, "timed_out": error.timed_out},
        )
        return
    yield Finding(
        check="token_store.read",
        status="ok",
        message=f"{tally.rows} grants read" + ("" if tally.is_complete else ", there are more"),
        details={"rows": tally.rows, "complete": tally.is_complete},
    )
    yield judge_identities(identities, mine=identity)
    yield judge_keys(
        tally,
        key_ids=keyring.ids if keyring else (),
        accepts_plain=bool(keyring and keyring.accepts_plain),
        is_production=is_production,
    )
    yield judge_people(tally)


def count(store: TokenStore, identity: Identity, *, keyring: Keyring | None, give_up: float) -> Tally:
    """Counts the grants that a client sees, as long as there is time.

    Args:
        store: where they are.
        identity: whose.
        keyring: the configured keys, or None.
        give_up: value of `time.monotonic()` from which on no more is read.

    Raises:
        StorageError: they cannot be read.
    """
    tally = Tally()
    for batch in store.for_identity(identity).batches(limit=BATCH):
        for grant in batch.grants:
            _add(tally, grant, keyring)
        for lost in batch.unreadable:
            tally.rows += 1
            tally.damaged.append(lost.user_key)
        if batch.after is not None and time.monotonic() >= give_up:
            tally.is_complete = False
            break
    return tally


def _add(tally: Tally, grant: Grant, keyring: Keyring | None) -> None:
    kinds = {kind_of(token) for token in (grant.access_token, grant.refresh_token)}
    kind: Kind = "plain" if "plain" in kinds else "fernet" if "fernet" in kinds else "envelope"
    opening: Opening = "opens"
    try:
        if keyring is not None:
            keyring.open(grant)
        elif kind != "plain":
            opening = "no_key"
    except ConfigurationError:
        opening = "no_key"
    except UnreadableGrantError:
        opening = "damaged"
    add_row(
        tally,
        grant.key,
        kind=kind,
        key_id=key_id(grant.refresh_token),
        opening=opening,
        astra_user_id=grant.astra_user_id,
        is_active=grant.state == "active",
    )


def _check_write(store: TokenStore, identity: Identity) -> Finding:
    check = "token_store.write"
    try:
        store.for_identity(identity).check_writable()
    except StorageError as error:
        return Finding(
            check=check,
            status="fail",
            message=f"a grant cannot be saved: {error}",
            advice="Give this account the right to write (to a file and its folder, to the table, to a primary "
            "server), or find out what holds it. Until then codes and refreshed tokens cannot be kept.",
            details={"error": type(error).__name__, "timed_out": error.timed_out},
        )
    return Finding(check=check, status="ok", message="a grant was saved and deleted again")
