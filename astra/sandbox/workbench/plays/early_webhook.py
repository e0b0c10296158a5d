"""The webhook of a payment is there before the answer to the request that made it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from astra import UserSession
from astra.sandbox import SandboxControls


def test_early_webhook(astra_sandbox: SandboxControls, astra_user: UserSession) -> None:
    """A program that looks its payment up by the webhook must not need what only the answer says."""
    savings, checking = astra_user.accounts.list().to_list()
    known = {event.id for event in astra_sandbox.webhooks.events}
    astra_sandbox.faults.add(operation="create_routine", delay=0.5)
    with ThreadPoolExecutor(max_workers=1) as worker:
        answer = worker.submit(
            astra_user.routines.create,
            type="one-time",
            name="Early",
            payment_type="ach",
            source_id=checking.id,
            destination_id=savings.id,
            amount="5.00",
        )
        told: list[str] = []
        while not told and not answer.done():
            told = [event.type for event in astra_sandbox.webhooks.events if event.id not in known]
        assert told, "the answer came first"
        assert not answer.done()
    assert answer.result().name == "Early"
