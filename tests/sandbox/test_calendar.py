"""Banking days and ACH windows."""

import datetime as dt

import pytest

from astra.sandbox.engine import calendar


def epoch(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("initiated", "speed", "clears"),
    [
        ("2026-03-03T09:00-05:00", "T+0", "2026-03-03T13:00-05:00"),
        ("2026-03-03T12:00-05:00", "T+0", "2026-03-03T17:00-05:00"),
        ("2026-03-03T15:00-05:00", "T+0", "2026-03-03T18:00-05:00"),
        ("2026-03-03T16:00-05:00", "T+0", "2026-03-04T13:00-05:00"),
        ("2026-03-06T16:00-05:00", "T+0", "2026-03-09T13:00-04:00"),
        ("2026-03-07T12:00-05:00", "T+1", "2026-03-10T08:30-04:00"),
        ("2026-03-03T18:00-05:00", "T+1", "2026-03-04T08:30-05:00"),
        ("2026-03-03T19:00-05:00", "T+1", "2026-03-05T08:30-05:00"),
        ("2026-07-02T12:00-04:00", "T+1", "2026-07-03T08:30-04:00"),
        ("2026-11-25T12:00-05:00", "T+1", "2026-11-27T08:30-05:00"),
        ("2026-12-24T12:00-05:00", "T+2", "2026-12-29T08:30-05:00"),
    ],
)
def test_when_a_transfer_clears(initiated, speed, clears):
    assert calendar.clearing_time(epoch(initiated), speed=speed) == epoch(clears)


def test_holidays_of_a_year():
    days = {day.isoformat() for day in calendar.holidays(2026)}
    assert days == {
        "2026-01-01",
        "2026-01-19",
        "2026-02-16",
        "2026-05-25",
        "2026-06-19",
        "2026-07-04",
        "2026-09-07",
        "2026-10-12",
        "2026-11-11",
        "2026-11-26",
        "2026-12-25",
    }


def test_a_holiday_on_sunday_is_kept_on_monday():
    assert not calendar.is_banking_day(dt.date(2027, 7, 5))
    assert calendar.is_banking_day(dt.date(2027, 7, 6))


def test_cancelling_is_possible_until_five_on_the_next_banking_day():
    assert calendar.cancel_deadline(epoch("2026-03-06T12:00-05:00")) == epoch("2026-03-09T17:00-04:00")


def test_the_pacific_date_is_behind():
    assert calendar.pacific_date(epoch("2026-03-03T07:59+00:00")) == dt.date(2026, 3, 2)
    assert calendar.pacific_date(epoch("2026-03-03T08:01+00:00")) == dt.date(2026, 3, 3)
