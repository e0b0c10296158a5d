"""What the SDK promises about its speed, and whether this run keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from scripts.bench.speed.cases import (
    ASYNC_MANY,
    ASYNC_ONE,
    ASYNC_PAGE,
    ASYNC_PAGE_READ,
    LINK,
    ONE,
    PAGE,
    PAGE_READ,
    WEBHOOK,
)
from scripts.bench.speed.contenders import PEERS
from scripts.bench.speed.measure import CASES, CLIENT, IMPORT, Results


@attrs.frozen
class Goal:
    """One promise.

    Attributes:
        what: what is measured.
        limit: what it may be at most.
        found: what it was.
        unit: of both.
    """

    what: str
    limit: float
    found: float
    unit: str = "x httpx"

    @property
    def kept(self) -> bool:
        """Whether the run keeps it."""
        return self.found <= self.limit


RATIOS = (
    ("one call, typed, token and ledger", ONE, "astra", 0.75),
    ("async, 1 in flight", ASYNC_ONE, "astra", 1.0),
    ("async, 50 in flight", ASYNC_MANY, "astra", 1.0),
    ("async, 1 in flight, with httpx2", ASYNC_ONE, "astra, httpx2", 0.65),
    ("async, 50 in flight, with httpx2", ASYNC_MANY, "astra, httpx2", 0.4),
    ("page of 100, amount and status read", PAGE, "astra", 1.3),
    ("page of 100, amount and status read, async, with httpx2", ASYNC_PAGE, "astra, httpx2", 0.8),
    ("page of 100, all 17 fields read", PAGE_READ, "astra", 1.25),
    ("page of 100, all 17 fields read, async", ASYNC_PAGE_READ, "astra", 1.25),
    ("`import astra`", IMPORT, "astra", 0.5),
    ("`from astra import Astra; Astra(...)`", CLIENT, "astra", 1.25),
)
MICROSECONDS = (("a webhook verified", WEBHOOK, 15.0), ("an authorize URL built", LINK, 20.0))


def judge(results: Results) -> Iterator[Goal]:
    """Yields every promise with what this run found."""
    for what, case, who, limit in RATIOS:
        found = results.ratio(case, who)
        if found is not None:
            yield Goal(what, limit, found)
    for what, case, limit in MICROSECONDS:
        found = results.cpu(case, "astra")
        if found is not None:
            yield Goal(what, limit, found, "us")
    if results.paging:
        few, many = min(results.paging), max(results.paging)
        cpu_few, cpu_many = results.paging[few][0], results.paging[many][0]
        yield Goal(f"{many:,} transfers auto-paged: memory", 60.0, results.paging[many][1], "MiB")
        yield Goal(f"time per transfer, {many:,} beside {few:,}", 1.2, cpu_many / many / (cpu_few / few), "x")
    for case in (*CASES, IMPORT, CLIENT):
        # In the same rounds: a machine that is slow for a while is slow for both.
        beside = [found for peer in PEERS if (found := results.ratio(case, "astra", peer)) is not None]
        if beside:
            yield Goal(f"{case}: beside the best peer", 1.0, max(beside), "x")
