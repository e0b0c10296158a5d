"""The stores that the settings name, each read as its kind allows."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import attrs

from astra._secret import hide_all, hide_text
from astra.dashboard import grants, payments, requests
from astra.dashboard.cursors import Cursor
from astra.dashboard.grants import GRANTS, GrantPage, Health
from astra.dashboard.masking import Masks
from astra.dashboard.payments import PAID, PaymentPage
from astra.dashboard.requests import LOG, FailurePage, Summary, Window
from astra.dashboard.tail import TailLog, read_tail
from astra.dashboard.troubles import Trouble, in_memory, not_configured, trouble_of
from astra.errors import AstraError
from astra.payments.record import PaymentRecord, PaymentState
from astra.payments.stores.base import IdempotencyStore, PaymentQuery
from astra.payments.story import Select
from astra.request_log.log import RequestLog
from astra.storage.family import Family
from astra.storage.places import STORE_KINDS, name_server
from astra.storage.reading import Kept, Reading, SQLPlace, look_into_sqlite, read_only_url
from astra.storage.url import StoreURL, read_url
from astra.tokens.identity import Identity

SECONDS: Final = 3.0
"""Seconds for one look at a store."""

REDIS_BUDGET: Final = 0.2
"""Seconds that may go into reading grants one by one."""

T = TypeVar("T")


@attrs.frozen
class Panel(Generic[T]):
    """What is shown of a store, or why nothing is.

    Attributes:
        found: what was read.
        trouble: why nothing was; one of the two is None.
    """

    found: T | None = None
    trouble: Trouble | None = None


class Source:
    """One store.

    Args:
        url: what the setting says; None when it is not set.
        family: of the store.
        variable: name of the setting.
        what: what is kept there.
    """

    def __init__(self, url: str | None, *, family: Family, variable: str, what: str) -> None:
        url = hide_text(url) if url is not None else None
        self.variable = variable
        self.what = what
        self.trouble: Trouble | None = None
        self.place = StoreURL(kind="memory")
        self._sql: SQLPlace | None = None
        if url is None:
            self.trouble = not_configured(what, variable=variable, example=family.example)
            return
        try:
            self.place = read_url(url, family=family)
        except AstraError as error:
            self.trouble = self._told(error)
            return
        if self.place.kind == "memory":
            self.trouble = in_memory(what, variable=variable)

    @property
    def named(self) -> str | None:
        """Kind and address of the store, for people; no password."""
        if self.place.kind == "memory":
            return None
        address = os.path.abspath(self.place.path) if self.place.path else name_server(self.place.address)
        return f"{STORE_KINDS[self.place.kind]} {address}"

    def panel(self, read: Callable[[], T]) -> Panel[T]:
        """Reads something, or says why it cannot be read.

        Args:
            read: reads it.
        """
        if self.trouble is not None:
            return Panel(trouble=self.trouble)
        try:
            return Panel(found=read())
        except AstraError as error:
            return Panel(trouble=self._told(error))

    def _told(self, error: AstraError) -> Trouble:
        return trouble_of(error, variable=self.variable, seconds=SECONDS)

    @contextmanager
    def look(self, kept: Kept) -> Generator[Reading]:
        """Looks into SQLite or PostgreSQL.

        Args:
            kept: what should be there.

        Raises:
            AstraError: it cannot be read.
        """
        if self.place.kind == "sqlite":
            with look_into_sqlite(self.place.path, kept=kept, limit=SECONDS) as look:
                yield look
            return
        if self._sql is None:
            self._sql = SQLPlace(self.place.address, kept=kept)
        with self._sql.look(limit=SECONDS) as look:
            yield look

    def close(self) -> None:
        """Gives back files and connections."""
        if self._sql is not None:
            self._sql.close()


class GrantSource(Source):
    """The token store.

    Args:
        url: as of `Source`.
        keys: the configured encryption keys. Nothing is decrypted: only their ids are compared.
    """

    def __init__(self, url: str | None, *, keys: Sequence[str]) -> None:
        keys = hide_all(keys)
        super().__init__(url, family=GRANTS.family, variable="ASTRA_TOKEN_STORE", what="grants")
        self._store: Any = None
        self.key_ids: tuple[str, ...] | None = None
        self.key_trouble: str | None = None
        if keys:
            try:
                from astra.tokens.stores.keyring import Keyring

                self.key_ids = Keyring(keys).ids
            except AstraError as error:
                # What is shown is not encrypted, so this is worth a sentence and no more.
                self.key_trouble = f"ASTRA_TOKEN_KEYS cannot be used: {error}"

    def health(self, identity: Identity, *, now: float) -> Health:
        """Counts the grants of a client.

        Args:
            identity: whose.
            now: seconds since the epoch.
        """
        if self._is_redis:
            return self._sample(identity, now).health
        with self.look(GRANTS) as look:
            return grants.read_health(look, identity, now=now, key_ids=self.key_ids)

    def both(self, identity: Identity, *, now: float, listed: str, after: Cursor | None) -> tuple[Health, GrantPage]:
        """Counts the grants of a client, and lists some.

        Args:
            identity: whose.
            now: seconds since the epoch.
            listed: which, of `astra.dashboard.grants.LISTS`.
            after: where to begin, or None.
        """
        if self._is_redis:
            sample = self._sample(identity, now)
            return sample.health, grants.page_of(sample, now=now, listed=listed, after=after)
        with self.look(GRANTS) as look:
            health = grants.read_health(look, identity, now=now, key_ids=self.key_ids)
            return health, grants.read_page(look, identity, now=now, listed=listed, after=after)

    @property
    def _is_redis(self) -> bool:
        return self.place.kind == "redis"

    def _sample(self, identity: Identity, now: float) -> grants.Sample:
        from astra.storage.looking import look_at_redis
        from astra.tokens.stores.redis import RedisStore

        contents = ("{astra}:keys", "{astra}:identities")
        found = look_at_redis(self.place.address, family=GRANTS.family, schema="{astra}:schema", contents=contents)
        if not found.is_there:
            raise grants.absent_in_redis()
        if self._store is None:
            self._store = RedisStore(self.place.address)
        return grants.read_sample(self._store, identity, now=now, budget=REDIS_BUDGET)

    def close(self) -> None:
        """See `Source.close`."""
        super().close()
        if self._store is not None:
            self._store.close()


class PaymentSource(Source):
    """The idempotency store.

    Args:
        url: as of `Source`.
    """

    def __init__(self, url: str | None) -> None:
        super().__init__(url, family=PAID.family, variable="ASTRA_IDEMPOTENCY_STORE", what="payments")
        self._store: IdempotencyStore | None = None

    def tally(self, identity: Identity, *, now: datetime, masks: Masks) -> payments.Tally:
        """Counts payments; see `payments.read_tally`."""
        with self.look(PAID) as look:
            return payments.read_tally(look, identity, now=now, masks=masks)

    def both(
        self, identity: Identity, *, now: datetime, masks: Masks, state: PaymentState | None, after: Cursor | None
    ) -> tuple[payments.Tally, PaymentPage]:
        """Counts payments, and lists some; see `payments.read_page`."""
        with self.look(PAID) as look:
            tally = payments.read_tally(look, identity, now=now, masks=masks)
            page = payments.read_page(look, identity, now=now, masks=masks, state=state, after=after)
            return tally, page

    def by_id(self, identity: Identity) -> Select:
        """Finds payments by any id, for a trace.

        Args:
            identity: whose.

        Raises:
            AstraError: the store cannot be read.
        """
        with self.look(PAID):
            pass  # it is there, and of this release
        store = self._open()

        def select(any_id: str) -> Iterator[PaymentRecord]:
            return store.select(
                PaymentQuery(environment=identity.environment, client_id=identity.client_id, any_id=any_id)
            )

        return select

    def _open(self) -> IdempotencyStore:
        if self._store is None:
            if self.place.kind == "sqlite":
                from astra.payments.stores.sqlite import SQLiteIdempotencyStore

                self._store = SQLiteIdempotencyStore(Path(self.place.path), busy_timeout=1.0)
            else:
                from astra.payments.stores.sql import SQLIdempotencyStore

                url = read_only_url(self.place.address, seconds=SECONDS)
                self._store = SQLIdempotencyStore(url, create_table=False)
        return self._store

    def close(self) -> None:
        """See `Source.close`."""
        super().close()
        if self._store is not None:
            self._store.close()


class RequestSource(Source):
    """The request log.

    Args:
        url: as of `Source`.
    """

    def __init__(self, url: str | None) -> None:
        super().__init__(url, family=LOG.family, variable="ASTRA_REQUEST_LOG", what="the request ids of past calls")
        self._log: RequestLog | None = None

    @property
    def is_lines(self) -> bool:
        """Whether it is a file of JSON lines, which has no index."""
        return self.place.kind == "jsonl"

    def summary(self, window: Window) -> Summary:
        """Counts requests; see `requests.read_summary`."""
        if self.is_lines:
            tail = self._tail()
            return requests.summary_of(tail.records, window, read_from=tail.read_from)
        with self.look(LOG) as look:
            return requests.read_summary(look, window)

    def both(
        self, window: Window, *, masks: Masks, operation: str | None, after: Cursor | None
    ) -> tuple[Summary, FailurePage]:
        """Counts requests, and lists failures; see `requests.read_failures`."""
        only: dict[str, Any] = {"masks": masks, "operation": operation, "after": after}
        if self.is_lines:
            tail = self._tail()
            summary = requests.summary_of(tail.records, window, read_from=tail.read_from)
            return summary, requests.failures_of(tail.records, window, **only)
        with self.look(LOG) as look:
            return requests.read_summary(look, window), requests.read_failures(look, window, **only)

    def log(self) -> RequestLog:
        """The log, for a trace.

        Raises:
            AstraError: it cannot be read.
        """
        if self.is_lines:
            return self._tail()
        with self.look(LOG):
            pass  # it is there, and of this release
        if self._log is None:
            if self.place.kind == "sqlite":
                from astra.request_log.sqlite import SQLiteRequestLog

                self._log = SQLiteRequestLog(Path(self.place.path), busy_timeout=1.0)
            else:
                from astra.request_log.sql import SQLRequestLog

                self._log = SQLRequestLog(read_only_url(self.place.address, seconds=SECONDS))
        return self._log

    def _tail(self) -> TailLog:
        return read_tail(self.place.path)

    def close(self) -> None:
        """See `Source.close`."""
        super().close()
        if self._log is not None:
            self._log.close()
