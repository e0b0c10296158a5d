"""A sandbox with many transfers and requests, and each page of its workbench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from astra.sandbox import Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY, Program
from tests.workbench.bench import PAGES, Bench
from tests.workbench.world import busy


@contextmanager
def with_many(many: int) -> Iterator[tuple[Bench, dict[str, str]]]:
    """Opens the workbench of a sandbox with so many transfers and requests; gives the id of one thing of each kind."""
    clock = SandboxClock(frozen_at=TUESDAY)
    with Sandbox(clock=clock, seed=1, keep_requests=many, keep_events=many) as sandbox, Program(sandbox) as program:
        ids = busy(sandbox, program, users=max(many // 100, 3), transfers=many)
        journal = sandbox._backend.journal
        # As if they had come in over the network, which would take a minute.
        received = [(one, journal.answers.get(one.request_id)) for one in journal.all() if one.size < 1000]
        for number in range(many - len(received)):
            request, answer = received[number % len(received)]
            journal.add(attrs.evolve(request, request_id=f"{number:032x}"))
            if answer is not None:
                journal.answers.add(attrs.evolve(answer, request_id=f"{number:032x}", made=None))
        ids["request"] = sandbox.requests[-1].request_id
        with Bench(sandbox) as bench:
            yield bench, ids


def pages_of(ids: dict[str, str]) -> list[str]:
    """Returns the path of each kind of page, below the root of the workbench."""
    kinds = [f"/{kind}s/{ids[kind]}" for kind in ("user", "intent", "transfer", "routine", "request")]
    filters = ["/requests?status=5xx", "/requests?user=nobody", "/transfers?lane=charged%20back"]
    searches = [f"/search?id={text}" for text in ("nobody@x.org", ids["transfer"], ids["request"], ids["user"][:6])]
    return [*PAGES, *kinds, *filters, *searches, f"/webhooks/events/{ids['event']}"]
