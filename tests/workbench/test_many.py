"""With 100,000 transfers and 100,000 requests each page is there within a tenth of a second."""

from __future__ import annotations

import time
from collections.abc import Iterator

import attrs
import pytest

from astra.sandbox import Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY, Program
from tests.workbench.bench import PAGES, ROOT, Bench
from tests.workbench.world import busy

MANY = 100_000
LONGEST = 0.1
TRIES = 12


@pytest.fixture(scope="module")
def many() -> Iterator[tuple[Bench, dict[str, str]]]:
    with (
        Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1, keep_requests=MANY, keep_events=MANY) as sandbox,
        Program(sandbox) as program,
    ):
        ids = busy(sandbox, program, users=1_000, transfers=MANY)
        journal = sandbox._backend.journal
        # As if they had come in over the network, which would take a minute.
        received = [(one, journal.answers.get(one.request_id)) for one in journal.all() if one.size < 1000]
        for number in range(MANY - len(received)):
            request, answer = received[number % len(received)]
            journal.add(attrs.evolve(request, request_id=f"{number:032x}"))
            if answer is not None:
                journal.answers.add(attrs.evolve(answer, request_id=f"{number:032x}", made=None))
        ids["request"] = sandbox.requests[-1].request_id
        with Bench(sandbox) as bench:
            yield bench, ids


@pytest.mark.long
def test_every_page_is_there_at_once(many: tuple[Bench, dict[str, str]]) -> None:
    bench, ids = many
    assert (len(bench.sandbox.requests), len(bench.sandbox._backend.engine.state.transfers) > MANY) == (MANY, True)
    kinds = [f"/{kind}s/{ids[kind]}" for kind in ("user", "intent", "transfer", "routine", "request")]
    filters = [
        "/requests?status=5xx",
        "/requests?user=nobody",
        "/transfers?lane=charged%20back",
        "/search?id=nobody@x.org",
    ]
    slow: list[str] = []
    for path in [*PAGES, *kinds, *filters, f"/webhooks/events/{ids['event']}"]:
        took = min(_took(bench, path) for _ in range(TRIES))
        if took >= LONGEST:
            slow.append(f"{path}: {took * 1000:.0f} ms")
    assert slow == []


def _took(bench: Bench, path: str) -> float:
    before = time.perf_counter()
    answer = bench.http.get(ROOT + path)
    took = time.perf_counter() - before
    assert answer.status_code in (200, 404), path
    assert len(answer.content) < 150_000, path
    return took
