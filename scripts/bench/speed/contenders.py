"""Those who are measured: bare httpx, this SDK, and peers. Each is a set of named cases.

A case makes `calls` calls and checks what came back. This file also runs in the peers' environment, so nothing is
imported before it is needed.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import hmac
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

Case = Callable[[int], None]

ONE = "one call"
ASYNC_ONE = "async, 1 in flight"
ASYNC_MANY = "async, 50 in flight"
PAGE = "page of 100"
ASYNC_PAGE = "page of 100, async"
WEBHOOK = "webhook verified"
LINK = "authorize URL"
IN_FLIGHT = 50
SECRET = "whsec_bench"
EVENT = b'{"webhook_id":"wh_1","webhook_type":"transfer_updated","user_id":"usr_1","resource_id":"tr_1"}'


def check(condition: bool) -> None:
    """Refuses a wrong answer; `assert` might be switched off."""
    if not condition:
        raise SystemExit("a contender read the wrong answer")


class Tasks:
    """Runs async calls on one loop that stays, a given number at a time."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()

    def case(self, call: Callable[[], Awaitable[None]], in_flight: int) -> Case:
        """Makes a case of an async call."""

        def run(calls: int) -> None:
            self.loop.run_until_complete(self._share(call, calls, in_flight))

        return run

    async def _share(self, call: Callable[[], Awaitable[None]], calls: int, in_flight: int) -> None:
        left = iter(range(calls))

        async def worker() -> None:
            for _ in left:
                await call()

        await asyncio.gather(*(worker() for _ in range(in_flight)))


def repeated(call: Callable[[], None]) -> Case:
    """Makes a case of a blocking call."""

    def run(calls: int) -> None:
        for _ in range(calls):
            call()

    return run


def bare_httpx(url: str) -> dict[str, Case]:
    """What a careful person writes by hand, with nothing kept and nothing typed."""
    import httpx

    headers = {"authorization": "Bearer token"}
    client = httpx.Client(base_url=url, headers=headers)
    async_client = httpx.AsyncClient(base_url=url, headers=headers)
    tasks = Tasks()

    def one() -> None:
        check(client.get("/v1/transfers/tr_00000001").json()["amount"] == 101.01)

    async def async_one() -> None:
        check((await async_client.get("/v1/transfers/tr_00000001")).json()["amount"] == 101.01)

    def page() -> None:
        check(len(client.get("/v1/transfers", params={"page_size": 100}).json()["transfers"]) == 100)

    async def async_page() -> None:
        found = (await async_client.get("/v1/transfers", params={"page_size": 100})).json()
        check(len(found["transfers"]) == 100)

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
    }


def astra(url: str, *, fast: bool = False) -> dict[str, Case]:
    """This SDK as in production: token looked up and checked, request id kept, ledger on, money as Decimal."""
    from astra_api.models import TransferStatus

    from astra import Astra, AsyncAstra
    from astra.tokens import TokenAnswer
    from astra.webhooks import Webhooks

    options: dict[str, Any] = {}
    if fast:
        from httpx_aiohttp import AiohttpTransport

        options["http_client"] = AiohttpTransport()
    ledgers = tempfile.mkdtemp(prefix="astra-bench-")
    answer = TokenAnswer(access_token="token", expires_in=7200, refresh_token="refresh")
    client = Astra(
        "id",
        "secret",
        base_url=url,
        redirect_uri="https://example.com/callback",
        request_log=f"sqlite:///{Path(ledgers, 'sync.db')}",
    )
    client.tokens.store_answer("customer-42", answer, astra_user_id="usr_1")
    async_client = AsyncAstra("id", "secret", base_url=url, request_log=f"sqlite:///{ledgers}/async.db", **options)
    tasks = Tasks()
    tasks.loop.run_until_complete(async_client.tokens.store_answer("customer-42", answer, astra_user_id="usr_1"))

    @atexit.register
    def close() -> None:
        client.close()
        tasks.loop.run_until_complete(async_client.close())
        if fast:
            tasks.loop.run_until_complete(options["http_client"].aclose())
        shutil.rmtree(ledgers, ignore_errors=True)

    transfers = client.user("customer-42").transfers
    async_transfers = async_client.user("customer-42").transfers
    processed = TransferStatus.PROCESSED

    def verify(transfer: Any) -> None:
        check(transfer.amount == Decimal("101.01") and transfer.status is processed)
        check(transfer.request_id == "req_bench_0001")

    def one() -> None:
        verify(transfers.get("tr_00000001"))

    async def async_one() -> None:
        verify(await async_transfers.get("tr_00000001"))

    def page() -> None:
        total, good = Decimal(), 0
        for transfer in transfers.list(page_size=100).page().items:
            total += transfer.amount
            good += transfer.status is processed
        check(good == 100 and total == Decimal("14999.50"))

    async def async_page() -> None:
        total, good = Decimal(), 0
        for transfer in (await async_transfers.list(page_size=100).page()).items:
            total += transfer.amount
            good += transfer.status is processed
        check(good == 100 and total == Decimal("14999.50"))

    webhooks = Webhooks(SECRET)
    signature = webhooks.sign(EVENT)

    def webhook() -> None:
        webhooks.verify(EVENT, signature)

    def link() -> None:
        found = client.oauth.authorize_url(user_intent_id="ui_1")
        check(found.state in found.url)

    return {
        ONE: written_out(repeated(one), client),
        ASYNC_ONE: written_out(tasks.case(async_one, 1), async_client),
        ASYNC_MANY: written_out(tasks.case(async_one, IN_FLIGHT), async_client),
        PAGE: written_out(repeated(page), client),
        ASYNC_PAGE: written_out(tasks.case(async_page, 1), async_client),
        WEBHOOK: repeated(webhook),
        LINK: repeated(link),
    }


def written_out(case: Case, client: Any) -> Case:
    """The case, until its request ids are on disk."""

    def run(calls: int) -> None:
        case(calls)
        client.request_log.flush()

    return run


def astra_fast(url: str) -> dict[str, Case]:
    """This SDK with its `fast` extra."""
    return astra(url, fast=True)


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

    return {ONE: repeated(one), PAGE: repeated(page)}


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

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
    }


CONTENDERS: dict[str, Callable[[str], dict[str, Case]]] = {
    "httpx": bare_httpx,
    "astra": astra,
    "astra[fast]": astra_fast,
    "stripe": stripe,
    "plaid": plaid,
    "openai": openai,
    "increase": increase,
}
PEERS = ("stripe", "plaid", "openai", "increase")
