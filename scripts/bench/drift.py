"""Measures what a drift store adds to a call, and whether that keeps the promise.

    python -m scripts.bench.drift
    python -m scripts.bench.drift --calls 4000

CPU time of this process, the store's own thread included, against the local Astra in a process of its own. Rounds with
and without the store take turns, and the median of the ratios of neighbours counts: a machine that is slow for a while
is slow for both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs

from astra import Astra
from astra.tokens import TokenAnswer
from scripts.bench.sandbox_process import SandboxProcess

LIMIT = 0.03
ROUNDS = 40


@attrs.frozen
class DriftBenchResult:
    """What the bench has measured.

    Attributes:
        call_us: CPU microseconds of a call without the store, by what is called.
        overhead: what the store adds, as a share of that.
    """

    call_us: dict[str, float]
    overhead: dict[str, float]

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return max(self.overhead.values()) < LIMIT


def run_bench(*, calls: int = 4_000, rounds: int = ROUNDS) -> DriftBenchResult:
    """Runs the bench.

    Args:
        calls: how many calls are made with the store, and as many without.
        rounds: in how many turns.
    """
    call_us, overhead = dict[str, float](), dict[str, float]()
    with SandboxProcess() as sandbox, tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds.json")
        sandbox.do("seed", users=1, path=str(seeds))
        user_id, access, refresh = json.loads(seeds.read_text())
        answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
        with (
            Astra(**sandbox.client_arguments) as plain,
            Astra(**sandbox.client_arguments, drift_store=Path(folder, "drift.db")) as watched,
        ):
            users = []
            for client in (plain, watched):
                client.tokens.store_answer("customer-42", answer, astra_user_id=user_id)
                users.append(client.user("customer-42"))
            cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
                "one object": (users[0].profile.get, users[1].profile.get),
                "a list": (lambda: list(users[0].transfers.list()), lambda: list(users[1].transfers.list())),
            }
            for name, (without, with_store) in cases.items():
                call_us[name], overhead[name] = measure(without, with_store, calls=calls // rounds, rounds=rounds)
    return DriftBenchResult(call_us, overhead)


def measure(
    without: Callable[[], object], with_store: Callable[[], object], *, calls: int, rounds: int
) -> tuple[float, float]:
    """Microseconds of a call without the store, and what the store adds as a share of it."""
    for call in (without, with_store):
        cost(call, calls)
    plain, ratios = list[float](), list[float]()
    for number in range(rounds):
        # Who goes first takes turns, too.
        first, second = (without, with_store) if number % 2 else (with_store, without)
        found = {first: cost(first, calls), second: cost(second, calls)}
        plain.append(found[without])
        ratios.append(found[with_store] / found[without])
    return statistics.median(plain), statistics.median(ratios) - 1


def cost(call: Callable[[], object], calls: int) -> float:
    """CPU microseconds of one call."""
    before = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - before) / calls * 1e6


def main() -> int:
    """Prints what the bench has measured; exit status 1 when the promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=4_000)
    result = run_bench(calls=parser.parse_args().calls)
    for name, share in result.overhead.items():
        print(
            f"{name}: {result.call_us[name]:.0f} us of CPU; a drift store adds {share:+.1%}, promised below {LIMIT:.0%}"
        )
    return 0 if result.kept else 1


if __name__ == "__main__":
    sys.exit(main())
