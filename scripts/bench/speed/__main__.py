"""Measures the SDK beside bare httpx and beside other SDKs, and writes docs/performance.md and its chart.

make bench
python -m scripts.bench.speed --rounds 15
python -m scripts.bench.speed --without-peers --no-write
"""

from __future__ import annotations

import argparse
import json
import os
from contextlib import ExitStack
from pathlib import Path

import attrs

from astra.version import __version__
from scripts.bench.idempotency import section_of, with_section
from scripts.bench.speed import environments, report
from scripts.bench.speed.contenders import CONTENDERS, PEERS
from scripts.bench.speed.goals import judge
from scripts.bench.speed.measure import Results, Worker, run_cases, run_paging, run_starts
from scripts.bench.speed.server import Server

LIBRARIES = ("httpx", "httpcore", "httpx2", "httpcore2", "h11", "anyio", "msgspec", "attrs")
BUSY = 0.5
"""Load average from which on something else is at work on the machine."""


def main() -> int:
    """Runs the bench, prints the promises and the table; exit status 1 when a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.15, help="about how long one turn of a contender takes")
    parser.add_argument("--transfers", type=int, default=100_000, help="how many are auto-paged")
    parser.add_argument("--without-peers", action="store_true", help="install nothing but what the SDK needs")
    parser.add_argument("--no-write", action="store_true", help="leave the docs as they are")
    options = parser.parse_args()
    ours = environments.make("ours", environments.OURS)
    peers = None if options.without_peers else environments.make("peers", environments.PEERS)
    pythons = {name: ours for name in CONTENDERS if name not in PEERS}
    if peers is not None:
        pythons |= dict.fromkeys(PEERS, peers)
    load = os.getloadavg()[0]
    if load > BUSY:
        print(f"The load average is {load:.1f}: this machine is busy, and what is measured now says little.")
    results = Results()
    with ExitStack() as stack:
        server = stack.enter_context(Server())
        workers = [stack.enter_context(Worker(python, name, server.url)) for name, python in pythons.items()]
        run_cases(workers, results, rounds=options.rounds, seconds=options.seconds, say=print)
        print("long lists")
        run_paging(ours, server.url, results, counts=(options.transfers // 10, options.transfers))
    print("imports")
    run_starts(pythons, results, rounds=min(options.rounds, 7))
    print()
    print(report.goal_table(results))
    print()
    print(report.cpu_table(results))
    if not options.no_write:
        write(results, ours=ours, peers=peers, rounds=options.rounds, load=load)
    return 0 if all(goal.kept for goal in judge(results)) else 1


def write(results: Results, *, ours: Path, peers: Path | None, rounds: int, load: float) -> None:
    """Writes the page, the chart and the samples."""
    versions = f"astra-finance {__version__}, " + environments.versions(ours, LIBRARIES)
    if peers is not None:
        versions += "; " + environments.versions(peers, ("stripe", "plaid-python", "openai", "increase"))
    docs = environments.ROOT / "docs"
    machine = f"{environments.machine()}, load average {load:.1f} before the run"
    text = report.page(results, machine=machine, versions=versions, rounds=rounds)
    page = docs / "performance.md"
    page.write_text(with_section(text, section_of(page.read_text(encoding="utf-8"))), encoding="utf-8")
    docs.joinpath("performance.svg").write_text(report.chart(results), encoding="utf-8")
    samples = json.dumps(attrs.asdict(results), indent=1)
    (environments.ROOT / "build" / "bench" / "samples.json").write_text(samples, encoding="utf-8")
    print("\nwrote docs/performance.md, docs/performance.svg, build/bench/samples.json")


if __name__ == "__main__":
    raise SystemExit(main())
