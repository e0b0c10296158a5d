"""Beat and two groups of Celery worker processes, as on two hosts, keep the grants of one store alive."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from astra.tokens import Grant, TokenAnswer, TokenStore, open_store
from scripts.bench.sandbox_process import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
DAY = 24 * 3600.0
GRANTS = 300


@contextmanager
def celery_process(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `celery` process in a group of its own, ended with all its children."""
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "celery"), "-A", "tests.tokens.celery_app", *arguments],
        env=os.environ | environment | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def fill(store: TokenStore, sandbox: SandboxProcess, path: Path) -> None:
    sandbox.do("seed", users=GRANTS, path=str(path))
    now = time.time() - 6 * DAY
    saves = []
    for number, line in enumerate(path.read_text().splitlines()):
        user_id, access, refresh = json.loads(line)
        answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
        saves.append((Grant.issued(f"customer-{number}", answer=answer, now=now, astra_user_id=user_id), None))
    store.save_many(saves)


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
@pytest.mark.timeout(180)
def test_two_groups_of_workers_share_the_work_and_do_nothing_twice(
    kind: str, request: pytest.FixtureRequest, redis_url: str, tmp_path: Path
) -> None:
    store_url = request.getfixturevalue("postgres_url") if kind == "postgresql" else redis_url
    with SandboxProcess() as sandbox, open_store(store_url) as store:
        fill(store, sandbox, tmp_path / "users.jsonl")
        environment = sandbox.environment | {"BROKER": f"{redis_url[:-1]}1", "STORE": store_url, "EVERY": "4"}
        worker = ("worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning")
        with (
            celery_process(environment, *worker, "-n", "one@host"),
            celery_process(environment, *worker, "-n", "two@host"),
            celery_process(environment, "beat", "--schedule", str(tmp_path / "schedule")),
        ):
            give_up = time.monotonic() + 120
            while store.count_due(refreshed_before=time.time() - 5 * DAY):
                assert time.monotonic() < give_up
                time.sleep(0.1)
            # Two more looks of beat find nothing to do.
            with redis.Redis.from_url(environment["BROKER"]) as broker:
                looks = len(broker.keys("celery-task-meta-*"))
                while len(broker.keys("celery-task-meta-*")) < looks + 2:
                    assert time.monotonic() < give_up
                    time.sleep(0.1)
                ended = [json.loads(broker.get(name) or b"{}") for name in broker.keys("celery-task-meta-*")]
        assert sandbox.do("refresh_histogram") == {"1": GRANTS}
    # What a task raised is its result, a dict as well; a chunk that waited until the next look has expired, unharmed.
    assert [task["result"] for task in ended if task["status"] not in ("SUCCESS", "REVOKED")] == []
    done = [task["result"] for task in ended if task["status"] == "SUCCESS"]
    reports = [result for result in done if isinstance(result, dict)]
    assert sum(report["refreshed"] for report in reports) == GRANTS
    assert sum(report["failed"] for report in reports) == 0
    assert len({report["process"] for report in reports if report["refreshed"]}) >= 2
