"""A person is onboarded, authorizes and is paid: blocking and asyncio, with each HTTP library."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from astra import Astra, AsyncAstra
from astra.sandbox import Sandbox

PERSON = {
    "email": "sir.edmund.hillary@example.com",
    "phone": "+15557771234",
    "first_name": "Edmund",
    "last_name": "Hillary",
    "address1": "123 Astra Ave",
    "city": "Palo Alto",
    "state": "CA",
    "postal_code": "94304",
    "date_of_birth": "1919-07-20",
    "ssn": "9999",
    "ip_address": "203.0.113.7",
}
PAYMENT = {"type": "one-time", "name": "Top-up", "payment_type": "ach", "amount": "20.10"}


@pytest.fixture(params=["httpx", "httpx2"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_HTTP", request.param)


def keywords(sandbox: Sandbox) -> dict[str, str]:
    return {"base_url": sandbox.url, "app_url": sandbox.url, "redirect_uri": sandbox.redirect_uri}


def test_a_payment_settles_and_is_made_once_under_its_key(sandbox: Sandbox) -> None:
    stores = {"request_log": "memory://", "idempotency_store": "memory://"}
    with Astra(sandbox.client_id, sandbox.client_secret, **keywords(sandbox), **stores) as astra:
        intent = astra.user_intents.create(**PERSON)
        link = astra.oauth.authorize_url(user_intent_id=intent.id)
        code = astra.oauth.parse_redirect(sandbox.visit(link.url), state=link.state).code
        user = astra.oauth.exchange(code, key="customer-42")
        source, destination = user.accounts.list(limit=2).to_list()
        ends = {"source_id": source.id, "destination_id": destination.id}
        first, again = (user.routines.create(**PAYMENT, **ends, idempotency_key="INV1") for _ in range(2))
        assert (first.id, first.amount) == (again.id, Decimal("20.10"))
        transfer = user.routines.transfers(first.id).first()
        assert transfer is not None
        sandbox.advance(days=9)
        assert user.transfers.get(transfer.id).status == "processed"
        assert user.transfers.get(transfer.id).to_dict()["id"] == transfer.id
        assert len(list(user.accounts.list(page_size=10))) == 2


def test_the_same_with_asyncio(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncAstra(sandbox.client_id, sandbox.client_secret, **keywords(sandbox)) as astra:
            intent = await astra.user_intents.create(**PERSON)
            user = await astra.oauth.exchange(sandbox.authorize(user_intent_id=intent.id), key="customer-43")
            source, destination = [account async for account in user.accounts.list(limit=2)]
            ends = {"source_id": source.id, "destination_id": destination.id}
            assert (await user.routines.create(**PAYMENT, **ends)).request_id

    asyncio.run(main())
