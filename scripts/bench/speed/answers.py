"""What the static server answers: one object and one page for each SDK, of the same size and kind."""

from __future__ import annotations

import json
from typing import Any

PAGE = 100
COUNT_IN_FULL = 100_000


def amount(number: int) -> str:
    """US dollars of the transfer with this number."""
    return f"{100 + number % 900}.{number % 100:02d}"


def transfer(number: int) -> dict[str, Any]:
    """A transfer as Astra answers it."""
    return {
        "id": f"tr_{number:08d}",
        "amount": float(amount(number)),
        "status": "processed",
        "routine_id": f"rt_{number:08d}",
        "routine_name": "Top-up",
        "routine_type": "one-time",
        "client_correlation_id": f"INV{number:08d}",
        "source_id": f"acc_{number:08d}",
        "destination_id": f"acc_{number + 1:08d}",
        "destination_user_id": f"usr_{number:08d}",
        "payment_type": "ach",
        "initiated": "2026-05-04T12:00:01.123456",
        "updated": "2026-05-04T15:30:00.654321",
        "estimated_clearing_date": "2026-05-07T00:00:00",
        "astra_settlement_reason": None,
        "failure_reason": None,
        "chargeback": None,
    }


def page(start: int, size: int = PAGE) -> dict[str, Any]:
    """A page of transfers, with a cursor to the next one until the last."""
    end = start + size
    more = end < COUNT_IN_FULL
    return {
        "count": size,
        "transfers": [transfer(number) for number in range(start, end)],
        "cursor": str(end) if more else None,
        "more": more,
    }


def stripe_refund(number: int) -> dict[str, Any]:
    """A refund: Stripe's object nearest to a transfer in size."""
    return {
        "id": f"re_{number:08d}",
        "object": "refund",
        "amount": 10_000 + number,
        "balance_transaction": f"txn_{number:08d}",
        "charge": f"ch_{number:08d}",
        "created": 1_777_896_001,
        "currency": "usd",
        "description": "Top-up",
        "metadata": {"correlation": f"INV{number:08d}"},
        "payment_intent": f"pi_{number:08d}",
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def plaid_transfer(number: int) -> dict[str, Any]:
    """A transfer as Plaid answers it."""
    return {
        "id": f"tr-{number:08d}",
        "account_id": f"acc-{number:08d}",
        "ach_class": "ppd",
        "amount": amount(number),
        "cancellable": True,
        "created": "2026-05-04T12:00:01Z",
        "description": "Top-up",
        "failure_reason": None,
        "funding_account_id": f"acc-{number + 1:08d}",
        "iso_currency_code": "USD",
        "metadata": {"correlation": f"INV{number:08d}"},
        "network": "ach",
        "originator_client_id": None,
        "status": "posted",
        "type": "credit",
        "unsettled": None,
        "user": {
            "legal_name": "Ada Lovelace",
            "phone_number": None,
            "email_address": "ada@example.com",
            "address": None,
        },
        "guarantee_decision": None,
        "guarantee_decision_rationale": None,
        "authorization_id": f"auth-{number:08d}",
        "credit_funds_source": "sweep",
        "ledger_id": f"led-{number:08d}",
        "origination_account_id": f"acc-{number + 1:08d}",
        "standard_return_window": "2026-05-06",
        "unauthorized_return_window": "2026-07-04",
        "expected_settlement_date": "2026-05-05",
        "refunds": [],
        "recurring_transfer_id": None,
    }


def openai_file(number: int) -> dict[str, Any]:
    """A file: OpenAI's object nearest to a transfer."""
    return {
        "id": f"file-{number:08d}",
        "object": "file",
        "bytes": 10_000 + number,
        "created_at": 1_777_896_001,
        "expires_at": 1_877_896_001,
        "filename": f"INV{number:08d}.jsonl",
        "purpose": "batch",
        "status": "processed",
        "status_details": None,
    }


def increase_transfer(number: int) -> dict[str, Any]:
    """An account transfer as Increase answers it."""
    return {
        "id": f"account_transfer_{number:08d}",
        "amount": 10_000 + number,
        "account_id": f"account_{number:08d}",
        "approval": None,
        "cancellation": None,
        "created_at": "2026-05-04T12:00:01Z",
        "created_by": None,
        "currency": "USD",
        "description": "Top-up",
        "destination_account_id": f"account_{number + 1:08d}",
        "destination_transaction_id": f"transaction_{number:08d}",
        "idempotency_key": None,
        "pending_transaction_id": None,
        "status": "complete",
        "transaction_id": f"transaction_{number + 1:08d}",
        "type": "account_transfer",
    }


def bodies() -> dict[str, bytes]:
    """The body of every path."""
    plaid = [plaid_transfer(number) for number in range(PAGE)]
    found: dict[str, Any] = {
        "/v1/transfers/tr_00000001": transfer(1),
        "/v1/transfers": page(0),
        "/v1/refunds/re_00000001": stripe_refund(1),
        "/v1/refunds": {
            "object": "list",
            "url": "/v1/refunds",
            "has_more": False,
            "data": [stripe_refund(number) for number in range(PAGE)],
        },
        "/transfer/get": {"transfer": plaid[1], "request_id": "req_1"},
        "/transfer/list": {"transfers": plaid, "has_next_page": False, "request_id": "req_1"},
        "/files/file-00000001": openai_file(1),
        "/files": {"object": "list", "has_more": False, "data": [openai_file(number) for number in range(PAGE)]},
        "/account_transfers/account_transfer_00000001": increase_transfer(1),
        "/account_transfers": {"data": [increase_transfer(number) for number in range(PAGE)], "next_cursor": None},
    }
    for start in range(PAGE, COUNT_IN_FULL, PAGE):
        found[f"/v1/transfers?cursor={start}"] = page(start)
    return {path: json.dumps(body).encode() for path, body in found.items()}
