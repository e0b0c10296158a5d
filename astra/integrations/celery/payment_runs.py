"""What a worker does with a message that pays."""

from __future__ import annotations

import logging
import random
from datetime import UTC, datetime
from typing import Any

import attrs

from astra import Astra
from astra.errors import AstraError, InvalidRequestError, PaymentInProgressError
from astra.integrations.celery.attempts import Ending, after, was_looked_for
from astra.integrations.celery.messages import check_message, method_of
from astra.integrations.celery.wiring import Reject, redelivered_after
from astra.resources.payments import lost_payment

logger = logging.getLogger("astra.payments")


@attrs.frozen(kw_only=True)
class PaymentRuns:
    """The work of the tasks.

    Args:
        client: the client.
        later: queue of what is tried again.
        failed: queue of what failed at every attempt.
        look_after: seconds between two looks for payments of unknown outcome; 0: nobody looks but the payment's own
            message.
        max_attempts: how often a message is tried.
    """

    client: Astra
    later: str
    failed: str
    look_after: float
    max_attempts: int

    def pay(self, task: Any, operation: str, user_key: str, arguments: Any, *, idempotency_key: str) -> dict[str, Any]:
        """Makes a payment, or sees to it that it is tried again.

        Args:
            task: the Celery task that runs.
            operation: name of the operation.
            user_key: your key of the user.
            arguments: of the method.
            idempotency_key: the key.

        Raises:
            AstraError: why it was not made, for good.
        """
        try:
            operation, user_key, arguments, key = check_message(operation, user_key, arguments, idempotency_key)
        except InvalidRequestError as error:
            _log("impossible", operation, idempotency_key, error)
            raise
        request: Any = task.request
        try:
            delivery: dict[str, Any] = request.delivery_info or {}
            if request.retries or delivery.get("redelivered"):
                self._do_not_hurry(operation, key)
            made = method_of(self.client.user(user_key), operation)(**arguments, idempotency_key=key)
        except Exception as error:  # also a time limit of the worker
            if request.called_directly or request.is_eager:
                raise
            step = after(
                error,
                failures=request.retries,
                look_after=self.look_after,
                chance=random.random(),  # noqa: S311
                redelivered_after=redelivered_after(task.app),
            )
            if isinstance(step, Ending):
                _log(f"{step.value}, and is not tried again", operation, key, error)
                raise
            if request.retries + 1 < self.max_attempts:
                raise _again(task, step.seconds, queue=self.later, error=error) from error
            self._give_up(task, operation, user_key, arguments, key, error)
            raise
        return _told(operation, key, made)

    def reconcile(self) -> dict[str, Any]:
        """Looks for all payments of unknown outcome; logs as an error what a person has to decide."""
        report = self.client.payments.reconcile()
        for key, problem in report.problems:
            logger.error("what became of the payment under the idempotency key %r is not known: %s", key, problem)
        return {name: count for name, count in attrs.asdict(report).items() if name != "problems"}

    def _do_not_hurry(self, operation: str, key: str) -> None:
        """Comes back later where a call would wait for another one, or look for what was looked for just now.

        Raises:
            PaymentInProgressError: another call sends it, or its sender is not dead for long enough.
            UncertainOutcomeError: it was looked for just now, and was not there.
        """
        record, now = self.client.payments.get(key, operation=operation), datetime.now(UTC)
        if record is None or not record.is_open:
            return
        if record.is_live(now):
            raise PaymentInProgressError(
                f"The payment under the idempotency key {key!r} is being sent by {record.holder}.",
                idempotency_key=key,
                operation=operation,
                retry_after=(record.lease_until - now).total_seconds(),
            )
        if was_looked_for(record, now=now, within=self.look_after, resend_after=self.client.payments.resend_after):
            raise lost_payment(record)

    def _give_up(self, task: Any, operation: str, user_key: str, arguments: Any, key: str, error: Exception) -> None:
        message = ((operation, user_key, arguments), {"idempotency_key": key})
        try:
            task.apply_async(*message, queue=self.failed)
        except Exception as problem:  # noqa: BLE001 - of any broker
            _log("neither known nor kept in a queue of its own; it comes again", operation, key, error)
            raise Reject(type(problem).__name__, requeue=True) from None
        _log(f"tried {self.max_attempts} times and failed; it is in the queue {self.failed}", operation, key, error)


def _told(operation: str, key: str, made: Any) -> dict[str, Any]:
    """The task's result: ids alone."""
    if made is None or isinstance(made, str):  # what deletes answers with a status, and gives a request id
        return {"operation": operation, "idempotency_key": key, "resource_id": None, "request_id": made}
    told = {"resource_id": made.id, "request_id": made.request_id, "replayed": made.replayed}
    return {"operation": operation, "idempotency_key": key, **told}


def _again(task: Any, seconds: float, *, queue: str, error: Exception) -> Exception:
    """Sends the message once more. When the broker does not take it, the one at hand goes back."""
    try:
        again: Exception = task.retry(countdown=seconds, exc=error, queue=queue, throw=False)
        return again
    except Reject as rejected:
        reason: Any = rejected
        back: Exception = Reject(reason.reason, requeue=True)
        return back


def _log(what: str, operation: object, key: object, error: Exception) -> None:
    # Nobody knows what the text of a foreign error shows.
    why = f"{type(error).__name__}: {error}" if isinstance(error, AstraError) else type(error).__name__
    logger.error("the payment under the idempotency key %.300r (%.100s) is %s: %s", key, operation, what, why)
