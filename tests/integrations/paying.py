"""A sandbox, a client that pays in it, and workers: what the tests of payments over Celery need."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from astra import Astra
from astra.integrations.celery import PaymentTasks, install_payments
from astra.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]


@attrs.frozen(kw_only=True)
class Paying:
    """Somebody who pays, and what it takes.

    Attributes:
        sandbox: the local Astra.
        client: a client of the test's own.
        arguments: of a payout from one account of the user "customer-42" to another.
    """

    sandbox: Sandbox
    client: Astra
    arguments: dict[str, Any]

    def routines(self) -> list[Any]:
        """All routines that were made."""
        return list(self.client.user("customer-42").routines.list())

    def environment(self, broker: str, store: str, **more: str) -> dict[str, str]:
        """Variables of a program that pays as the client does."""
        return {
            "ASTRA_CLIENT_ID": self.sandbox.client_id,
            "ASTRA_CLIENT_SECRET": self.sandbox.client_secret,
            "ASTRA_BASE_URL": self.sandbox.url,
            "BROKER": broker,
            "STORE": store,
        } | more


@contextmanager
def paying(store: str, **options: Any) -> Iterator[Paying]:
    """Yields somebody who can pay; the tokens are in the store of the payments."""
    with (
        Sandbox() as sandbox,
        Astra(
            sandbox.client_id,
            sandbox.client_secret,
            base_url=sandbox.url,
            redirect_uri=sandbox.redirect_uri,
            token_store=store,
            idempotency_store=store,
            **options,
        ) as client,
    ):
        person = sandbox.users.create(accounts=2)
        user = client.oauth.exchange(sandbox.authorize(user_id=person.id), key="customer-42")
        one, other = user.accounts.list()
        arguments = {
            "type": "one-time",
            "name": "Payout to Tenzing Norgay",
            "payment_type": "ach",
            "source_id": one.id,
            "destination_id": other.id,
            "amount": "20.00",
        }
        yield Paying(sandbox=sandbox, client=client, arguments=arguments)


def sender(broker: str, client: Astra) -> PaymentTasks:
    """The tasks of a process that only sends."""
    import celery

    return install_payments(celery.Celery("payments", broker=broker, backend=broker), client=client)


@contextmanager
def worker(environment: dict[str, str], log: Path, *, queue: str = "astra-payments") -> Iterator[int]:
    """Runs a worker with one pool process; yields the worker's process id."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [str(Path(sys.executable).parent / "celery"), "-A", "tests.integrations.payments_app", "worker"]
    options = ["-Q", queue, "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "info"]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*command, *options],
            env=os.environ | environment | {"PYTHONPATH": path},
            cwd=ROOT,
            start_new_session=True,
            stdout=file,
            stderr=file,
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


def wait_until(condition: Callable[[], object], *, seconds: float = 90.0) -> None:
    """Waits for other processes."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it does not come"
        time.sleep(0.05)
