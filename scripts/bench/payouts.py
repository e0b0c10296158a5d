"""Pays out over Celery with real Redis and PostgreSQL while workers are killed, and counts what was paid.

    python scripts/bench/payouts.py --rows 100000

Four workers pay all rows out; every few seconds one of them is killed with SIGKILL: its pool process alone, and every
fifth time all of it. The sandbox, which has a process of its own, loses 1 % of the answers and turns 1 % of the
payments away with a 503; 0.5 % of the rows are refused. At the end each row has to have exactly one routine or a
refusal, by the sandbox's own count, and no payment may be uncertain after `reconcile`. A worker that is killed while
it takes a message from Redis loses it, so rows without an outcome are sent once more when nothing is waiting. The rate
beside it is that of bare httpx, which posts the same payments, keeps nothing and fails never, measured before and
after: from as many processes, which is all that the machine can do, and from one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import attrs

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2])]

from scripts.bench.keep_alive import open_backend  # noqa: E402
from scripts.bench.payout_watch import Watch  # noqa: E402
from scripts.bench.payout_workers import Workers, beat, serve_redis  # noqa: E402
from scripts.bench.sandbox_process import SandboxProcess  # noqa: E402

REFUSED_EVERY = 200
ROW = "row-"


@attrs.frozen(kw_only=True)
class PayoutsResult:
    """What the bench has measured and found.

    Attributes:
        rows: how many were to be paid out.
        paid: rows with one routine.
        refused: rows with a refusal and no routine.
        wrong: rows with anything else, and what, a few of them.
        states: how many records are in each state at the end.
        rate: rows per second that workers had done while new rows were waiting.
        tail: seconds from then until nothing was uncertain any more.
        enqueue_rate: messages per second that one process has sent.
        bare_rate: rate of bare httpx from as many processes as there are workers.
        bare_rate_of_one: its rate from one process.
        sent_again: rows whose messages Redis has lost, when a worker was killed that was just taking them.
        kills: how many workers were killed.
        hits: how many answers were lost, and how many requests turned away.
        worker_mib: peak memory of a worker's two processes together, the largest.
        reconcile_seconds: time of the last look.
        cpu_ms: CPU time per row while new rows were waiting, by process.
    """

    rows: int
    paid: int
    refused: int
    wrong: list[str]
    states: dict[str, int]
    rate: float
    tail: float
    enqueue_rate: float
    bare_rate: float
    bare_rate_of_one: float
    sent_again: int
    kills: int
    hits: dict[str, int]
    worker_mib: float
    reconcile_seconds: float
    cpu_ms: dict[str, float]

    @property
    def share(self) -> float:
        """The rate as a share of that of bare httpx."""
        return self.rate / self.bare_rate

    @property
    def ok(self) -> bool:
        """Whether each row was paid once or refused, and nothing is unknown."""
        unknown = self.states.get("uncertain", 0) + self.states.get("sending", 0) + self.states.get("not_sent", 0)
        return not self.wrong and self.paid + self.refused == self.rows and unknown == 0


@attrs.frozen
class Person:
    """Somebody who pays out: ids of the sandbox."""

    user_id: str
    access: str
    refresh: str
    source: str
    destination: str


def run_bench(
    *,
    rows: int,
    users: int = 50,
    workers: int = 4,
    kill_every: float | None = 4.0,
    bare: int = 2_000,
    lost: float = 0.01,
    unavailable: float = 0.01,
    pool: str = "prefork",
    settings: Mapping[str, str] = {},
    say: Callable[[str], None] = print,
) -> PayoutsResult:
    """Runs the bench.

    Args:
        rows: how many payments.
        users: how many users pay them, in turn.
        workers: how many workers.
        kill_every: seconds between two kills; None: nobody is killed.
        bare: how many bare requests are sent before, and how many after.
        lost: share of the answers that are lost.
        unavailable: share of the requests that are answered with 503.
        pool: of the workers.
        settings: variables of `scripts/bench/payouts_app.py`: TIMEOUT, RESEND_AFTER, RECONCILE_EVERY in seconds.
        say: told what goes on.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="astra-payouts-"))
        sandbox = stack.enter_context(SandboxProcess())
        store, broker = stack.enter_context(open_backend("postgresql")), stack.enter_context(serve_redis(folder))
        people = seed(sandbox, store, f"{folder}/people.jsonl", users=users)
        environment = sandbox.environment | {"BROKER": broker, "STORE": store, "VISIBILITY": "20", **settings}
        before = [measure_bare(sandbox, people, count=bare, processes=each, folder=folder) for each in (workers, 1)]
        say(f"bare httpx: {before[0]:.0f} rows/s from {workers} processes, {before[1]:.0f} from one")
        stack.enter_context(mock.patch.dict(os.environ, environment))  # the app is imported here as well
        enqueue_rate = enqueue(people, range(rows))
        say(f"{rows} rows enqueued, {enqueue_rate:.0f}/s")
        sandbox.do("storm", lost=lost, unavailable=unavailable, seed=1)
        crew = stack.enter_context(Workers(environment, count=workers, folder=folder, pool=pool))
        with beat(environment, folder=folder):
            watching = Watch(broker, store, crew, sandbox_pid=sandbox.pid, kill_every=kill_every, say=say)
            done = watching.run(rows, send_again=lambda missing: enqueue(people, missing))
            crew.stop()
        seconds, states, by_key = settle()
        hits = sandbox.do("hits")
        sandbox.do("storm", lost=0.0, unavailable=0.0, seed=1)
        sandbox.do("routine_histogram", prefix=ROW, path=f"{folder}/routines.json")
        routines = json.loads(Path(folder, "routines.json").read_text(encoding="utf-8"))
        paid, refused, wrong = judge(rows, by_key, routines)
        later = [measure_bare(sandbox, people, count=bare, processes=each, folder=folder) for each in (workers, 1)]
        say(f"bare httpx: {later[0]:.0f} rows/s from {workers} processes, {later[1]:.0f} from one")
        return PayoutsResult(
            rows=rows,
            paid=paid,
            refused=refused,
            wrong=wrong,
            states=states,
            rate=done.rate,
            tail=done.tail,
            enqueue_rate=enqueue_rate,
            bare_rate=2 / (1 / before[0] + 1 / later[0]),
            bare_rate_of_one=2 / (1 / before[1] + 1 / later[1]),
            sent_again=done.sent_again,
            kills=crew.kills,
            hits=hits,
            worker_mib=crew.peak_mib,
            reconcile_seconds=seconds,
            cpu_ms=done.cpu_ms,
        )


def seed(sandbox: SandboxProcess, store: str, path: str, *, users: int) -> list[Person]:
    """Makes people in the sandbox, and keeps their tokens in the store."""
    from astra.tokens import Grant, TokenAnswer

    sandbox.do("seed_payers", users=users, path=path)
    people = [Person(*json.loads(line)) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    with sandbox.view(store) as opened:
        for number, one in enumerate(people):
            answer = TokenAnswer(access_token=one.access, expires_in=7200, refresh_token=one.refresh)
            grant = Grant.issued(f"customer-{number}", answer=answer, now=time.time(), astra_user_id=one.user_id)
            opened.save_many([(grant, None)])
    return people


def payment(people: list[Person], number: int, *, name: str) -> tuple[int, dict[str, Any]]:
    """Who pays a row, and what; into the account that it comes from, now and then, which is refused."""
    who = number % len(people)
    one = people[who]
    body: dict[str, Any] = {
        "type": "one-time",
        "name": name,
        "payment_type": "ach",
        "source_id": one.source,
        "destination_id": one.source if number % REFUSED_EVERY == REFUSED_EVERY - 1 else one.destination,
        "amount": "1.00",
    }
    return who, body


def enqueue(people: list[Person], rows: Sequence[int]) -> float:
    """Sends rows to the queue; returns messages per second."""
    from scripts.bench.payouts_app import payouts

    started = time.perf_counter()
    with payouts.pay.app.producer_pool.acquire(block=True) as producer:
        for number in rows:
            who, body = payment(people, number, name=f"{ROW}{number}")
            key = f"{ROW}{number}"
            payouts.delay("create_routine", f"customer-{who}", body, idempotency_key=key, producer=producer)
    return len(rows) / (time.perf_counter() - started)


def settle() -> tuple[float, dict[str, int], dict[str, str]]:
    """Looks once more for what is unknown; returns the seconds, the states, and the state of each key."""
    from scripts.bench.payouts_app import astra

    started = time.perf_counter()
    astra.payments.reconcile()
    seconds = time.perf_counter() - started
    by_key = {record.key: record.state.value for record in astra.payments.list()}
    return seconds, dict(Counter(by_key.values())), by_key


def judge(rows: int, by_key: dict[str, str], routines: dict[str, int]) -> tuple[int, int, list[str]]:
    """Compares the records with what the sandbox has made."""
    paid = refused = 0
    wrong: list[str] = []
    for number in range(rows):
        state, count = by_key.get(f"{ROW}{number}"), routines.get(f"{ROW}{number}", 0)
        if (state, count) == ("made", 1):
            paid += 1
        elif (state, count) == ("refused", 0) and number % REFUSED_EVERY == REFUSED_EVERY - 1:
            refused += 1
        else:
            wrong.append(f"{ROW}{number}: {state}, {count} routines")
    return paid, refused, wrong


def measure_bare(sandbox: SandboxProcess, people: list[Person], *, count: int, processes: int, folder: str) -> float:
    """Posts payments with bare httpx from as many processes; returns their rate per second, all together."""
    path = Path(folder, "bare.json")
    path.write_text(json.dumps([sandbox.url, [attrs.astuple(one) for one in people]]), encoding="utf-8")
    share = max(count // processes, 1)
    command = [sys.executable, str(HERE), "--bare", str(path), str(share)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()  # its connection is warm
    started = time.perf_counter()
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in running:
        if one.wait() != 0:
            raise RuntimeError("a bare process has failed")
    seconds = time.perf_counter() - started
    for one in running:
        assert one.stdin is not None
        assert one.stdout is not None
        one.stdin.close()
        one.stdout.close()
    return share * processes / seconds


def send_bare(path: str, count: str) -> None:
    """A process of bare payments: httpx and nothing else."""
    import httpx

    url, found = json.loads(Path(path).read_text(encoding="utf-8"))
    people = [Person(*one) for one in found]
    with httpx.Client(base_url=url, timeout=20) as client:
        client.get("/v1/user", headers={"authorization": f"Bearer {people[0].access}"}).raise_for_status()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(int(count)):
            who, body = payment(people, number, name=f"bare-{number}")
            headers = {"authorization": f"Bearer {people[who].access}"}
            # As a payment under a key has one. Without it, it might be any of the lost ones that are alike.
            sent = body | {"amount": 1.0, "client_correlation_id": os.urandom(4).hex()}
            answer = client.post("/v1/routines", json=sent, headers=headers)
            if answer.status_code == 201:
                answer.json()
            elif number % REFUSED_EVERY != REFUSED_EVERY - 1:
                answer.raise_for_status()


def main() -> int:
    """Runs once and prints the result."""
    if sys.argv[1:2] == ["--bare"]:
        send_bare(*sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=50, help="who pays them, in turn")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kill-every", type=float, default=4.0, help="seconds; 0: nobody is killed")
    parser.add_argument("--pool", default="prefork", choices=("prefork", "solo"), help="Celery's pool of the workers")
    parser.add_argument("--bare", type=int, default=4_000, help="bare requests before, and again after")
    parser.add_argument("--quiet-network", action="store_true", help="no answer is lost, nothing is turned away")
    options = parser.parse_args()
    share = 0.0 if options.quiet_network else 0.01
    result = run_bench(
        rows=options.rows,
        users=options.users,
        workers=options.workers,
        kill_every=options.kill_every or None,
        bare=options.bare,
        pool=options.pool,
        lost=share,
        unavailable=share,
    )
    print(f"{result.rows} rows of {options.users} users over {options.workers} workers, {result.kills} killed")
    print(f"  hit: {result.hits}; messages lost by the broker and sent again: {result.sent_again}")
    print(f"  paid once {result.paid}, refused {result.refused}, anything else {len(result.wrong)} {result.wrong[:5]}")
    print(f"  records: {result.states}")
    print(f"  {result.rate:.0f} rows/s, bare httpx {result.bare_rate:.0f} rows/s, share {result.share:.2f} (goal 0.6)")
    print(
        f"  beside one process of bare httpx, {result.bare_rate_of_one:.0f} rows/s: "
        f"{result.rate / result.bare_rate_of_one:.2f}"
    )
    print(
        f"  enqueued {result.enqueue_rate:.0f}/s; {result.tail:.0f} s from the last new row to the last open one; "
        f"the last look took {result.reconcile_seconds:.1f} s"
    )
    told = ", ".join(f"{name} {milliseconds:.2f}" for name, milliseconds in sorted(result.cpu_ms.items()))
    print(f"  CPU milliseconds per row: {told}, together {sum(result.cpu_ms.values()):.2f}")
    print(f"  memory per worker {result.worker_mib:.0f} MiB")
    return 0 if result.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
