"""A Celery app that pays, as a user would write it, for workers that the tests start."""

from __future__ import annotations

import os
from datetime import timedelta

import celery

from astra import Astra
from astra.integrations.celery import install_payments

app = celery.Celery("payments", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)
astra = Astra.from_env(
    token_store=os.environ["STORE"],
    idempotency_store=os.environ["STORE"],
    timeout=float(os.environ.get("TIMEOUT", "60")),
)
payments = install_payments(
    app,
    client=astra,
    reconcile_every=timedelta(seconds=float(os.environ.get("EVERY", "2"))),
    max_attempts=int(os.environ.get("ATTEMPTS", "20")),
)
