"""A payment is made, and its answer is lost: the program finds it again, and does not pay twice."""

from __future__ import annotations

from astra import UncertainOutcomeError, UserSession
from astra.sandbox import SandboxControls


def test_lost_answer(astra_sandbox: SandboxControls, astra_user: UserSession) -> None:
    """The payment exists although nobody was told, and its correlation id finds it."""
    savings, checking = astra_user.accounts.list().to_list()
    astra_sandbox.faults.add(operation="create_routine", drop="after")
    try:
        astra_user.routines.create(
            type="one-time",
            name="Rent",
            payment_type="ach",
            source_id=checking.id,
            destination_id=savings.id,
            amount="12.50",
            client_correlation_id="RENT2026",
        )
        raise AssertionError("the answer was not lost")
    except UncertainOutcomeError as error:
        found = error.reconcile()
    assert found is not None
    assert found.client_correlation_id == "RENT2026"
    assert sum(routine.client_correlation_id == "RENT2026" for routine in astra_user.routines.list()) == 1
