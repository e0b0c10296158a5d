"""What both groups of tasks need of a Celery app."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from astra import Astra
from astra.errors import ConfigurationError

try:
    import celery  # pyright: ignore[reportMissingTypeStubs]  # the library ships none
    from celery import signals  # pyright: ignore[reportMissingTypeStubs]
    from celery.exceptions import Reject  # pyright: ignore[reportMissingTypeStubs]
    from celery.utils.time import rate  # pyright: ignore[reportMissingTypeStubs]
except ImportError as error:  # pragma: no cover - the test environment has every extra
    raise ConfigurationError("Celery is not installed: pip install 'astra-finance[celery]'") from error

__all__ = ["Reject", "add_routes", "add_to_schedule", "celery", "listen_too", "maker_of", "rate"]

logger = logging.getLogger("astra")


def maker_of(client: Astra | Callable[[], Astra]) -> Callable[[], Astra]:
    """Returns what gives the client, the same one each time.

    Args:
        client: a client, which survives a fork, or what makes one when it is first needed.

    Raises:
        ConfigurationError: it is neither.
    """
    given: Any = client
    if isinstance(given, Astra):
        same = given
        return lambda: same
    if not callable(given):
        raise ConfigurationError(f"client must be an Astra, or a function that makes one, not {type(given).__name__}.")

    @cache
    def made() -> Astra:
        found: Any = given()
        if not isinstance(found, Astra):
            raise ConfigurationError(f"client must make an Astra, and made {type(found).__name__}.")
        return found

    return made


def add_routes(app: Any, tasks: Iterable[Any], *, queue: str) -> None:
    """Sends tasks to a queue, also when they are called by hand; a route of the app's own comes after it.

    Args:
        app: the Celery app.
        tasks: the tasks.
        queue: the queue.
    """
    former: Any = app.conf.task_routes or ()
    ours = {task.name: {"queue": queue} for task in tasks}
    app.conf.task_routes = [ours, *(former if isinstance(former, (list, tuple)) else [former])]


def add_to_schedule(app: Any, task: Any, *, every: timedelta, options: dict[str, Any]) -> dict[str, Any]:
    """Has beat send a task. Returns its entry of the schedule, by name.

    Args:
        app: the Celery app.
        task: the task.
        every: how often.
        options: of its messages.
    """
    entry = {task.name: {"task": task.name, "schedule": every.total_seconds(), "options": options}}
    app.conf.beat_schedule = {**(app.conf.beat_schedule or {}), **entry}
    return entry


def listen_too(app: Any, queue: str, *, also: str) -> None:
    """Has each worker that listens to one queue listen to another one, and each that does not say so when it starts.

    Args:
        app: the Celery app.
        queue: the queue that workers are told to listen to.
        also: the other one.
    """
    untyped: Any = signals

    def started(sender: Any, instance: Any, **_: Any) -> None:
        if instance.app is not app:
            return
        queues = app.amqp.queues
        if queue in queues.consume_from:
            queues.select_add(also)
        else:
            logger.warning(
                "worker %s does not listen to the queue %s: nothing in it is done unless another worker does "
                "(celery worker -Q %s)",
                sender,
                queue,
                queue,
            )

    untyped.celeryd_after_setup.connect(started, weak=False)


def redelivered_after(app: Any) -> float | None:
    """Tells after how many seconds the broker delivers a message anew that waits at a worker; None: it was not set.

    Args:
        app: the Celery app.
    """
    options: Mapping[str, Any] = app.conf.broker_transport_options or {}
    seconds = options.get("visibility_timeout")
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None
