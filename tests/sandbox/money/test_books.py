"""Double entry over random histories; `make bank-histories COUNT=2000` plays thousands."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sandbox.money.bank import Bank


def test_the_books_balance_and_nothing_goes_below_zero_in_random_histories():
    few = settings(
        max_examples=60,
        stateful_step_count=50,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Bank, settings=few)
