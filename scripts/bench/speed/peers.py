"""Peers, as cases: each reads the object of its API that is nearest to a transfer."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

from scripts.bench.speed.answers import increase_transfer, openai_file, plaid_transfer, stripe_refund
from scripts.bench.speed.cases import (
    ASYNC_MANY,
    ASYNC_ONE,
    ASYNC_PAGE,
    ASYNC_PAGE_READ,
    EVENT,
    IN_FLIGHT,
    ONE,
    PAGE,
    PAGE_READ,
    SECRET,
    WEBHOOK,
    Case,
    Tasks,
    check,
    repeated,
)  # fmt: skip


def reader(answer: dict[str, Any], *, counted: str = "amount") -> Callable[[Any], Any]:
    """Returns a function that reads every field of an object of the SDK and returns one of them."""
    read, place = attrgetter(*answer), list(answer).index(counted)
    return lambda item: read(item)[place]


def stripe(url: str) -> dict[str, Case]:
    """Stripe: refunds."""
    from stripe import HTTPXClient, StripeClient, WebhookSignature

    client = StripeClient("sk_test_x", base_addresses={"api": url})
    async_client = StripeClient("sk_test_x", base_addresses={"api": url}, http_client=HTTPXClient())
    tasks = Tasks()

    def one() -> None:
        check(client.v1.refunds.retrieve("re_00000001").amount == 10_001)

    async def async_one() -> None:
        check((await async_client.v1.refunds.retrieve_async("re_00000001")).amount == 10_001)

    def page() -> None:
        refunds = client.v1.refunds.list({"limit": 100}).data
        check(sum(refund.amount for refund in refunds if refund.status == "succeeded") == 1_004_950)

    async def async_page() -> None:
        refunds = (await async_client.v1.refunds.list_async({"limit": 100})).data
        check(sum(refund.amount for refund in refunds if refund.status == "succeeded") == 1_004_950)

    read = reader(stripe_refund(0))

    def page_read() -> None:
        check(sum(map(read, client.v1.refunds.list({"limit": 100}).data)) == 1_004_950)

    async def async_page_read() -> None:
        check(sum(map(read, (await async_client.v1.refunds.list_async({"limit": 100})).data)) == 1_004_950)

    at = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + EVENT, "sha256").hexdigest()

    def webhook() -> None:
        check(WebhookSignature.verify_header(EVENT.decode(), f"t={at},v1={digest}", SECRET, 3600))

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
        PAGE_READ: repeated(page_read),
        ASYNC_PAGE_READ: tasks.case(async_page_read, 1),
        WEBHOOK: repeated(webhook),
    }


def plaid(url: str) -> dict[str, Case]:
    """Plaid: transfers. It has no async client."""
    from plaid import ApiClient, Configuration
    from plaid.api import plaid_api
    from plaid.model.transfer_get_request import TransferGetRequest
    from plaid.model.transfer_list_request import TransferListRequest

    client = plaid_api.PlaidApi(ApiClient(Configuration(host=url, api_key={"clientId": "id", "secret": "secret"})))

    def one() -> None:
        check(client.transfer_get(TransferGetRequest(transfer_id="tr-00000001")).transfer.amount == "101.01")

    def page() -> None:
        found = client.transfer_list(TransferListRequest(count=25)).transfers
        check(sum(Decimal(item.amount) for item in found if item.status.value == "posted") == Decimal("14999.50"))

    read = reader(plaid_transfer(0))

    def page_read() -> None:
        found = client.transfer_list(TransferListRequest(count=25)).transfers
        check(sum(Decimal(read(item)) for item in found) == Decimal("14999.50"))

    return {ONE: repeated(one), PAGE: repeated(page), PAGE_READ: repeated(page_read)}


def openai(url: str) -> dict[str, Case]:
    """OpenAI: files."""
    from openai import AsyncOpenAI, OpenAI

    client = OpenAI(api_key="sk-x", base_url=url)
    async_client = AsyncOpenAI(api_key="sk-x", base_url=url)
    tasks = Tasks()

    def one() -> None:
        check(client.files.retrieve("file-00000001").bytes == 10_001)

    async def async_one() -> None:
        check((await async_client.files.retrieve("file-00000001")).bytes == 10_001)

    def page() -> None:
        files = client.files.list(limit=100).data
        check(sum(file.bytes for file in files if file.status == "processed") == 1_004_950)

    async def async_page() -> None:
        files = (await async_client.files.list(limit=100)).data
        check(sum(file.bytes for file in files if file.status == "processed") == 1_004_950)

    read = reader(openai_file(0), counted="bytes")

    def page_read() -> None:
        check(sum(map(read, client.files.list(limit=100).data)) == 1_004_950)

    async def async_page_read() -> None:
        check(sum(map(read, (await async_client.files.list(limit=100)).data)) == 1_004_950)

    at = str(int(time.time()))
    key = base64.b64encode(b"bench").decode()
    digest = base64.b64encode(hmac.digest(b"bench", f"wh_1.{at}.".encode() + EVENT, "sha256")).decode()
    headers = {"webhook-id": "wh_1", "webhook-timestamp": at, "webhook-signature": f"v1,{digest}"}

    def webhook() -> None:
        client.webhooks.verify_signature(EVENT.decode(), headers, secret=f"whsec_{key}", tolerance=3600)

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
        PAGE_READ: repeated(page_read),
        ASYNC_PAGE_READ: tasks.case(async_page_read, 1),
        WEBHOOK: repeated(webhook),
    }


def increase(url: str) -> dict[str, Case]:
    """Increase: account transfers."""
    from increase import AsyncIncrease, Increase

    client = Increase(api_key="x", base_url=url)
    async_client = AsyncIncrease(api_key="x", base_url=url)
    tasks = Tasks()

    def one() -> None:
        check(client.account_transfers.retrieve("account_transfer_00000001").amount == 10_001)

    async def async_one() -> None:
        check((await async_client.account_transfers.retrieve("account_transfer_00000001")).amount == 10_001)

    def page() -> None:
        found = client.account_transfers.list(limit=100).data
        check(sum(transfer.amount for transfer in found if transfer.status == "complete") == 1_004_950)

    async def async_page() -> None:
        found = (await async_client.account_transfers.list(limit=100)).data
        check(sum(transfer.amount for transfer in found if transfer.status == "complete") == 1_004_950)

    read = reader(increase_transfer(0))

    def page_read() -> None:
        check(sum(map(read, client.account_transfers.list(limit=100).data)) == 1_004_950)

    async def async_page_read() -> None:
        check(sum(map(read, (await async_client.account_transfers.list(limit=100)).data)) == 1_004_950)

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
        PAGE_READ: repeated(page_read),
        ASYNC_PAGE_READ: tasks.case(async_page_read, 1),
    }
