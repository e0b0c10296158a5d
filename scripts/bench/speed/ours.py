"""Bare httpx and this SDK, as cases. Nothing is imported before it is needed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from decimal import Decimal
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from scripts.bench.speed.answers import transfer as transfer_answer
from scripts.bench.speed.cases import (
    ASYNC_MANY,
    ASYNC_ONE,
    ASYNC_PAGE,
    ASYNC_PAGE_READ,
    CLOSE,
    EVENT,
    IN_FLIGHT,
    LINK,
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

TRANSFER_FIELDS = tuple(transfer_answer(0))
AMOUNT = TRANSFER_FIELDS.index("amount")


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

    read = itemgetter(*TRANSFER_FIELDS)

    def read_all(content: bytes) -> None:
        found = json.loads(content)["transfers"]
        check(round(sum(read(transfer)[AMOUNT] for transfer in found), 2) == 14999.50)

    def page_read() -> None:
        read_all(client.get("/v1/transfers", params={"page_size": 100}).content)

    async def async_page_read() -> None:
        read_all((await async_client.get("/v1/transfers", params={"page_size": 100})).content)

    async def async_page() -> None:
        found = (await async_client.get("/v1/transfers", params={"page_size": 100})).json()
        check(len(found["transfers"]) == 100)

    return {
        ONE: repeated(one),
        ASYNC_ONE: tasks.case(async_one, 1),
        ASYNC_MANY: tasks.case(async_one, IN_FLIGHT),
        PAGE: repeated(page),
        ASYNC_PAGE: tasks.case(async_page, 1),
        PAGE_READ: repeated(page_read),
        ASYNC_PAGE_READ: tasks.case(async_page_read, 1),
    }


def astra(url: str, *, library: str = "httpx") -> dict[str, Case]:
    """This SDK as in production: token looked up and checked, request id kept, ledger on, money as Decimal."""
    os.environ["ASTRA_HTTP"] = library
    from astra_api.models import TransferStatus

    from astra import Astra, AsyncAstra
    from astra.tokens import TokenAnswer
    from astra.webhooks import Webhooks

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
    async_client = AsyncAstra("id", "secret", base_url=url, request_log=f"sqlite:///{ledgers}/async.db")
    tasks = Tasks()
    tasks.loop.run_until_complete(async_client.tokens.store_answer("customer-42", answer, astra_user_id="usr_1"))

    def close(_: int) -> None:
        client.close()
        tasks.loop.run_until_complete(async_client.close())
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

    read = attrgetter(*TRANSFER_FIELDS)

    def read_all(items: Any) -> None:
        check(sum(read(transfer)[AMOUNT] for transfer in items) == Decimal("14999.50"))

    def page_read() -> None:
        read_all(transfers.list(page_size=100).page().items)

    async def async_page_read() -> None:
        read_all((await async_transfers.list(page_size=100).page()).items)

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
        PAGE_READ: written_out(repeated(page_read), client),
        ASYNC_PAGE_READ: written_out(tasks.case(async_page_read, 1), async_client),
        WEBHOOK: repeated(webhook),
        LINK: repeated(link),
        CLOSE: close,
    }


def written_out(case: Case, client: Any) -> Case:
    """The case, until its request ids are on disk."""

    def run(calls: int) -> None:
        case(calls)
        client.request_log.flush()

    return run


def astra_httpx2(url: str) -> dict[str, Case]:
    """This SDK with its extra `fast`."""
    return {name: case for name, case in astra(url, library="httpx2").items() if name not in (WEBHOOK, LINK)}
