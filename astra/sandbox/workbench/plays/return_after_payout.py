"""A transfer is processed, and comes back days later: paid is not forever."""

from __future__ import annotations

from astra import UserSession
from astra.sandbox import SandboxControls


def test_return_after_payout(astra_sandbox: SandboxControls, astra_user: UserSession) -> None:
    """A processed transfer fails after all, with the bank's code, and a webhook tells."""
    savings, checking = astra_user.accounts.list().to_list()
    routine = astra_user.routines.create(
        type="one-time",
        name="Top-up",
        payment_type="ach",
        source_id=checking.id,
        destination_id=savings.id,
        amount="20.00",
    )
    transfer = astra_user.routines.transfers(routine.id).first()
    assert transfer is not None
    astra_sandbox.advance(days=7)
    assert astra_user.transfers.get(transfer.id).status == "processed"
    astra_sandbox.transfers.return_(transfer.id, code="R10")
    returned = astra_user.transfers.get(transfer.id)
    assert returned.status == "failed"
    assert returned.failure_reason == "R10"
    told = astra_sandbox.webhooks.find_events(resource_id=transfer.id, limit=1000)
    assert [event.type for event in told][-2:] == ["transfer_updated", "transfer_updated"]
