"""Real workers pay over real Redis and PostgreSQL. What goes wrong between them makes nobody pay twice."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from astra.payments import PaymentState
from tests.integrations.paying import paying, sender, wait_until, worker

pytestmark = [pytest.mark.outage, pytest.mark.timeout(240)]


def outcomes(broker_url: str) -> list[dict[str, Any]]:
    """What the workers have reported, as the result backend keeps it."""
    with redis.Redis.from_url(broker_url) as backend:
        names: list[bytes] = backend.keys("celery-task-meta-*")  # type: ignore[assignment]
        return [json.loads(backend.get(name) or b"{}") for name in names]  # type: ignore[arg-type]


def test_messages_that_come_twice_pay_once_and_refusals_and_misspelt_ones_are_told(
    broker_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with paying(postgres_url) as here:
        tasks = sender(broker_url, here.client)
        results = [
            tasks.delay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17") for _ in range(2)
        ]
        to_itself = here.arguments | {"destination_id": here.arguments["source_id"]}
        refused = tasks.delay("create_routine", "customer-42", to_itself, idempotency_key="payout-18")
        other = tasks.delay(
            "create_routine", "customer-42", here.arguments | {"amount": "1"}, idempotency_key="payout-17"
        )
        # Past the check of the sender, as a program of another language does.
        misspelt = tasks.pay.app.send_task(
            "astra.pay",
            ("create_routine", "customer-42", {"amuont": "1"}),
            {"idempotency_key": "payout-19"},
            queue="astra-payments",
        )
        log = tmp_path / "worker.log"
        with worker(here.environment(broker_url, postgres_url), log):
            wait_until(lambda: all(result.ready() for result in (*results, refused, other, misspelt)))
        [routine] = here.routines()
        told = [result.get() for result in results]
        expected = {
            "operation": "create_routine",
            "idempotency_key": "payout-17",
            "resource_id": routine.id,
            "request_id": told[0]["request_id"],
        }
        assert told == [expected | {"replayed": False}, expected | {"replayed": True}]
        names = {"BadRequestError": refused, "IdempotencyConflictError": other, "InvalidRequestError": misspelt}
        failures = {
            one["task_id"]: one["result"]["exc_type"] for one in outcomes(broker_url) if one["status"] == "FAILURE"
        }
        assert failures == {result.id: name for name, result in names.items()}
        written = log.read_text(encoding="utf-8")
        assert "'payout-18' (create_routine) is refused, and is not tried again: BadRequestError" in written
        assert "'payout-19' (create_routine) is impossible: InvalidRequestError" in written
        kept = written + json.dumps(outcomes(broker_url))
        token = here.client.tokens.get("customer-42")
        assert token is not None
        for secret in ("Tenzing", here.sandbox.client_secret, here.arguments["source_id"]):
            assert secret not in kept


def test_a_worker_that_is_killed_between_sending_and_saving_pays_once(
    broker_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with paying(postgres_url) as here:
        fault = here.sandbox.faults.add(operation="create_routine", delay=30.0)
        tasks = sender(broker_url, here.client)
        result = tasks.delay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17")
        with worker(here.environment(broker_url, postgres_url, TIMEOUT="3"), tmp_path / "worker.log") as pid:
            wait_until(lambda: fault.hits)
            [payer] = psutil.Process(pid).children()
            os.kill(payer.pid, signal.SIGKILL)
            record = here.client.payments.get("payout-17")
            assert record is not None
            assert record.state is PaymentState.SENDING
            told = result.get(timeout=120)
        [routine] = here.routines()
        assert told["resource_id"] == routine.id
        assert told["replayed"] is True
        record = here.client.payments.get("payout-17")
        assert record is not None
        assert (record.state, record.attempts) == (PaymentState.MADE, 1)


@pytest.mark.long
def test_a_lost_answer_is_found_by_the_look_of_beat_and_the_message_reports_it(
    broker_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with paying(postgres_url) as here:
        here.sandbox.faults.add(operation="create_routine", drop="after")
        tasks = sender(broker_url, here.client)
        result = tasks.delay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17")
        with worker(here.environment(broker_url, postgres_url, EVERY="5"), tmp_path / "worker.log"):
            wait_until(lambda: list(here.client.payments.list(state="uncertain")))
            look = tasks.reconcile.delay()
            report = look.get(timeout=60)
            told = result.get(timeout=60)
        assert report == {"made": 1, "refused": 0, "not_found": 0, "ambiguous": 0, "failed": 0, "in_progress": 0}
        [routine] = here.routines()
        assert told["resource_id"] == routine.id
        assert told["replayed"] is True


@pytest.mark.long
def test_what_is_tried_in_vain_is_kept_in_a_queue_and_logged_with_its_key(
    broker_url: str, postgres_url: str, tmp_path: Path
) -> None:
    with paying(postgres_url) as here:
        here.sandbox.faults.add(operation="create_routine", status=429, times=None)
        tasks = sender(broker_url, here.client)
        arguments = here.arguments | {"max_retries": 0}
        result = tasks.delay("create_routine", "customer-42", arguments, idempotency_key="payout-17")
        log = tmp_path / "worker.log"
        with worker(here.environment(broker_url, postgres_url, ATTEMPTS="2"), log):
            wait_until(result.ready)
            assert result.status == "FAILURE"
            assert here.sandbox.counts["create_routine"] == 2
            here.sandbox.faults.clear()
            with redis.Redis.from_url(broker_url) as queues:
                assert queues.llen("astra-payments.failed") == 1
        assert "'payout-17' (create_routine) is tried 2 times and failed; it is in the queue astra-payments.failed" in (
            log.read_text(encoding="utf-8")
        )
        # Whoever listens to that queue pays it, once the cause is cured.
        with worker(here.environment(broker_url, postgres_url), log, queue="astra-payments.failed"):
            wait_until(here.routines)
        assert len(here.routines()) == 1


def test_a_worker_that_does_not_listen_says_so(broker_url: str, postgres_url: str, tmp_path: Path) -> None:
    with paying(postgres_url) as here:
        log = tmp_path / "worker.log"
        with worker(here.environment(broker_url, postgres_url), log, queue="celery"):
            wait_until(lambda: "ready" in log.read_text(encoding="utf-8"))
        assert "does not listen to the queue astra-payments" in log.read_text(encoding="utf-8")
