"""What a user writes. Both checkers have to take every line as it stands."""

# pyright: strict

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type

from astra_api.models import Account, PaymentInstrument, Routine, Transfer, TransferSegment, User

import astra
from astra import Astra, AsyncAstra, AsyncUserSession, Link, Page, RawResponse, UncertainOutcomeError, UserSession
from astra.tokens.keep_alive import KeepAliveReport
from astra.types import PaymentType, RoutineType, RoutineTypeLiteral
from astra.webhooks import TransferEvent, WebhookEvent


def sync_use(client: Astra, body: bytes) -> None:
    link = client.oauth.authorize_url(user_intent_id="ui_1")
    assert_type(link, Link)
    user = client.oauth.exchange("code", key="customer-42")
    assert_type(user, UserSession)
    assert_type(client.user(astra_user_id="u_1"), UserSession)
    assert_type(user.profile.get(), User)
    for account in user.accounts.list(page_size=50, timeout=5.0):
        assert_type(account, Account)
        assert_type(account.available_balance, Decimal | None)
    assert_type(user.accounts.list().to_list(), list[Account])
    assert_type(user.accounts.list().first(), Account | None)
    page = user.transfers.list().page()
    assert_type(page, Page[Transfer])
    assert_type(page.request_id, str | None)
    for transfer in page:
        assert_type(transfer, Transfer)
    for segment in user.transfers.segments("tr_1"):
        assert_type(segment, TransferSegment)
    assert_type(list(client.payment_instruments.list()), list[PaymentInstrument])
    patient = client.with_options(timeout=None, max_retries=None, extra_headers={"X-Job": "nightly"})
    assert_type(patient, Astra)
    assert_type(user.with_options(timeout=5), UserSession)
    answer = patient.request("GET", "/v1/transfers", user=user, params={"a": [1, 2]}, extra_query={"b": None})
    assert_type(answer.json(), Any)
    user.profile.get(timeout=None, max_retries=None, extra_headers=None, extra_query={"a": True}, extra_body=None)
    for amount in (Decimal("20.00"), "20.00", 20):
        routine = user.routines.create(
            type="one-time",
            name="Top-up",
            payment_type="ach",
            source_id="a",
            destination_id="b",
            amount=amount,
            start_date=date(2026, 3, 3),
            on_uncertain="reconcile",
        )
        assert_type(routine, Routine)
        assert_type(routine.request_id, str | None)
    raw = client.with_raw_response(user.transfers.get, "tr_1")
    assert_type(raw, RawResponse[Transfer])
    event = client.webhooks.parse(body, "signature")
    assert_type(event, WebhookEvent)
    if isinstance(event, TransferEvent):
        assert_type(event.resource_id, str | None)
    report = client.tokens.keep_alive(older_than=timedelta(days=5))
    assert_type(report, KeepAliveReport)
    with client.capture_requests() as calls:
        assert_type(calls.request_ids, tuple[str, ...])
    if client.request_log is not None:
        client.request_log.query(since=datetime.now(UTC), status="5xx")


async def async_use(client: AsyncAstra) -> None:
    user = await client.oauth.exchange("code", key="customer-42")
    assert_type(user, AsyncUserSession)
    async for transfer in user.transfers.list(limit=3):
        assert_type(transfer, Transfer)
    assert_type(await user.transfers.list().to_list(), list[Transfer])
    assert_type(await client.with_raw_response(user.profile.get), RawResponse[User])
    try:
        await user.transfers.cancel("tr_1")
    except astra.AmbiguousPaymentError as ambiguous:
        assert_type(ambiguous.candidates, tuple[astra.PaymentCandidate, ...])
    except UncertainOutcomeError as error:
        assert_type(await error.areconcile(), Routine | None)
        assert_type(await user.routines.reconcile(error), Routine | None)


def errors(user: UserSession) -> None:
    try:
        user.transfers.get("tr_1")
    except astra.RateLimitError as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.status_code, int)
    except UncertainOutcomeError as error:
        assert_type(error.amount, Decimal | None)
        assert_type(error.reconcile(timeout=5), Routine | None)
        assert_type(user.routines.reconcile(error), Routine | None)
        assert_type(error.request_ids, tuple[str, ...])


def enums_as_arguments(user: UserSession, text: str, kind: RoutineTypeLiteral) -> None:
    user.routines.create(
        type=RoutineType(text), name="a", payment_type=PaymentType.ACH, source_id="a", destination_id="b", amount=20
    )
    user.routines.preview(type=kind, name="a", source_id="a", destination_id="b", amount="1", debit_fee_percent="1.25")
    user.routines.account_to_card(
        name="a", amount=1, source_id="a", destination_id="b", destination_user_id="c", settlement_mode=text
    )
    user.routines.account_to_card(
        name="a", amount=1, source_id="a", destination_id="b", destination_user_id="c", ach_credit_addenda="PO 7"
    )
