"""The Celery app of `scripts/bench/payouts.py`, as a user would write it."""

from __future__ import annotations

import os
from datetime import timedelta

import celery

from astra import Astra
from astra.integrations.celery import install_payments

app = celery.Celery("payouts", broker=os.environ["BROKER"])
app.conf.update(
    broker_connection_retry_on_startup=True,
    # Messages of a worker that was killed whole are delivered anew after so long. An hour is usual.
    broker_transport_options={"visibility_timeout": float(os.environ.get("VISIBILITY", "3600"))},
    task_ignore_result=True,
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=int(os.environ.get("PREFETCH", "4")),
    worker_hijack_root_logger=False,
)
astra = Astra.from_env(
    token_store=os.environ["STORE"],
    idempotency_store=os.environ["STORE"],
    resend_after=timedelta(seconds=float(os.environ.get("RESEND_AFTER", "10"))),
    timeout=float(os.environ.get("TIMEOUT", "10")),
)
payouts = install_payments(
    app, client=astra, reconcile_every=timedelta(seconds=float(os.environ.get("RECONCILE_EVERY", "10")))
)
