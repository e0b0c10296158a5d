"""Measures what an idempotency key costs a payment, beside the same payment without one and beside bare httpx.

    python scripts/bench/idempotency.py
    python scripts/bench/idempotency.py --rounds 15 --write

All pay the local Astra, which has a process of its own, in rounds that take turns. What counts is the CPU time of this
process per payment, and the time that passes; the ratios are to bare httpx in the same round. `--write` puts the table
into docs/performance.md.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from scripts.bench.keep_alive import open_backend  # noqa: E402
from scripts.bench.payouts import Person, payment, seed  # noqa: E402
from scripts.bench.sandbox_process import SandboxProcess  # noqa: E402

BARE, PLAIN, SQLITE, POSTGRESQL = "bare httpx", "without a key", "with a key, SQLite", "with a key, PostgreSQL"
AGAIN = "the same key again, PostgreSQL"
TITLE = "## What an idempotency key costs"
PAGE = HERE.parents[2] / "docs" / "performance.md"


@attrs.define
class KeyCosts:
    """What was measured: microseconds of CPU and of time per payment, by case, one for each round."""

    cpu: dict[str, list[float]] = attrs.field(factory=dict[str, list[float]])
    wall: dict[str, list[float]] = attrs.field(factory=dict[str, list[float]])

    def ratio(self, case: str, *, wall: bool = False) -> float:
        """Median of the ratios to bare httpx, round by round."""
        found = self.wall if wall else self.cpu
        return statistics.median(mine / bare for mine, bare in zip(found[case], found[BARE], strict=True))


def run_bench(*, rounds: int = 11, calls: int = 100) -> KeyCosts:
    """Runs the bench.

    Args:
        rounds: how many.
        calls: payments of each in a round.
    """
    import httpx

    from astra import Astra

    costs = KeyCosts()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="astra-bench-"))
        sandbox = stack.enter_context(SandboxProcess())
        postgresql = stack.enter_context(open_backend("postgresql"))
        tokens = f"sqlite:///{folder}/tokens.db"
        people = seed(sandbox, tokens, f"{folder}/people.jsonl", users=1)

        def client(store: str | None) -> Any:
            return stack.enter_context(Astra(**sandbox.client_arguments, token_store=tokens, idempotency_store=store))

        keyed = {SQLITE: client(f"sqlite:///{folder}/payments.db"), POSTGRESQL: client(postgresql)}
        bare = stack.enter_context(httpx.Client(base_url=sandbox.url))
        cases: dict[str, Callable[[int], None]] = {BARE: bare_payments(bare, people)}
        cases[PLAIN] = payments(client(None), people, lambda _: None)
        for name, one in keyed.items():
            cases[name] = payments(one, people, lambda number: f"key-{number}")
        cases[AGAIN] = payments(keyed[POSTGRESQL], people, lambda _: "always")
        for case in cases.values():
            case(5)
        order = list(cases)
        for turn in range(rounds):
            for name in order[turn % len(order) :] + order[: turn % len(order)]:
                begin, began = time.process_time(), time.perf_counter()
                cases[name](calls)
                cpu, wall = time.process_time() - begin, time.perf_counter() - began
                costs.cpu.setdefault(name, []).append(cpu / calls * 1e6)
                costs.wall.setdefault(name, []).append(wall / calls * 1e6)
    return costs


def bare_payments(client: Any, people: list[Person]) -> Callable[[int], None]:
    """Payments that keep nothing."""
    _, body = payment(people, 0, name="Payout")
    body = body | {"amount": 1.0}
    headers = {"authorization": f"Bearer {people[0].access}"}

    def run(calls: int) -> None:
        for _ in range(calls):
            answer = client.post("/v1/routines", json=body, headers=headers)
            if answer.status_code != 201 or not answer.json()["id"]:
                raise SystemExit("a payment was not made")

    return run


def payments(client: Any, people: list[Person], key: Callable[[int], str | None]) -> Callable[[int], None]:
    """Payments with this SDK."""
    _, body = payment(people, 0, name="Payout")
    numbers = itertools.count()

    def run(calls: int) -> None:
        create = client.user("customer-0").routines.create
        for _ in range(calls):
            if not create(**body, idempotency_key=key(next(numbers))).id:
                raise SystemExit("a payment was not made")

    return run


def section(costs: KeyCosts, *, machine: str, rounds: int) -> str:
    """The section of the page."""
    lines = [
        TITLE,
        "",
        "Written by `python scripts/bench/idempotency.py --write`: one payment to the local Astra, CPU time of the",
        f"client's process and time that passes, medians of {rounds} rounds that take turns; in brackets the ratio to",
        "bare httpx in the same round. A payment under a key is one insert before it is sent and one update after its",
        "answer, each durable; the time that passes is mostly that of the disk.",
        "",
        f"Measured on {machine}.",
        "",
        "| | CPU | time |",
        "|---|---:|---:|",
    ]
    for case in costs.cpu:
        cpu, wall = statistics.median(costs.cpu[case]), statistics.median(costs.wall[case])
        ratios = "" if case == BARE else f" ({costs.ratio(case):.2f}x)"
        wall_ratios = "" if case == BARE else f" ({costs.ratio(case, wall=True):.2f}x)"
        lines.append(f"| {case} | {cpu:.0f} us{ratios} | {wall:.0f} us{wall_ratios} |")
    return "\n".join(lines) + "\n"


def section_of(page: str) -> str:
    """The section as a page has it, or nothing: `make bench` keeps it."""
    found = re.search(rf"^{re.escape(TITLE)}\n.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return "" if found is None else found.group(0).rstrip() + "\n"


def with_section(page: str, text: str) -> str:
    """A page with the section at its end, in place of the one that it has."""
    without = page.replace(section_of(page), "") if section_of(page) else page
    return f"{without.rstrip()}\n\n{text}" if text else page


def main() -> None:
    """Prints what the bench has measured."""
    from scripts.bench.speed.environments import machine

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--calls", type=int, default=100, help="payments of each in a round")
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    options = parser.parse_args()
    os.environ["ASTRA_HTTP"] = "httpx"  # the library of the bare requests
    where = f"{machine()}, load average {os.getloadavg()[0]:.1f} before the run"
    text = section(run_bench(rounds=options.rounds, calls=options.calls), machine=where, rounds=options.rounds)
    print(text)
    if options.write:
        PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
