"""What `install_payments` refuses, and what it puts into a Celery app."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import celery
import pytest
import redis

from astra import Astra, AsyncAstra, BadRequestError, ConfigurationError, InvalidRequestError
from astra.integrations.celery import PaymentTasks, install_payments
from tests.integrations.paying import paying


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Astra]:
    with Astra("id", "secret", idempotency_store=tmp_path / "payments.db") as made:
        yield made


def app(broker: str = "memory://") -> celery.Celery:
    return celery.Celery("payments", broker=broker)


def test_a_client_that_remembers_no_payments_is_refused() -> None:
    with Astra("id", "secret") as client, pytest.raises(ConfigurationError, match="idempotency_store="):
        install_payments(app(), client=client)


def test_a_store_that_other_processes_do_not_see_is_refused() -> None:
    with (
        Astra("id", "secret", idempotency_store="memory://") as client,
        pytest.raises(ConfigurationError, match="would pay twice"),
    ):
        install_payments(app(), client=client)


@pytest.mark.parametrize("wrong", [None, "astra", AsyncAstra("id", "secret"), lambda: None])
def test_what_is_no_client_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="client must"):
        install_payments(app(), client=wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"queue": ""},
        {"queue": 5},
        {"rate_limit": "fast"},
        {"rate_limit": "10/x"},
        {"rate_limit": "-1/s"},
        {"rate_limit": []},
        {"reconcile_every": timedelta(0)},
        {"reconcile_every": 300},
        {"max_attempts": 0},
        {"max_attempts": True},
        {"max_attempts": 2.5},
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(client: Astra, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        install_payments(app(), client=client, **wrong)
    [name] = wrong
    assert name in str(caught.value)


def test_a_function_may_make_the_client(client: Astra) -> None:
    asked: list[int] = []

    def make() -> Astra:
        asked.append(1)
        return client

    install_payments(app(), client=make)
    assert asked == [1]


def test_beat_looks_in_the_queue_that_is_not_behind_all_new_payments(client: Astra) -> None:
    payments = app()
    tasks = install_payments(payments, client=client, queue="money", reconcile_every=timedelta(minutes=2))
    entry = {
        "task": "astra.reconcile_payments",
        "schedule": 120.0,
        "options": {"queue": "money.later", "expires": 120.0},
    }
    assert payments.conf.beat_schedule == {"astra.reconcile_payments": entry}
    assert tasks.beat_schedule == payments.conf.beat_schedule
    assert (tasks.queue, tasks.later_queue, tasks.failed_queue) == ("money", "money.later", "money.failed")
    silent = app()
    assert install_payments(silent, client=client, reconcile_every=None).beat_schedule == {}
    assert not silent.conf.beat_schedule


def test_the_task_outlives_its_worker_and_keeps_to_the_rate(client: Astra) -> None:
    task = install_payments(app(), client=client, rate_limit="10/s").pay
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.rate_limit == "10/s"
    assert task.acks_on_failure_or_timeout is False


def send_one(tasks: PaymentTasks) -> None:
    arguments = {
        "type": "one-time",
        "name": "Payout to Tenzing Norgay",
        "payment_type": "ach",
        "source_id": "acct_1",
        "destination_id": "acct_2",
        "amount": "20.00",
    }
    tasks.delay("create_routine", "customer-42", arguments, idempotency_key="payout-17")


def test_a_message_goes_to_its_queue_and_its_headers_show_no_argument(broker_url: str, client: Astra) -> None:
    tasks = install_payments(app(broker_url), client=client)
    send_one(tasks)
    tasks.reconcile.delay()
    with redis.Redis.from_url(broker_url) as queues:
        sizes = [queues.llen(name) for name in ("astra-payments", "astra-payments.later", "celery")]
        assert sizes == [1, 1, 0]
        [message] = queues.lrange("astra-payments", 0, -1)  # type: ignore[misc]
    shown = json.dumps(json.loads(message)["headers"])
    assert "payout-17" in shown
    assert "Tenzing" not in shown
    assert "acct_1" not in shown


def test_what_is_misspelt_is_an_error_where_it_is_sent_also_in_a_signature(client: Astra) -> None:
    tasks = install_payments(app(), client=client)
    with pytest.raises(InvalidRequestError, match="Did you mean 'amount'"):
        tasks.delay("create_routine", "customer-42", {"amuont": "20.00"}, idempotency_key="payout-17")
    signature = tasks.pay.s("create_routne", "customer-42", {}, idempotency_key="payout-17")
    with pytest.raises(InvalidRequestError, match="operation must be one"):
        signature.apply_async()
    with pytest.raises(InvalidRequestError, match="idempotency_key is missing"):
        tasks.pay.delay("create_routine", "customer-42", {})


def test_called_here_and_now_it_pays_and_raises_what_a_call_raises(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with paying(f"sqlite:///{tmp_path}/both.db") as here:
        tasks = install_payments(app(), client=here.client)
        first = tasks.pay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17")
        again = tasks.pay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17")
        assert (first["replayed"], again["replayed"]) == (False, True)
        assert first["resource_id"] == again["resource_id"]
        to_itself = here.arguments | {"destination_id": here.arguments["source_id"]}
        with pytest.raises(BadRequestError):
            tasks.pay("create_routine", "customer-42", to_itself, idempotency_key="payout-18")
        stopped = tasks.pay(
            "delete_routine", "customer-42", {"routine_id": first["resource_id"]}, idempotency_key="stop-17"
        )
        assert stopped["idempotency_key"] == "stop-17"
    assert "Tenzing" not in caplog.text


def test_a_look_that_needs_a_person_is_logged_as_an_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with paying(f"sqlite:///{tmp_path}/both.db") as here:
        tasks = install_payments(app(), client=here.client)
        here.sandbox.faults.add(operation="create_book_routine", drop="after")
        here.sandbox.faults.add(operation="create_routine", drop="after")
        with pytest.raises(Exception, match="outcome is unknown"):
            tasks.pay("create_routine", "customer-42", here.arguments, idempotency_key="payout-17")
        here.sandbox.faults.add(operation="list_routines", status=403, times=None)
        report = tasks.reconcile()
    assert report["failed"] == 1
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert any("the payment under the idempotency key 'payout-17' is not known" in text for text in errors)
