"""What must not type-check. Every line that ends in `# wrong` is an error to both checkers, and no other line is."""

# pyright: strict, reportUnusedExpression=false, reportUnusedVariable=false, reportUnusedCoroutine=false

from __future__ import annotations

from typing import Any

from astra import Astra, AsyncAstra, AsyncUserSession, UserSession


def misspelt(client: Astra, user: UserSession) -> None:
    Astra("id", "secret", enviroment="sandbox")  # wrong
    Astra("id")  # wrong
    Astra("id", "secret", "sandbox")  # wrong
    client.users  # wrong
    client.user("customer-42").account  # wrong
    client.oauth.authorize_url(user_intent="ui_1")  # wrong
    user.accounts.list(pagesize=10)  # wrong
    user.accounts.list().page().cursor_next  # wrong
    len(user.accounts.list())  # wrong
    user.accounts.list()[0]  # wrong
    user.transfers.get("tr_1", time_out=5)  # wrong
    user.transfers.get("tr_1").amout  # wrong
    user.transfers.get()  # wrong
    user.transfers.get(42)  # wrong


def money(user: UserSession) -> None:
    user.routines.preview(type="one-time", name="x", source_id="a", destination_id="b", amount=20.25)  # wrong
    user.routines.book(name="x", amount=1.5, source_id="a", destination_id="b")  # wrong
    user.routines.book(name="x", source_id="a", destination_id="b")  # wrong
    user.routines.update("rt_1", on_uncertain="reconcile", name="x")  # wrong
    card: dict[str, Any] = {"name": "x", "source_id": "a", "destination_id": "b"}
    user.routines.account_to_card(**card, amount=1, on_uncertain="retry")  # wrong
    total: float = user.transfers.get("tr_1").amount  # wrong
    print(total)


async def flavours(sync: UserSession, user: AsyncUserSession, client: AsyncAstra) -> None:
    await sync.profile.get()  # wrong
    await user.accounts.list()  # wrong
    (await user.profile.get()).emails  # wrong
    user.profile.get().email  # wrong
    for _ in user.accounts.list():  # wrong
        pass
    async for _ in sync.accounts.list():  # wrong
        pass
    with client:  # wrong
        pass
    await client.close(timeout=3)  # wrong


def webhooks(client: Astra) -> None:
    client.webhooks.parse("a body that a framework decoded", 1)  # wrong
    client.webhooks.parse(b"{}", "signature").payload  # wrong
    client.tokens.keep_alive(older_than=5)  # wrong


def values_that_astra_does_not_take(user: UserSession, text: str) -> None:
    user.routines.create(
        type="onetime",  # wrong
        name="a",
        payment_type="wire",  # wrong
        source_id="a",
        destination_id="b",
        amount="20.00",
        preferred_settlement_speed="T+3",  # wrong
        frequency="quarterly",
    )
    user.profile.upgrade_kyc_type(kyc_type=text)  # wrong
