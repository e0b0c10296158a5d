"""A keep-alive run that is cancelled has saved what it refreshed, and leaves no lease for which users would wait."""

from __future__ import annotations

import asyncio
import threading
from typing import ClassVar

import pytest

from astra._flavours import WORKER_THREADS
from astra.testing.store_contract import ME
from astra.tokens import AsyncTokens, Batch, ClaimQuery, Grant, TokenAnswer
from astra.tokens.batching import FLUSH_SIZE
from astra.tokens.identity import Identity
from astra.tokens.stores.memory import MemoryStore
from tests.tokens.test_keep_alive import NOW, Fleet


class Slow(MemoryStore):
    """A store that is called in threads, as one in a file is, and whose calls end when the test says so."""

    blocking: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.slow_claims = False
        self.entered = threading.Semaphore(0)
        self.go_on = threading.Event()

    def _wait(self) -> None:
        self.entered.release()
        assert self.go_on.wait(20)

    def claim_due(self, identity: Identity, query: ClaimQuery) -> Batch:
        claimed = super().claim_due(identity, query)
        if self.slow_claims:
            self._wait()
        return claimed

    def load(self, identity: Identity, key: str) -> Grant | None:
        if key == "slow":
            self._wait()
        return super().load(identity, key)


async def turns(count: int) -> None:
    """Lets the event loop do what it can do now."""
    for _ in range(count):
        await asyncio.sleep(0)


def free_leases(store: Slow) -> list[bool]:
    grants = store.for_identity(ME)
    return [grants.acquire_lease(grant.key, owner="next", ttl=1) for grant in grants.iterate()]


async def test_in_the_midst_of_a_claim(caplog: pytest.LogCaptureFixture) -> None:
    store = Slow()
    fleet = Fleet(store.for_identity(ME), users=3)
    store.slow_claims = True
    async with AsyncTokens(fleet.store, refresh=fleet.async_refresh, clock=lambda: NOW) as tokens:
        run = asyncio.create_task(tokens.keep_alive())
        await asyncio.to_thread(store.entered.acquire)
        run.cancel()
        await turns(10)
        store.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await run
    assert free_leases(store) == [True] * 3
    assert caplog.records == [], "asyncio complains of errors that nobody looked at"


async def test_before_its_save_has_begun() -> None:
    store = Slow()
    fleet = Fleet(store.for_identity(ME), users=FLUSH_SIZE)
    others: list[asyncio.Task[Grant | None]] = []
    busy = asyncio.Event()

    async def refresh(refresh_token: str) -> TokenAnswer:
        answer = fleet.refresh(refresh_token)
        if fleet.astra.refreshes == FLUSH_SIZE:
            # All threads are busy when it wants to save.
            others.extend(asyncio.create_task(tokens.get("slow")) for _ in range(WORKER_THREADS))
            for _ in others:
                await asyncio.to_thread(store.entered.acquire)
            busy.set()
        return answer

    async with AsyncTokens(fleet.store, refresh=refresh, clock=lambda: NOW) as tokens:
        run = asyncio.create_task(tokens.keep_alive(concurrency=1))
        await busy.wait()
        await turns(10)
        run.cancel()
        await turns(10)
        store.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await run
        await asyncio.gather(*others)
    assert fleet.saved_right() == FLUSH_SIZE
    assert free_leases(store) == [True] * FLUSH_SIZE
