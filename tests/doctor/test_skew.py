"""How far the clock is off."""

from __future__ import annotations

import time

import pytest

from astra.doctor.findings import Finding
from astra.doctor.skew import judge, server_time

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"
MOMENT = 1795521600.0


@pytest.mark.parametrize(
    ("headers", "moment"),
    [
        ({"date": DATE}, MOMENT + 0.5),
        ({"date": "Tue, 24 Nov 2026 12:00:00 -0000"}, MOMENT + 0.5),
        ({"date": DATE, "age": " 100 "}, MOMENT + 100.5),
        ({"date": DATE, "age": "-100"}, MOMENT + 0.5),
        ({"date": DATE, "age": "\u0663"}, MOMENT + 0.5),
        ({"date": DATE, "age": "\u00b2"}, MOMENT + 0.5),
        ({"date": "Tue, 24 Nov 2026 13:00:00 +0100"}, MOMENT + 0.5),
        ({"date": DATE, "age": "9" * 400}, MOMENT + 0.5),
        ({"date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_the_time_of_the_answer_is_read_wherever_this_machine_is(
    headers: dict[str, str], moment: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert server_time(headers) == moment
    finally:
        monkeypatch.undo()
        time.tzset()


ADVICE = "Have the clock set by NTP: by a wrong one, tokens are refreshed too late or far too often."


@pytest.mark.parametrize(
    ("off", "status", "said"),
    [
        (0.5, "ok", "0 s behind"),
        (1.0, "ok", "0 s ahead of"),
        (30.5, "ok", "30 s ahead of"),
        (-29.5, "ok", "30 s behind"),
        (31.5, "warn", "31 s ahead of"),
        (-31.0, "warn", "32 s behind"),
        (300.5, "warn", "300 s ahead of"),
        (301.5, "fail", "301 s ahead of"),
        (-301.0, "fail", "302 s behind"),
    ],
)
def test_a_clock_that_is_off_is_told_with_its_side(off: float, status: str, said: str) -> None:
    found = judge({"date": DATE}, before=MOMENT + off - 1, after=MOMENT + off + 1)
    assert found == Finding(
        check="api.clock",
        status=status,  # type: ignore[arg-type]
        message=f"this machine's clock is {said} Astra's",
        advice="" if status == "ok" else ADVICE,
        details={"seconds": off - 0.5},
    )


def test_seconds_are_told_to_a_tenth() -> None:
    found = judge({"date": DATE}, before=MOMENT, after=MOMENT + 0.666)
    assert found.details == {"seconds": -0.2}


def test_without_a_date_nothing_is_compared() -> None:
    assert judge({}, before=0, after=0) == Finding(
        check="api.clock",
        status="warn",
        message="the answer has no Date header that can be read, so the clock could not be compared",
        advice="Compare this machine's clock by other means, e.g. timedatectl or chronyc tracking.",
    )
