"""The programs: the command line, the demo, webhooks over HTTP, Celery, OpenTelemetry, the pytest plugin."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from astra import Astra
from astra.sandbox import Sandbox

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def commands(run, *above: str) -> Iterator[tuple[str, ...]]:
    """Every command, as its help and that of the commands above it list them."""
    text = run("-m", "astra", *above, "--help")
    assert "Usage: astra" in text, above
    yield above
    _, _, listed = text.partition("Commands")
    for line in listed.splitlines():
        if found := re.match(r"[│|\s]\s([a-z][a-z-]+)\s{2,}", line):
            yield from commands(run, *above, found[1])


def test_every_command_has_help(run) -> None:
    found = list(commands(run))
    assert {("tokens", "keep-alive"), ("sandbox",), ("doctor",), ("requests", "list")} <= set(found)
    assert run("-m", "astra", "--version").startswith("astra ")


def test_the_command_line_shows_what_happened(run, astra: Astra, settings: dict[str, str]) -> None:
    ids = [account.id for account in astra.user("customer-42").accounts.list()]
    ends = {"source_id": ids[0], "destination_id": ids[1]}
    what = {"type": "one-time", "name": "Top-up", "payment_type": "ach", "amount": "1.00"}
    routine = astra.user("customer-42").routines.create(**what, **ends, idempotency_key="INV1")
    astra.close()
    assert "customer-42" in run("-m", "astra", "tokens", "list", **settings)
    assert "create_routine" in run("-m", "astra", "requests", "list", **settings)
    assert "INV1" in run("-m", "astra", "payments", "list", **settings)
    assert routine.id in run("-m", "astra", "trace", "INV1", **settings)
    assert "customer-42" not in run("-m", "astra", "tokens", "keep-alive", **settings)
    checks = json.loads(run("-m", "astra", "doctor", "--offline", "--json", **settings))["checks"]
    assert [one for one in checks if "check itself" in one["message"]] == []


@pytest.mark.parametrize("command", [("sandbox", "--port", "0"), ("dashboard", "--port", "0", "--no-open")])
def test_what_serves_serves_until_it_is_ended(command: tuple[str, ...], settings: dict[str, str], tmp_path) -> None:
    import httpx

    arguments = [sys.executable, "-W", "error", "-m", "astra", *command]
    with subprocess.Popen(
        arguments, cwd=tmp_path, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            [url] = re.findall(r"http://\S+", process.stdout.readline())
            assert httpx.get(url, follow_redirects=True).status_code == 200
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_demo_pays(run) -> None:
    assert "is processed" in run(str(EXAMPLES / "demo.py"))
    assert "authorized since an earlier run" in run(str(EXAMPLES / "demo.py"))


def test_webhooks_arrive_in_an_app(sandbox: Sandbox) -> None:
    import uvicorn
    from starlette.applications import Starlette

    from astra.integrations.starlette import webhook_endpoint
    from astra.webhooks import AsyncWebhookHandler, Webhooks

    arrived = threading.Event()
    types: list[str] = []

    async def on_event(event) -> None:
        types.append(event.type)
        arrived.set()

    handler = AsyncWebhookHandler(Webhooks(sandbox.client_secret), dedupe="memory://")
    app = Starlette()
    app.add_route("/webhooks/astra", webhook_endpoint(handler, on_event), methods=["POST"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        sandbox.webhooks.register(f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/astra")
        sandbox.users.set_status(sandbox.users.create(accounts=1).id, "suspended")
        assert arrived.wait(30)
        server.should_exit = True
        thread.join(30)
    assert types[0].startswith("user")


CELERY = """
import sys
from datetime import timedelta

import celery

from astra import Astra
from astra.integrations.celery import install

app = celery.Celery("smoke", broker=sys.argv[1], backend=sys.argv[1])
app.conf.broker_connection_retry_on_startup = True
tasks = install(app, client=Astra.from_env, every=timedelta(hours=1), older_than=timedelta(0))
if sys.argv[2] == "work":
    app.worker_main(["worker", "--pool", "solo", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"])
else:
    app.send_task("astra.tokens.refresh_chunk", args=[["customer-42"]]).get(timeout=60)
"""


def test_a_celery_worker_renews_a_grant(
    astra: Astra, settings: dict[str, str], redis_url: str, tmp_path: Path, run
) -> None:
    program = tmp_path / "tasks.py"
    program.write_text(CELERY, encoding="utf-8")
    before = astra.tokens.get("customer-42")
    with subprocess.Popen([sys.executable, program, redis_url, "work"], env={**os.environ, **settings}) as worker:
        try:
            run(str(program), redis_url, "send", **settings)
        finally:
            worker.terminate()
    after = astra.tokens.get("customer-42")
    assert before is not None and after is not None and after.version > before.version


def test_a_call_can_be_traced(astra: Astra) -> None:
    from astra.integrations.opentelemetry import instrument

    instrument(astra)
    assert astra.user("customer-42").profile.get().id


PROJECT = """
import pytest
from astra.testing import construct_error, vcr_settings

@pytest.fixture(scope="module")
def vcr_config():
    return vcr_settings()

def test_time_passes(astra_sandbox, astra_user):
    astra_sandbox.advance(days=1)
    assert astra_user.profile.get().status == "approved"

def test_a_canned_answer(astra_canned, astra_client):
    astra_canned.on("get_bin", {"bin": "400000"})
    assert astra_client.bins.get("400000")

@pytest.mark.vcr
def test_a_recorded_call(astra_client):
    assert astra_client.bins.get("400000")
"""


def test_the_pytest_plugin_records_and_replays(run, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(PROJECT, encoding="utf-8")
    assert "3 passed" in run("-m", "pytest", "-p", "no:cacheprovider", "--record-mode=once")
    [cassette] = tmp_path.rglob("*.yaml")
    assert "client_secret" not in cassette.read_text(encoding="utf-8")
    assert "3 passed" in run("-m", "pytest", "-p", "no:cacheprovider", "--record-mode=none")
