"""Watches the workers of `scripts/bench/payouts.py`, kills them, and sends again what the broker has lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from scripts.bench.payout_workers import CpuMeter, Workers

QUIET = 5.0
"""Seconds without any message in the broker after which what has no outcome counts as lost."""

STUCK = 300.0
"""Seconds without any progress after which the bench gives up."""


@attrs.frozen
class Done:
    """What was seen.

    Attributes:
        rate: rows per second while new ones were waiting.
        tail: seconds from then to the last outcome.
        sent_again: rows that were sent again.
        cpu_ms: CPU time per row while new ones were waiting, by process.
    """

    rate: float
    tail: float
    sent_again: int
    cpu_ms: dict[str, float]


class Watch:
    """Watches until each row has an outcome.

    Args:
        broker: URL of Redis.
        store: URL of PostgreSQL.
        crew: the workers.
        sandbox_pid: process of the sandbox.
        kill_every: seconds between two kills; None: nobody is killed.
        say: told what goes on.
        every: seconds between two looks.
    """

    def __init__(
        self,
        broker: str,
        store: str,
        crew: Workers,
        *,
        sandbox_pid: int,
        kill_every: float | None,
        say: Callable[[str], None],
        every: float = 0.5,
    ) -> None:
        import psycopg
        import redis

        self._queues: Any = redis.Redis.from_url(broker)
        self._database: Any = psycopg.connect(store, autocommit=True)
        self._crew = crew
        self._kill_every = kill_every
        self._say = say
        self._every = every
        self._meter = CpuMeter()
        self._pids = {"sandbox": sandbox_pid, "redis": int(self._queues.info("server")["process_id"])}

    def run(self, rows: int, *, send_again: Callable[[Sequence[int]], object]) -> Done:
        """Watches, kills, and returns what was seen.

        Args:
            rows: how many there are.
            send_again: sends these rows once more.
        """
        begun: tuple[float, int] | None = None
        last = (0.0, 0)
        ended = moved = told = time.monotonic()
        next_kill = told + (self._kill_every or 1e9)
        settled, sent_again, empty_since = 0, 0, None
        while True:
            time.sleep(self._every)
            self._crew.look_after()
            now = time.monotonic()
            counts = self._states()
            moved = now if counts["made"] + counts["refused"] != settled else moved
            settled = counts["made"] + counts["refused"]
            new, others = self._waiting()
            if settled == rows and not new:
                break
            if now - moved > STUCK:
                raise RuntimeError(f"nothing moves any more: {dict(counts)}, {new} + {others} waiting")
            if new and not sent_again:
                begun = begun or ((now, settled) if settled else None)
                last, ended = (now, settled), now
                if begun:
                    self._note_cpu()
                if settled and now >= next_kill:
                    self._crew.kill_one()
                    next_kill = now + (self._kill_every or 1e9)
            empty_since = (empty_since or now) if not new and not others else None
            if empty_since and now - empty_since > QUIET:
                missing = self._missing(rows)
                self._say(f"{len(missing)} rows without an outcome and without a message: sent again")
                sent_again, empty_since = sent_again + len(missing), None
                send_again(missing)
            if now - told > 10:
                told = now
                self._say(f"{settled} done, {new} + {others} waiting, {dict(counts)}, {self._crew.kills} killed")
        self._queues.close()
        self._database.close()
        first = begun or (now - 1, 0)
        rate = (last[1] - first[1]) / max(last[0] - first[0], self._every)
        count = max(last[1] - first[1], 1)
        cpu_ms = {name: seconds * 1000 / count for name, seconds in self._meter.seconds.items()}
        return Done(rate, now - ended, sent_again, cpu_ms)

    def _waiting(self) -> tuple[int, int]:
        """New rows, and all other messages: for later, and those that workers hold."""
        later = self._queues.llen("astra-payments.later") + self._queues.hlen("unacked")
        return int(self._queues.llen("astra-payments")), int(later)

    def _states(self) -> Counter[str]:
        from psycopg import errors

        try:
            found = self._database.execute("SELECT state, count(*) FROM astra_payments GROUP BY state").fetchall()
        except errors.UndefinedTable:
            found = []
        return Counter(dict(found))

    def _missing(self, rows: int) -> list[int]:
        found = self._database.execute("SELECT key FROM astra_payments WHERE state IN ('made', 'refused')")
        known = {int(key.rpartition("-")[2]) for (key,) in found}
        return [number for number in range(rows) if number not in known]

    def _note_cpu(self) -> None:
        mains, payers = self._crew.pids()
        self._meter.look("worker, taking in", mains)
        self._meter.look("worker, paying", payers)
        self._meter.look("postgresql", [pid for (pid,) in self._database.execute("SELECT pid FROM pg_stat_activity")])
        for name, pid in self._pids.items():
            self._meter.look(name, [pid])
