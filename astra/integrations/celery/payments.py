"""Payments past one machine: Celery workers make them over one idempotency store, each once.

A message may come twice, late, or after its worker was killed: the idempotency key makes that harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import attrs

from astra import Astra
from astra.errors import AstraError, ConfigurationError
from astra.integrations.celery.messages import check_message, in_order
from astra.integrations.celery.payment_runs import PaymentRuns
from astra.integrations.celery.wiring import add_routes, add_to_schedule, celery, listen_too, maker_of, rate
from astra.payments.stores.memory import MemoryIdempotencyStore

PAY: Final = "astra.pay"
RECONCILE: Final = "astra.reconcile_payments"


@attrs.frozen
class PaymentTasks:
    """What `install_payments` registered.

    Args:
        pay: the Celery task "astra.pay", run by workers. Called, it pays here and now; `pay.s(...)` makes a signature
            for groups. Its result names the payment and its ids, and has no secret and nothing personal.
        reconcile: the Celery task "astra.reconcile_payments", run by workers; it looks for all payments of unknown
            outcome.
        queue: where new payments wait.
        later_queue: where payments wait that are tried again, and looks. Who listens to `queue` listens to it too.
        failed_queue: where payments go that failed at every allowed attempt. Nobody listens to it.
        beat_schedule: what was put into beat's schedule.

    Example:
        payments.delay("create_routine", "customer-42", {"amount": "20.00", ...}, idempotency_key="payout-17")
    """

    pay: Any
    reconcile: Any
    queue: str
    later_queue: str
    failed_queue: str
    beat_schedule: Mapping[str, Any]

    def delay(
        self, operation: str, user_key: str, arguments: Mapping[str, Any], *, idempotency_key: str, **options: Any
    ) -> Any:
        """Sends a payment to the workers.

        Args:
            operation: name of an operation that moves money: "create_routine", "create_account_to_card_routine",
                "create_card_to_account_routine", "create_book_routine", "update_routine", "delete_routine",
                "cancel_transfer" or "delete_account".
            user_key: your key of the user.
            arguments: those of the method that does it, by name; for "create_routine" of `user.routines.create`. Money
                as `Decimal` or text, dates as `date` or text; `timeout` and `max_retries` may be among them.
            idempotency_key: your name for this payment, 1 to 255 characters: it is made once, however often it is sent.
            **options: of Celery's `apply_async`, such as `countdown`, `connection` or `link`.

        Returns:
            Celery's `AsyncResult`.

        Raises:
            InvalidRequestError: an unknown operation or argument, one that is missing, or a value that cannot be right.

        Example:
            payments.delay(
                "create_routine", "customer-42",
                {"type": "one-time", "name": "Payout 17", "payment_type": "ach", "source_id": "acct_1",
                 "destination_id": "acct_2", "amount": Decimal("20.00")},
                idempotency_key="payout-17")
        """
        return self.pay.apply_async((operation, user_key, arguments), {"idempotency_key": idempotency_key}, **options)


def install_payments(
    app: celery.Celery,
    *,
    client: Astra | Callable[[], Astra],
    queue: str = "astra-payments",
    rate_limit: str | int | float | None = None,
    reconcile_every: timedelta | None = timedelta(minutes=5),
    max_attempts: int = 20,
) -> PaymentTasks:
    """Registers a task that pays with a Celery app, and has beat look for payments of unknown outcome.

    The task is acknowledged when it is done (`acks_late`) and comes again when its worker is killed
    (`reject_on_worker_lost`). It is tried again where nothing was sent, and where the outcome can be learned: later
    each time, for about an hour with the default, but never later than half of the broker's `visibility_timeout`, where
    one is set. What failed for good is logged as an error with its key, on the logger "astra.payments"; what was tried
    without success is also put into the queue "<queue>.failed", so that it is not lost.

    Args:
        app: your Celery app.
        client: the client, made with an `idempotency_store` that all workers share: `postgresql://...`, or
            `sqlite:///...` when they are on one machine. It survives a fork. Or what makes it, which is called at once.
        queue: queue of the tasks. A worker has to listen to it: `celery worker -Q astra-payments`. A worker of this app
            that does not says so in a warning when it starts.
        rate_limit: payments per second, minute or hour of one worker, as Celery writes it: "10/s", "600/m". Choose it
            from the limits of your Astra client; None: no limit.
        reconcile_every: how often beat has payments of unknown outcome looked for; None: never.
        max_attempts: how often a payment is tried.

    Returns:
        The tasks, and `delay` to send a payment.

    Raises:
        ConfigurationError: the client has no idempotency store, or one that other processes do not see; or an argument
            cannot be right.

    Example:
        astra = Astra.from_env(idempotency_store="postgresql://app@db/app")
        payments = install_payments(app, client=astra, rate_limit="10/s")
        payments.delay("create_routine", "customer-42", {...}, idempotency_key="payout-17")
    """
    pays = maker_of(client)()
    check_settings(pays, queue=queue, every=reconcile_every, max_attempts=max_attempts, rate_limit=rate_limit)
    run = PaymentRuns(
        client=pays,
        later=f"{queue}.later",
        failed=f"{queue}.failed",
        look_after=0.0 if reconcile_every is None else reconcile_every.total_seconds(),
        max_attempts=max_attempts,
    )

    def pay_once(
        self: Any, operation: str, user_key: str, arguments: dict[str, Any], *, idempotency_key: str
    ) -> dict[str, Any]:
        return run.pay(self, operation, user_key, arguments, idempotency_key=idempotency_key)

    def look_for_all() -> dict[str, Any]:
        return run.reconcile()

    untyped: Any = app  # Celery has no types
    pay = untyped.task(
        base=payment_task(untyped.Task),
        name=PAY,
        bind=True,
        serializer="json",
        max_retries=None,  # attempts are counted by `PaymentRuns`
        rate_limit=rate_limit,
        acks_late=True,
        reject_on_worker_lost=True,
        # A worker that a time limit has killed has told nothing; one that raised has.
        acks_on_failure_or_timeout=False,
        acks_on_failure=True,
        acks_on_timeout=False,
        throws=(AstraError,),  # it is logged here, with its key
    )(pay_once)
    reconcile = untyped.task(name=RECONCILE, acks_late=True)(look_for_all)
    add_routes(untyped, [pay], queue=queue)
    add_routes(untyped, [reconcile], queue=run.later)
    schedule: Mapping[str, Any] = {}
    if reconcile_every is not None:
        options = {"queue": run.later, "expires": reconcile_every.total_seconds()}
        schedule = add_to_schedule(untyped, reconcile, every=reconcile_every, options=options)
    listen_too(untyped, queue, also=run.later)
    return PaymentTasks(
        pay=pay,
        reconcile=reconcile,
        queue=queue,
        later_queue=run.later,
        failed_queue=run.failed,
        beat_schedule=schedule,
    )


def payment_task(base: Any) -> Any:
    """Returns a class of tasks that check a message wherever it is sent.

    Args:
        base: the app's own class of tasks.
    """

    class PaymentTask(base):  # type: ignore[misc]
        abstract = True

        def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
            operation, user_key, arguments, key = check_message(*in_order(args or (), kwargs or {}))
            # What monitors show of a message. Its arguments may be about a person.
            options |= {"argsrepr": f"({operation!r},)", "kwargsrepr": f"{{'idempotency_key': {key!r}}}"}
            message = ((operation, user_key, arguments), {"idempotency_key": key})
            return super().apply_async(*message, **options)  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]

    return PaymentTask


def check_settings(client: Astra, *, queue: object, every: object, max_attempts: object, rate_limit: object) -> None:
    """Refuses what cannot work.

    Raises:
        ConfigurationError: see `install_payments`.
    """
    if isinstance(client.payments.store, MemoryIdempotencyStore):
        raise ConfigurationError(
            "memory:// forgets every key with its process, and a message that comes again to another one would pay "
            "twice. Make the client with idempotency_store='postgresql://...', or 'sqlite:///...' on one machine."
        )
    if not isinstance(queue, str) or not queue.strip():
        raise ConfigurationError("queue must be the name of a queue.")
    if every is not None and not (isinstance(every, timedelta) and every > timedelta(0)):
        raise ConfigurationError("reconcile_every must be a positive timedelta, or None for never.")
    if type(max_attempts) is not int or max_attempts < 1:
        raise ConfigurationError("max_attempts must be 1 or more.")
    if rate_limit is None:
        return
    parse: Any = rate
    try:
        per_second = parse(rate_limit)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError):
        per_second = 0
    if per_second <= 0:
        raise ConfigurationError(
            f"rate_limit must be as Celery writes it, such as '10/s' or '600/m', not {rate_limit!r}."
        )
