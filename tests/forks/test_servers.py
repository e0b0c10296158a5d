"""Servers that import the program first and fork their workers then: gunicorn --preload, and Celery's prefork pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import celery
import httpx
import pytest

from astra.request_log import open_request_log
from scripts.bench.sandbox_process import ROOT, SandboxProcess
from tests.services import free_port

CALLS = 1_000


@contextmanager
def server(environment: dict[str, str], program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program of the virtual environment, asked to end at the end, with all its children."""
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / program), *arguments],
        env=os.environ | environment,
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=20)


def check(reports: list[dict[str, Any]], sandbox: SandboxProcess, environment: dict[str, str]) -> None:
    assert [failure for report in reports for failure in report["failed"]] == []
    assert sum(report["made"] for report in reports) == CALLS
    assert len({report["process"] for report in reports}) > 1
    assert sandbox.do("counts")["get_user"] == CALLS + 1
    with open_request_log(environment["ASTRA_REQUEST_LOG"]) as log:
        assert len(log.query(operation="get_user", limit=2 * CALLS)) == CALLS + 1


@pytest.mark.long
def test_gunicorn_with_preload_makes_1000_calls_with_a_client_made_at_import(
    sandbox: SandboxProcess, environment: dict[str, str]
) -> None:
    port = free_port()
    arguments = ("--preload", "--workers", "4", "--bind", f"127.0.0.1:{port}", "tests.forks.web:app")
    with server(environment, "gunicorn", *arguments) as process:
        lines = iter(process.stdout.readline, "")  # type: ignore[union-attr]
        assert any("Booting worker" in line for line in lines)

        def ask(_: int) -> dict[str, Any]:
            answer = httpx.get(f"http://127.0.0.1:{port}/", timeout=60)
            assert answer.status_code == 200, answer.text
            report: dict[str, Any] = answer.json()
            return report

        with ThreadPoolExecutor(8) as pool:
            reports = list(pool.map(ask, range(CALLS // 10)))
    check(reports, sandbox, environment)


@pytest.mark.long
def test_a_celery_prefork_worker_makes_1000_calls_with_a_client_made_at_import(
    sandbox: SandboxProcess, environment: dict[str, str], broker_url: str
) -> None:
    environment = environment | {"BROKER": broker_url}
    app = celery.Celery("payments", broker=environment["BROKER"], backend=environment["BROKER"])
    arguments = ("-A", "tests.forks.work", "worker", "--concurrency", "4", "--without-gossip", "--without-mingle")
    with server(environment, "celery", *arguments):
        sent = [app.send_task("tests.forks.work.work", (20,)) for _ in range(CALLS // 20)]
        reports = [result.get(timeout=60) for result in sent]
        app.close()
    check(reports, sandbox, environment)
