"""The bench of idempotency keys runs, and its section stays in the page that another bench writes."""

from __future__ import annotations

import pytest

from scripts.bench.idempotency import (
    AGAIN,
    BARE,
    PLAIN,
    POSTGRESQL,
    SQLITE,
    run_bench,
    section,
    section_of,
    with_section,
)


@pytest.mark.long
def test_each_case_is_measured_and_shown_beside_bare_httpx() -> None:
    costs = run_bench(rounds=2, calls=2)
    assert list(costs.cpu) == [BARE, PLAIN, SQLITE, POSTGRESQL, AGAIN]
    assert all(len(found) == 2 for found in (*costs.cpu.values(), *costs.wall.values()))
    text = section(costs, machine="this machine", rounds=2)
    assert all(f"| {case} |" in text for case in costs.cpu)
    assert text.count("x)") == 2 * 4


def test_the_section_is_replaced_and_kept() -> None:
    page = "# How fast it is\n\n## Memory\n\nlittle\n"
    first = with_section(page, "## What an idempotency key costs\n\nmuch\n")
    assert first == f"{page}\n## What an idempotency key costs\n\nmuch\n"
    second = with_section(first, "## What an idempotency key costs\n\nlittle\n")
    assert second == f"{page}\n## What an idempotency key costs\n\nlittle\n"
    assert section_of(second) == "## What an idempotency key costs\n\nlittle\n"
    assert section_of(page) == ""
    assert with_section(page, "") == page
