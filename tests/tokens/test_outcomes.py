"""What a caller does after it has waited for a flight, as a table."""

from __future__ import annotations

from typing import get_args

import pytest

from astra.errors import AstraError, InternalServerError, ReauthorizationRequired, TokenStoreError
from astra.testing.store_contract import NOW, make_grant
from astra.tokens.grant import Grant
from astra.tokens.outcomes import (
    Abandoned,
    Again,
    Died,
    Failed,
    GiveUp,
    Outcome,
    Raise,
    Ready,
    Spare,
    Step,
    Use,
    next_step,
)

LIVING = make_grant(access_token="living")
OTHER = make_grant(access_token="other")
GONE = make_grant(access_token="gone", access_expires_at=NOW)
DEATH = ReauthorizationRequired("dead", user_key="customer-1")
BROKEN = InternalServerError("broken", status_code=500)
STORE = TokenStoreError("away")


def test_these_are_all_the_ends_of_a_flight_and_all_the_steps_after_it() -> None:
    assert get_args(Outcome) == (Ready, Failed, Died, Abandoned)
    assert get_args(Step) == (Use, Spare, Raise, Again, GiveUp)
    with pytest.raises(TypeError):
        Died(DEATH, LIVING, True)  # type: ignore[misc]  # noqa: FBT003


def step(
    outcome: Outcome | None,
    *,
    spare: Grant | None = None,
    rejected: str | None = None,
    leads: bool = False,
    is_late: bool = False,
) -> Step:
    return next_step(outcome, spare=spare, rejected=rejected, now=NOW, leads=leads, is_late=is_late)


@pytest.mark.parametrize("leads", [True, False])
def test_a_grant_that_is_ready_is_used(leads: bool) -> None:
    assert step(Ready(OTHER), spare=LIVING, leads=leads) == Use(OTHER)


def test_a_flight_of_others_that_found_the_token_rejected_here_is_followed_by_another() -> None:
    assert step(Ready(LIVING), rejected="living") == Again()
    assert step(Ready(GONE)) == Again()


def test_who_led_the_flight_takes_what_it_brought() -> None:
    assert step(Ready(LIVING), rejected="living", leads=True) == Use(LIVING)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("leads", [True, False])
def test_a_dead_grants_access_token_is_served_out_and_then_the_user_is_asked(first: bool, leads: bool) -> None:
    assert step(Died(error=DEATH, grant=LIVING, first=first), leads=leads) == Use(LIVING)
    assert step(Died(error=DEATH, grant=GONE, first=first), leads=leads) == Raise(DEATH)
    assert step(Died(error=DEATH, grant=LIVING, first=first), rejected="living", leads=leads) == Raise(DEATH)


@pytest.mark.parametrize("error", [BROKEN, DEATH, STORE])
def test_a_failure_is_raised(error: AstraError) -> None:
    assert step(Failed(error)) == Raise(error)
    assert step(Failed(error), spare=GONE) == Raise(error)
    assert step(Failed(error), spare=LIVING, rejected="living") == Raise(error)


def test_a_store_that_fails_costs_nothing_while_the_token_lives() -> None:
    assert step(Failed(STORE), spare=LIVING) == Spare(LIVING)
    assert step(Failed(BROKEN), spare=LIVING) == Raise(BROKEN)


@pytest.mark.parametrize("outcome", [None, Abandoned()])
def test_who_waited_in_vain_goes_out_with_the_token_at_hand(outcome: Outcome | None) -> None:
    assert step(outcome, spare=LIVING, is_late=True) == Spare(LIVING)
    assert step(outcome, spare=GONE, is_late=True) == GiveUp()
    assert step(outcome, spare=LIVING, rejected="living", is_late=True) == GiveUp()
    assert step(outcome, is_late=True) == GiveUp()


def test_a_flight_that_was_abandoned_is_followed_by_another_while_there_is_time() -> None:
    assert step(Abandoned()) == Again()
    assert step(Abandoned(), spare=LIVING) == Again()
    assert step(None, spare=LIVING) == Spare(LIVING)
