"""Time in the sandbox: where it can be moved to, what happens on the way, and what is refused."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import subprocess
import sys
from typing import Any

import pytest

from astra import Astra, InvalidRequestError, UncertainOutcomeError
from astra.sandbox import RemoteSandbox, Sandbox, SandboxClock, SandboxControls
from tests.sandbox.conftest import TUESDAY


@pytest.fixture(params=["here", "elsewhere"])
def driven(request: pytest.FixtureRequest, sandbox: Sandbox) -> SandboxControls:
    return sandbox if request.param == "here" else RemoteSandbox(sandbox.control_url)


def pacific(epoch: float) -> str:
    from zoneinfo import ZoneInfo

    return dt.datetime.fromtimestamp(epoch, ZoneInfo("America/Los_Angeles")).isoformat()


@pytest.mark.parametrize("day", ["2026-07-15", "2026-12-01", "2026-03-08", "2026-03-09", "2026-11-01", "2026-11-02"])
def test_a_start_date_is_a_day_in_los_angeles_summer_and_winter(day: str) -> None:
    from astra.sandbox.engine import calendar

    begins = calendar.start_of_pacific_day(dt.date.fromisoformat(day))
    assert pacific(begins)[:19] == f"{day}T00:00:00"
    assert calendar.pacific_date(begins) == dt.date.fromisoformat(day)
    assert calendar.pacific_date(begins - 1) == dt.date.fromisoformat(day) - dt.timedelta(days=1)


def test_pacific_days_are_those_of_the_time_zone_database() -> None:
    from astra.sandbox.engine import calendar

    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    for hour in range(2 * 366 * 24):
        epoch = start + hour * 3600
        assert calendar.pacific_date(epoch).isoformat() == pacific(epoch)[:10]


def test_a_routine_of_a_winter_day_starts_when_that_day_begins_in_los_angeles(program: Any, sandbox: Sandbox) -> None:
    sandbox.advance_to(dt.datetime(2026, 11, 30, 20, tzinfo=dt.UTC))
    person = program.signed_in()
    routine = person.pay(start_date="2026-12-01")
    sandbox.advance_to(dt.datetime(2026, 12, 1, 7, 59, 59, tzinfo=dt.UTC))
    person.refresh()
    assert person.get(f"/v1/routines/{routine['id']}/transfers")["transfers"] == []
    sandbox.advance(seconds=1)
    assert person.transfer_of(routine)["status"] == "pending"


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"days": -1}, "only moves forward"),
        ({"days": 3654}, "3653 days at once"),
        ({"days": 10**400}, "3653 days at once"),
        ({"seconds": math.nan}, "seconds must be a number"),
        ({"hours": math.inf}, "3653 days at once"),
        ({"days": True}, "days must be a number"),
        ({"days": "3"}, "days must be a number"),
    ],
)
def test_a_jump_that_cannot_be_meant_is_refused(sandbox: Sandbox, step: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        sandbox.advance(**step)
    assert sandbox.now() == TUESDAY


def test_the_clock_has_an_end(sandbox: Sandbox) -> None:
    for _ in range(17):
        sandbox.advance(days=3653)
    with pytest.raises(InvalidRequestError, match="ends with the year 2199"):
        sandbox.advance(days=3653)


def test_a_moment_that_cannot_be_meant_is_refused(driven: SandboxControls) -> None:
    for moment, message in (
        (TUESDAY - dt.timedelta(seconds=1), "only moves forward, and it is 2026-03-03 16:00:00 UTC"),
        (TUESDAY + dt.timedelta(days=3654), "3653 days at once"),
        (dt.datetime(2200, 1, 1, tzinfo=dt.UTC), "from 1970 to 2199"),
    ):
        with pytest.raises(InvalidRequestError, match=message):
            driven.advance_to(moment)
    assert driven.now() == TUESDAY


def test_the_clock_moves_by_parts_of_an_hour(driven: SandboxControls) -> None:
    driven.advance(days=0.5, hours=1.5, minutes=0.5, seconds=0.25)
    assert driven.now() == TUESDAY + dt.timedelta(hours=13.5, seconds=30.25)


@pytest.mark.parametrize("moment", [dt.datetime(2027, 1, 1), "2027-01-01", None, True])
def test_a_moment_is_an_aware_datetime(sandbox: Sandbox, moment: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"needs a time zone|must be an aware datetime"):
        sandbox.advance_to(moment)
    for name in ("frozen_at", "start_at"):
        if moment is not None:
            with pytest.raises(InvalidRequestError, match=name):
                SandboxClock(**{name: moment})


def test_a_clock_starts_at_one_moment() -> None:
    with pytest.raises(InvalidRequestError, match="not both"):
        SandboxClock(frozen_at=0.0, start_at=0.0)
    clock = SandboxClock(start_at=TUESDAY, source=itertools.count(100.0).__next__)
    assert [clock() - TUESDAY.timestamp() for _ in range(3)] == [1.0, 2.0, 3.0]


def test_time_stands_still_when_it_is_told_to(driven: SandboxControls) -> None:
    driven.thaw()
    assert not driven.is_frozen
    driven.freeze()
    assert driven.is_frozen
    assert driven.now() == driven.now()
    before = driven.now()
    driven.advance(hours=1)
    assert driven.now() - before == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-03-03T16:00+00:00", "2026-03-04T08:30-05:00"),
        ("2026-03-06T16:00+00:00", "2026-03-09T08:30-04:00"),
        ("2026-11-25T16:00+00:00", "2026-11-27T08:30-05:00"),
    ],
)
def test_the_clock_goes_to_the_next_banking_day(driven: SandboxControls, now: str, morning: str) -> None:
    if driven.now() < dt.datetime.fromisoformat(now):
        driven.advance_to(dt.datetime.fromisoformat(now))
    assert driven.advance_to_next_banking_day() == dt.datetime.fromisoformat(morning) == driven.now()


def test_the_clock_goes_from_event_to_event(person: Any, driven: SandboxControls) -> None:
    person.pay()
    person.pay(start_date="2026-03-10")
    seen, known = [], len(driven.webhooks.events)
    while moment := driven.advance_to_next_event():
        new, known = driven.webhooks.events[known:], len(driven.webhooks.events)
        assert {event.time for event in new} == {moment.timestamp()}
        seen.append((moment, new[0].type))
    assert [type for _, type in seen] == ["transfer_updated", "transfer_created", "transfer_updated"]
    assert seen[1][0] == dt.datetime(2026, 3, 10, 7, tzinfo=dt.UTC)
    assert driven.now() == seen[-1][0]
    assert driven.advance_to_next_event() is None
    assert driven.now() == seen[-1][0]


def test_under_one_jump_each_thing_happens_at_its_own_time(program: Any, person: Any, sandbox: Sandbox) -> None:
    routine = person.pay(type="recurring", frequency="weekly", start_date="2026-03-10")
    sandbox.advance(days=30)
    transfers = program.signed_in(user_id=person.id).get(f"/v1/routines/{routine['id']}/transfers")["transfers"]
    days = sorted(transfer["initiated"][:10] for transfer in transfers)
    assert days == ["2026-03-10", "2026-03-17", "2026-03-24", "2026-03-31"]


def shape(sandbox: Sandbox, *, more: bool) -> list[str]:
    """Ids of a scenario, with something else in between or not."""
    from tests.sandbox.conftest import Program

    with Program(sandbox) as program:
        person = program.signed_in()
        if more:
            program.intent()
            for _ in range(3):
                person.get("/v1/user")
        routine = person.pay()
        return [person.id, person.tokens["access_token"], routine["id"], person.transfer_of(routine)["id"]]


def test_one_more_request_or_scenario_changes_no_id_of_another_kind() -> None:
    found = []
    for more in (False, True):
        with Sandbox(clock=SandboxClock(frozen_at=TUESDAY), seed=7) as sandbox:
            found.append(shape(sandbox, more=more))
    assert found[0] == found[1]


def test_the_command_line_starts_on_a_day() -> None:
    command = [sys.executable, "-m", "astra", "sandbox", "--port", "0", "--start", "2026-12-01", "--frozen"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        lines = [served.stdout.readline() for _ in range(7)]
        served.terminate()
    assert lines[-1] == "clock            2026-12-01 00:00:00 UTC, frozen\n"


def test_every_answer_of_the_api_is_dated_by_the_sandboxs_clock(person: Any, sandbox: Sandbox) -> None:
    def dates(path: str) -> list[str]:
        return person.http.get(path).headers.get_list("Date")

    assert dates("/v1/user") == dates("/v1/nowhere") == ["Tue, 03 Mar 2026 16:00:00 GMT"]
    sandbox.advance(days=1)
    sandbox.faults.add(status=503)
    assert dates("/v1/user") == ["Wed, 04 Mar 2026 16:00:00 GMT"]
    for fault in ({"status": 503}, {"garbage": True}, {}):
        sandbox.faults.add(headers={"Date": "yesterday"}, **fault)
        assert dates("/v1/user") == ["yesterday"]


@pytest.mark.parametrize("day", [dt.datetime(2019, 5, 1, tzinfo=dt.UTC), dt.datetime(2199, 5, 1, tzinfo=dt.UTC)])
def test_a_payment_whose_answer_is_lost_is_found_on_any_day_of_the_sandbox(day: dt.datetime) -> None:
    with (
        Sandbox(clock=SandboxClock(frozen_at=day)) as sandbox,
        Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client,
    ):
        code = sandbox.authorize(user_id=sandbox.users.create(accounts=2).id)
        user = client.oauth.exchange(code, key="customer-42", redirect_uri=sandbox.redirect_uri)
        source, destination = user.accounts.list().to_list()
        sandbox.faults.add(operation="create_routine", drop="after")
        with pytest.raises(UncertainOutcomeError) as uncertain:
            user.routines.create(
                type="one-time",
                name="Top-up",
                payment_type="ach",
                source_id=source.id,
                destination_id=destination.id,
                amount="5",
                client_correlation_id="order42",
            )
        found = user.routines.reconcile(uncertain.value)
        assert found is not None
        assert found.id == user.routines.list().to_list()[0].id
