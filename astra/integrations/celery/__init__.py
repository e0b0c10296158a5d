"""Celery: `install` keeps users authorized, `install_payments` makes payments under idempotency keys."""

from astra._public import publish
from astra.integrations.celery.keep_alive import KeepAliveTasks, install
from astra.integrations.celery.payments import PaymentTasks, install_payments

__all__ = ["KeepAliveTasks", "PaymentTasks", "install", "install_payments"]

publish(__name__, __all__)
