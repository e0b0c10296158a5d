"""A Celery app as a user would write it, for workers and beat that the test starts."""

from __future__ import annotations

import os
from datetime import timedelta

import celery

from astra import Astra
from astra.integrations.celery import install

app = celery.Celery("payments", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)

keep_alive = install(
    app,
    client=lambda: Astra.from_env(token_store=os.environ["STORE"]),
    every=timedelta(seconds=float(os.environ["EVERY"])),
    older_than=timedelta(days=5),
    chunk=20,
    concurrency=2,
)
