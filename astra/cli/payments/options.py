"""Options and outputs that several commands about payments share."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from astra.cli.options import print_fields
from astra.cli.table import harmless, show
from astra.payments import PaymentRecord
from astra.payments.advice import Advice, moment
from astra.payments.timeline import Moment

StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="URL of the idempotency store; default: ASTRA_IDEMPOTENCY_STORE.", metavar="URL"),
]
OperationOption = Annotated[str | None, typer.Option(metavar="NAME", help="Only this operation, e.g. create_routine.")]


def describe(record: PaymentRecord) -> dict[str, Any]:
    """What is shown of a payment in a list: all but its history and its result."""
    shown = record.to_dict()
    del shown["history"], shown["result"]
    return shown


def print_advice(advice: Advice) -> None:
    """Prints who has to do what."""
    who = {"nobody": "nothing to do", "program": "your program", "person": "a person"}[advice.who]
    sys.stdout.write(f"next ({who}): {harmless(advice.what)}\n")
    for one in advice.commands:
        sys.stdout.write(f"  {show(one)}\n")


def print_moments(moments: Iterable[Moment], *, with_keys: bool = False) -> None:
    """Prints what happened, a line each.

    Args:
        moments: in their order.
        with_keys: name the payment, where there are several.
    """
    for one in moments:
        key = f"  {one.key or '-'}" if with_keys else ""
        time = f"{one.time:%Y-%m-%d %H:%M:%S.%f}"[:-3]
        sys.stdout.write(show(f"{time}{key}  {one.text}") + "\n")


def print_payment(record: PaymentRecord) -> None:
    """Prints what is known of a payment, but not what happened to it."""
    print_fields({name: value for name, value in fields_of(record).items() if value is not None}, as_json=False)


def fields_of(record: PaymentRecord) -> dict[str, Any]:
    """What is shown of a payment to people."""
    return {
        "key": record.key,
        "state": record.state,
        "operation": record.operation,
        "user key": record.user_key,
        "amount": record.match_fields.get("amount"),
        "correlation id": record.client_correlation_id,
        "resource id": record.resource_id,
        "transfer id": record.transfer_id,
        "key first used": moment(record.created),
        "sent last": moment(record.sent),
        "sent by": record.holder,
        "sendings": record.attempts,
        "call id": record.call_id,
        "request ids": ", ".join(record.request_ids) or None,
        "status": record.status_code,
        "error": f"{record.error}: {record.error_detail}" if record.error and record.error_detail else record.error,
    }
