"""What is measured: the cases by name, and how a call becomes one.

A case makes `calls` calls and checks what came back. This file also runs in the peers' environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Case = Callable[[int], None]

ONE = "one call"
ASYNC_ONE = "async, 1 in flight"
ASYNC_MANY = "async, 50 in flight"
PAGE = "page of 100"
ASYNC_PAGE = "page of 100, async"
PAGE_READ = "page of 100, every field read"
ASYNC_PAGE_READ = "page of 100, every field read, async"
WEBHOOK = "webhook verified"
LINK = "authorize URL"
CLOSE = "close"
"""Not measured: what a contender does at the end."""
IN_FLIGHT = 50
SECRET = "whsec_bench"
EVENT = b'{"webhook_id":"wh_1","webhook_type":"transfer_updated","user_id":"usr_1","resource_id":"tr_1"}'


def check(condition: bool) -> None:
    """Refuses a wrong answer; `assert` might be switched off."""
    if not condition:
        raise SystemExit("a contender read the wrong answer")


class Tasks:
    """Runs async calls on one loop that stays, a given number at a time."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def case(self, call: Callable[[], Awaitable[None]], in_flight: int) -> Case:
        """Makes a case of an async call."""

        def run(calls: int) -> None:
            self.loop.run_until_complete(self._share(call, calls, in_flight))

        return run

    async def _share(self, call: Callable[[], Awaitable[None]], calls: int, in_flight: int) -> None:
        left = iter(range(calls))

        async def worker() -> None:
            for _ in left:
                await call()

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def repeated(call: Callable[[], None]) -> Case:
    """Makes a case of a blocking call."""

    def run(calls: int) -> None:
        for _ in range(calls):
            call()

    return run
