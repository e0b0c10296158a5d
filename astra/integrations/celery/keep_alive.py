"""Keep-alive past one machine: Celery beat finds what is due, Celery workers refresh it, over one token store.

The messages hold user keys and no tokens. A message that comes twice, late, or after its worker was killed does no
harm: a worker claims each grant in the store before it refreshes it, or finds that it is not due any more.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from astra import Astra
from astra.integrations.celery.wiring import add_routes, add_to_schedule, celery, maker_of
from astra.tokens.keep_alive import OLDER_THAN

logger = logging.getLogger("astra")


@attrs.frozen
class KeepAliveTasks:
    """The two tasks that `install` registered.

    Args:
        find_due: run by beat; enqueues the keys of due grants in chunks, and returns how many.
        refresh_chunk: run by workers; refreshes a chunk of keys and returns the counts of its report. What failed is
            logged as an error, since many apps keep no results.
    """

    find_due: Any
    refresh_chunk: Any


def install(
    app: celery.Celery,
    *,
    client: Astra | Callable[[], Astra] = Astra.from_env,
    every: timedelta = timedelta(hours=1),
    older_than: timedelta = timedelta(seconds=OLDER_THAN),
    chunk: int = 200,
    rate: float | None = None,
    concurrency: int = 4,
    queue: str | None = None,
    prefix: str = "astra.tokens",
) -> KeepAliveTasks:
    """Registers the keep-alive tasks with a Celery app and puts the first of them into beat's schedule.

    Args:
        app: your Celery app.
        client: the client, or what makes it when it is first needed. Its token store has to be one that all hosts
            share: `postgresql://...` or `redis://...`.
        every: how often beat looks for due grants. A message that no worker took in this time expires; the next look
            finds its grants again.
        older_than: grants whose tokens were issued longer ago than this are due. Refresh tokens live ten days.
        chunk: keys per message.
        rate: refreshes per second, at most, of one chunk at a time in one worker process; None: no limit.
        concurrency: refreshes under way at once in one worker process.
        queue: queue of both tasks, or None for the app's default. A worker has to listen to it: `celery worker -Q`.
        prefix: what the tasks' names begin with.

    Returns:
        The tasks, for calling them by hand.

    Example:
        app = celery.Celery("payments", broker="redis://cache:6379/1")
        install(app, client=lambda: Astra.from_env(token_store="postgresql://app@db/app"))
    """
    current = maker_of(client)
    options = {"expires": every.total_seconds()} | ({"queue": queue} if queue else {})

    def refresh_chunk(keys: list[str]) -> dict[str, Any]:
        report = current().tokens.keep_alive(older_than=older_than, keys=keys, rate=rate, concurrency=concurrency)
        if not report.ok:
            logger.error("keep-alive of %d users: %s", len(keys), report)
        return attrs.asdict(report) | {"process": f"{socket.gethostname()}:{os.getpid()}"}

    def find_due() -> int:
        count = 0
        for keys in current().tokens.due_keys(older_than=older_than, chunk=chunk):
            chunk_task.apply_async((keys,), **options)
            count += len(keys)
        return count

    untyped: Any = app  # Celery has no types
    chunk_task = untyped.task(name=f"{prefix}.refresh_chunk", acks_late=True, reject_on_worker_lost=True)(refresh_chunk)
    due_task = untyped.task(name=f"{prefix}.find_due")(find_due)
    if queue:
        add_routes(untyped, (chunk_task, due_task), queue=queue)
    add_to_schedule(untyped, due_task, every=every, options=options)
    return KeepAliveTasks(find_due=due_task, refresh_chunk=chunk_task)
