"""Payments under idempotency keys: records, their states, and the stores that keep them.

A client made with `idempotency_store=` takes `idempotency_key=` in every method that moves money. `client.payments`
lists and settles what is kept.
"""

from astra._public import publish
from astra.payments.record import HistoryEntry, PaymentRecord, PaymentState
from astra.payments.report import ReconcileReport
from astra.payments.stores.base import IdempotencyStore, PaymentQuery
from astra.payments.stores.opening import open_idempotency_store

__all__ = [
    "HistoryEntry",
    "IdempotencyStore",
    "PaymentQuery",
    "PaymentRecord",
    "PaymentState",
    "ReconcileReport",
    "open_idempotency_store",
]

publish(__name__, __all__)
