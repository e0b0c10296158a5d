"""A Celery app whose client is made when the module is imported: before the worker forks its pool."""

from __future__ import annotations

import os

import celery

from tests.forks.client import call

app = celery.Celery("payments", broker=os.environ["BROKER"], backend=os.environ["BROKER"])
app.conf.update(broker_connection_retry_on_startup=True, worker_hijack_root_logger=False, worker_prefetch_multiplier=1)


@app.task
def work(times: int) -> dict[str, object]:
    return call(times)
