"""Beat and two groups of Celery worker processes, as on two hosts, keep the grants of one store alive."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import celery
import pytest
import redis

from astra import Astra
from astra.integrations.celery import install
from astra.sandbox import Sandbox
from astra.tokens import BoundStore, Grant, TokenAnswer
from scripts.bench.sandbox_process import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
DAY = 24 * 3600.0
GRANTS = 300


@contextmanager
def celery_process(
    environment: dict[str, str], *arguments: str, folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """A `celery` process in a group of its own, ended with all its children."""
    path = os.pathsep.join([str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "celery"), *arguments],
        env=os.environ | environment | {"PYTHONPATH": path},
        cwd=folder,
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


def printed(guide: str) -> tuple[str, list[list[str]]]:
    """The program of the guide, and its two commands."""
    program = next(block for block in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "install(" in block)
    commands = re.findall(r"^    (celery -A payments\.celery_app .*)$", guide, re.MULTILINE)
    return program, [shlex.split(command) for command in commands]


@pytest.mark.long
@pytest.mark.timeout(180)
def test_the_commands_of_the_guide_refresh_everybody(broker_url: str, postgres_url: str, tmp_path: Path) -> None:
    """As printed but for addresses and the hour between two looks."""
    program, commands = printed((ROOT / "docs" / "guides" / "celery.md").read_text(encoding="utf-8"))
    assert [words[3] for words in commands] == ["beat", "worker"]
    assert "-Q" in commands[1]
    for former, latter in {
        "redis://cache:6379/1": broker_url,
        "postgresql://app@db/app": postgres_url,
        "hours=1": "seconds=2",
    }.items():
        assert former in program
        program = program.replace(former, latter)
    (tmp_path / "payments").mkdir()
    (tmp_path / "payments" / "__init__.py").touch()
    (tmp_path / "payments" / "celery_app.py").write_text(program, encoding="utf-8")
    with SandboxProcess() as sandbox, sandbox.view(postgres_url) as store:
        fill(store, sandbox, tmp_path / "users.jsonl", grants=5)
        with ExitStack() as running:
            for words in commands:
                running.enter_context(celery_process(sandbox.environment, *words[1:], folder=tmp_path))
            give_up = time.monotonic() + 90
            while store.count_due(refreshed_before=time.time() - 5 * DAY):
                assert time.monotonic() < give_up, "nobody is refreshed"
                time.sleep(0.1)
        assert sandbox.do("refresh_histogram") == {"1": 5}
    with redis.Redis.from_url(broker_url) as broker:
        assert broker.llen("celery") == 0, "nobody listens to that queue"


def test_beat_sends_its_task_to_the_queue_of_the_workers_and_lets_it_expire() -> None:
    app = celery.Celery("payments", broker="memory://")
    install(app, every=timedelta(minutes=30), queue="keep-alive")
    assert app.conf.beat_schedule["astra.tokens.find_due"] == {
        "task": "astra.tokens.find_due",
        "schedule": 1800.0,
        "options": {"queue": "keep-alive", "expires": 1800.0},
    }


@pytest.mark.parametrize("routes", [{"payments.*": {"queue": "money"}}, ({"payments.*": {"queue": "money"}},)])
def test_what_is_sent_by_hand_goes_to_the_queue_of_the_workers_beside_routes_of_the_app(
    broker_url: str, routes: Any
) -> None:
    app = celery.Celery("payments", broker=broker_url)
    app.conf.task_routes = routes
    tasks = install(app, queue="keep-alive")
    tasks.find_due.delay()
    tasks.refresh_chunk.delay(["customer-42"])
    app.send_task("payments.pay")
    with redis.Redis.from_url(broker_url) as broker:
        assert [broker.llen(name) for name in ("keep-alive", "money", "celery")] == [2, 1, 0]


def test_a_chunk_that_failed_is_logged_as_an_error_for_apps_that_keep_no_results(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Sandbox() as sandbox, Astra(sandbox.client_id, "of another environment", base_url=sandbox.url) as client:
        person = sandbox.users.create(authorized=True)
        answer = TokenAnswer(access_token="stale", expires_in=7200, refresh_token="refused with its client")
        client.tokens.store_answer("customer-42", answer, astra_user_id=person.id, issued_at=time.time() - 6 * DAY)
        tasks = install(celery.Celery("payments", broker="memory://"), client=lambda: client)
        result = tasks.refresh_chunk(["customer-42"])
    assert result["failed"] == 1
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "invalid_client" in record.getMessage()
    assert "keep-alive of 1 users" in record.getMessage()


def fill(store: BoundStore, sandbox: SandboxProcess, path: Path, *, grants: int = GRANTS) -> None:
    sandbox.do("seed", users=grants, path=str(path))
    now = time.time() - 6 * DAY
    saves = []
    for number, line in enumerate(path.read_text().splitlines()):
        user_id, access, refresh = json.loads(line)
        answer = TokenAnswer(access_token=access, expires_in=7200, refresh_token=refresh)
        saves.append((Grant.issued(f"customer-{number}", answer=answer, now=now, astra_user_id=user_id), None))
    store.save_many(saves)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["postgresql", "redis"])
@pytest.mark.timeout(180)
def test_two_groups_of_workers_share_the_work_and_do_nothing_twice(
    kind: str, request: pytest.FixtureRequest, redis_url: str, broker_url: str, tmp_path: Path
) -> None:
    store_url = request.getfixturevalue("postgres_url") if kind == "postgresql" else redis_url
    with SandboxProcess() as sandbox, sandbox.view(store_url) as store:
        fill(store, sandbox, tmp_path / "users.jsonl")
        environment = sandbox.environment | {"BROKER": broker_url, "STORE": store_url, "EVERY": "4"}
        app = ("-A", "tests.tokens.celery_app")
        worker = (*app, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning")
        with (
            celery_process(environment, *worker, "-n", "one@host"),
            celery_process(environment, *worker, "-n", "two@host"),
            celery_process(environment, *app, "beat", "--schedule", str(tmp_path / "schedule")),
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
