"""Stores in a busy state, and a dashboard over them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import attrs
import httpx

from astra.config import EnvironmentSettings
from astra.dashboard.opening import dashboard
from astra.instrumentation.record import RequestRecord
from astra.payments import HistoryEntry, PaymentRecord, PaymentState, open_idempotency_store
from astra.request_log import open_request_log
from astra.tokens import Grant, Identity, open_store
from astra.web.serving import listen

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SECONDS = NOW.timestamp()
DAY = 86_400.0
ME = Identity("production", "client-1")
OTHER = Identity("sandbox", "client-1")


def grant(key: str, *, left: float = 8.0, who: Identity = ME, **more: Any) -> Grant:
    """A grant whose refresh token lives so many more days."""
    refreshed = SECONDS - (10 - left) * DAY
    values: dict[str, Any] = {
        "access_token": f"access-{key}",
        "access_expires_at": refreshed + 7200,
        "refresh_token": f"refresh-{key}",
        "refresh_expires_at": SECONDS + left * DAY,
        "astra_user_id": f"user_{zlib.crc32(key.encode()):08x}",
        "version": 1,
        "refreshed_at": refreshed,
        "identity": who,
    }
    return Grant(key=key, **(values | more))


def dead(key: str, *, ago: float = 1.0, reason: str = "invalid_grant", **more: Any) -> Grant:
    return grant(key, state="dead", dead_since=SECONDS - ago * DAY, dead_reason=reason, **more)


def payment(key: str, state: PaymentState, *, ago: timedelta = timedelta(hours=3), **more: Any) -> PaymentRecord:
    sent = NOW - ago
    entry = HistoryEntry(time=sent, event="sent", state=PaymentState.SENDING, by="worker-1:4711:1")
    values: dict[str, Any] = {
        "environment": ME.environment,
        "client_id": ME.client_id,
        "operation": "create_routine",
        "user_key": "customer-1",
        "fingerprint": "f" * 64,
        "match_fields": {"amount": "20.00"},
        "client_correlation_id": f"INV-{key}",
        "holder": "worker-1:4711:1",
        "lease_until": sent + timedelta(minutes=2),
        "created": sent,
        "updated": sent,
        "first_sent": sent,
        "sent": sent,
        "call_id": f"call-{key}",
        "request_ids": (f"req-{key}",),
        "history": (entry,),
    }
    return PaymentRecord(key=key, state=state, **(values | more))


def attempt(number: int, *, ago: timedelta, status: int | None = 200, **more: Any) -> RequestRecord:
    values: dict[str, Any] = {
        "call_id": f"call{number:06}",
        "request_id": None if status is None else f"req{number:06}",
        "time": NOW - ago,
        "operation": "get_transfer",
        "method": "GET",
        "path": "/v1/transfers/{id}",
        "status": status,
        "duration_ms": 80.0 + number % 40,
        "user_key": "customer-1",
        "error_name": None if status is not None and status < 400 else "InternalServerError",
        "resource_id": f"transfer{number:06}",
    }
    return RequestRecord(**(values | more))


@attrs.frozen(kw_only=True)
class Stores:
    """URLs of three stores."""

    tokens: str | None
    payments: str | None
    requests: str | None

    @classmethod
    def in_files(cls, folder: Path) -> Stores:
        return cls(
            tokens=f"sqlite:///{folder}/tokens.db",
            payments=f"sqlite:///{folder}/payments.db",
            requests=f"sqlite:///{folder}/requests.db",
        )

    def keep(
        self,
        *,
        grants: list[Grant] | None = None,
        payments: list[PaymentRecord] | None = None,
        requests: list[RequestRecord] | None = None,
    ) -> Stores:
        """Puts things into them, as programs do."""
        if grants is not None:
            with open_store(self.tokens) as tokens:
                for one in grants:
                    assert tokens.save(one, replaces=None)
        if payments is not None:
            with open_idempotency_store(self.payments or "") as store:
                for one in payments:
                    assert store.insert(one)
        if requests is not None:
            with open_request_log(self.requests or "") as log:
                for one in requests:
                    log.append(one)
        return self


BUSY_GRANTS = [
    *(grant(f"customer-{n}", left=8 - n % 7) for n in range(1, 41)),
    grant("customer-dying", left=1.5),
    grant("customer-ended", left=-0.2),
    grant("customer-failing", left=6, failures=4, next_attempt_at=SECONDS + 600),
    dead("customer-dead"),
    dead("customer-expired", ago=3, reason="expired", left=-3),
    grant("customer-99", who=OTHER),
]
BUSY_PAYMENTS = [
    payment("payout-1", PaymentState.MADE, resource_id="routine-1", ago=timedelta(days=2)),
    payment("payout-2", PaymentState.REFUSED, error="UnprocessableEntityError", status_code=422),
    payment("payout-3", PaymentState.NOT_SENT, error="APIConnectionError"),
    payment("payout-4", PaymentState.UNCERTAIN, error="UncertainOutcomeError", ago=timedelta(days=1, hours=2)),
    payment("payout-5", PaymentState.SENDING, ago=timedelta(hours=5)),
    payment("payout-6", PaymentState.SENDING, ago=timedelta(seconds=20)),
]
BUSY_REQUESTS = [
    *(attempt(n, ago=timedelta(minutes=7 * n)) for n in range(1, 180)),
    *(attempt(500 + n, ago=timedelta(minutes=31 * n), status=503, operation="list_accounts") for n in range(1, 20)),
    attempt(600, ago=timedelta(minutes=9), status=None, operation="create_routine", call_id="call-payout-4",
            method="POST", error_name="UncertainOutcomeError", client_correlation_id="INV-payout-4"),
    attempt(601, ago=timedelta(hours=3), status=422, operation="create_routine", call_id="call-payout-2",
            method="POST", error_name="UnprocessableEntityError", client_correlation_id="INV-payout-2"),
]  # fmt: skip


def busy(stores: Stores) -> Stores:
    return stores.keep(grants=BUSY_GRANTS, payments=BUSY_PAYMENTS, requests=BUSY_REQUESTS)


@contextmanager
def served(stores: Stores, **more: Any) -> Iterator[httpx.Client]:
    """A browser, of sorts, that has opened the printed URL."""
    settings = EnvironmentSettings(
        token_store=stores.tokens, idempotency_store=stores.payments, request_log=stores.requests
    )
    given = {"identity": ME, "now": lambda: NOW} | more
    if (keys := given.pop("token_keys", None)) is not None:
        settings = attrs.evolve(settings, token_keys=keys)
    with (
        dashboard(settings, listener=listen(0), **given) as address,
        httpx.Client(base_url=f"http://127.0.0.1:{address.port}", follow_redirects=True, timeout=60) as browser,
    ):
        assert browser.get(address.url).status_code == 200
        yield browser


def text_of(answer: httpx.Response) -> str:
    """What a person reads: no marks, and blanks as one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text.replace("<wbr>", ""))))
