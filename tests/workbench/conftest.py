from __future__ import annotations

from collections.abc import Iterator

import pytest

from astra.sandbox import Sandbox, SandboxClock
from tests.sandbox.conftest import TUESDAY, Program, person, program, receiver, sandbox
from tests.workbench.bench import Bench
from tests.workbench.world import busy

__all__ = ["person", "program", "receiver", "sandbox"]


@pytest.fixture
def bench(sandbox: Sandbox) -> Iterator[Bench]:
    with Bench(sandbox) as bench:
        yield bench


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Bench, dict[str, str]]]:
    """A busy sandbox for tests that only look; its clock stands still."""
    with Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=1) as sandbox, Program(sandbox) as program:
        sandbox.webhooks.register("http://127.0.0.1:9/hooks")
        ids = busy(sandbox, program)
        sandbox.webhooks.deliver_pending()
        with Bench(sandbox) as bench:
            yield bench, ids
