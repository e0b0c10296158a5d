"""The families of stores side by side: how each is opened, and a small job that shows whether it works."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs

from astra import AstraError, DedupeStoreError, RequestLogError, TokenStoreError
from astra.request_log import RequestRecord, open_request_log
from astra.testing.store_contract import ME, make_grant
from astra.tokens import open_store
from astra.webhooks import open_dedupe


def use_tokens(store: Any, name: str) -> bool:
    """Keeps a grant and finds it again."""
    store.save(make_grant(name), replaces=None)
    return store.load(ME, name) == make_grant(name)


def use_dedupe(store: Any, name: str) -> bool:
    """Claims an event twice."""
    states = [store.claim(name, lease=600, now=1000).state for _ in range(2)]
    return states == ["claimed", "in_progress"]


def use_requests(log: Any, name: str) -> bool:
    """Keeps a record and finds it again."""
    log.append(RequestRecord(name, name, datetime.now(UTC), "get_transfer", "GET", "/v1/x", 200, 1.0))
    return [found.request_id for found in log.query(call_id=name)] == [name]


@attrs.frozen
class FamilyUnderTest:
    """One family."""

    name: str
    open: Callable[[Any], Any]
    use: Callable[[Any, str], bool]
    error: type[AstraError]


FAMILIES = {
    "tokens": FamilyUnderTest("tokens", open_store, use_tokens, TokenStoreError),
    "requests": FamilyUnderTest("requests", open_request_log, use_requests, RequestLogError),
    "dedupe": FamilyUnderTest("dedupe", open_dedupe, use_dedupe, DedupeStoreError),
}
