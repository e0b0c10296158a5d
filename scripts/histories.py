"""Plays random histories of payments under idempotency keys, and tells which have gone wrong.

    python -m scripts.histories --count 5000 --store sqlite --store postgresql

Each history has up to three processes that pay, look, receive webhooks, and are killed at any step of it; see
`tests/payments/histories`. The stores are played at the same time, with the same number of histories each; together
they are as many as asked for.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Plays, and returns 1 when a history went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="histories, over all stores")
    parser.add_argument("--store", action="append", help="sqlite or postgresql; both when not given")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the histories; printed at the end")
    options = parser.parse_args()
    stores = options.store or ["sqlite", "postgresql"]
    if len(stores) == 1:
        return play(stores[0], options.count, options.seed)
    share = -(-options.count // len(stores))
    command = [sys.executable, "-m", "scripts.histories", "--count", str(share)]
    runs = [
        subprocess.Popen([*command, "--seed", str(options.seed + number), "--store", store], cwd=ROOT)
        for number, store in enumerate(stores)
    ]
    return max(run.wait() for run in runs)


def play(store: str, count: int, seed: int) -> int:
    """Plays over one store."""
    from scripts.bench.keep_alive import open_backend
    from tests.payments.histories.many import play_many
    from tests.payments.histories.stage import Played, Stage
    from tests.payments.histories.story import History

    wrong: list[str] = []
    done, started = Counter[str](), time.monotonic()

    def judge(history: History, played: Played) -> None:
        done["histories"] += 1
        if played.wrong:
            wrong.append("\n".join([*played.wrong, *played.log, repr(history)]))
            print(f"{store}: WRONG\n{wrong[-1]}", flush=True)
        if done["histories"] % 250 == 0:
            rate = done["histories"] / (time.monotonic() - started)
            print(f"{store}: {done['histories']} histories, {len(wrong)} wrong, {rate:.1f}/s", flush=True)

    with contextlib.ExitStack() as stack:
        url = stack.enter_context(open_backend("postgresql" if store == "postgresql" else "memory://"))
        if store != "postgresql":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="astra-histories-"))
            url = f"sqlite:///{folder}/payments.db"
        seen = play_many(stack.enter_context(Stage(url)), count=count, seed=seed, judge=judge)
    lines = [f"  {number:6} {what}" for what, number in sorted(seen.items())]
    minutes = (time.monotonic() - started) / 60
    head = f"{store}: {seen['histories']} histories in {minutes:.1f} minutes, {len(wrong)} wrong, seed {seed}"
    print("\n".join([head, *lines]), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
