"""Banking days and clearing times in US Eastern time, and days in US Pacific time, without a time-zone database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

DAY = timedelta(days=1)
WINDOWS = ((time(9, 45), time(13, 0)), (time(13, 45), time(17, 0)), (time(15, 45), time(18, 0)))
NEXT_DAY_CUT_OFF = time(18, 45)
MORNING = time(8, 30)
SPEED_DAYS = {"T+1": 1, "T+2": 2, "T+4": 4}
INSTANT_SECONDS = 5.0
EASTERN, PACIFIC = 5, 8
"""Time zones of the US, by how many hours their standard time is behind UTC."""


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Returns the nth (1 = first) given weekday of a month; nth 0 is the last one of the month before."""
    first = date(year, month, 1)
    return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (nth - 1))


def utc_offset(moment: datetime, *, zone: int) -> timedelta:
    """Returns the UTC offset of a US time zone at an aware moment: clocks change at 2 in the morning of each."""
    utc = moment.astimezone(UTC)
    spring = datetime.combine(nth_weekday(utc.year, 3, 6, 2), time(2 + zone), UTC)
    autumn = datetime.combine(nth_weekday(utc.year, 11, 6, 1), time(1 + zone), UTC)
    return timedelta(hours=-zone + (spring <= utc < autumn))


def local(epoch: float, *, zone: int) -> datetime:
    """Returns epoch seconds as the time of a US time zone."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.astimezone(timezone(utc_offset(moment, zone=zone)))


def at_local(day: date, at: time, *, zone: int) -> float:
    """Returns epoch seconds of a wall-clock time in a US time zone."""
    guess = datetime.combine(day, at, UTC)
    return (guess - utc_offset(guess + timedelta(hours=zone), zone=zone)).timestamp()


def eastern(epoch: float) -> datetime:
    """Returns epoch seconds as US Eastern time."""
    return local(epoch, zone=EASTERN)


def at_eastern(day: date, at: time) -> float:
    """Returns epoch seconds of a wall-clock time in US Eastern time."""
    return at_local(day, at, zone=EASTERN)


def pacific_date(epoch: float) -> date:
    """Returns the calendar date in US Pacific time, which is the default start date of a routine."""
    return local(epoch, zone=PACIFIC).date()


def start_of_pacific_day(day: date) -> float:
    """Returns the first moment of a day in US Pacific time (epoch seconds)."""
    return at_local(day, time(0), zone=PACIFIC)


def next_banking_morning(epoch: float) -> float:
    """Returns when the ACH transfers of the next banking day settle in the morning (epoch seconds)."""
    return at_eastern(banking_day_after(eastern(epoch).date(), 1), MORNING)


def holidays(year: int) -> set[date]:
    """Returns the Federal Reserve's holidays; one that falls on a Sunday is kept on Monday."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11)]
    fixed.append(date(year, 12, 25))
    kept = {day + DAY if day.weekday() == 6 else day for day in fixed}
    moving = ((1, 0, 3), (2, 0, 3), (9, 0, 1), (10, 0, 2), (11, 3, 4))
    kept |= {nth_weekday(year, month, weekday, nth) for month, weekday, nth in moving}
    kept.add(nth_weekday(year, 6, 0, 0))
    return kept


def is_banking_day(day: date) -> bool:
    """Tells whether banks settle on this day."""
    return day.weekday() < 5 and day not in holidays(day.year)


def banking_day_after(day: date, count: int) -> date:
    """Returns the `count`th banking day after a day; 0 is the day itself or the next banking day."""
    if count == 0:
        while not is_banking_day(day):
            day += DAY
        return day
    for _ in range(count):
        day += DAY
        while not is_banking_day(day):
            day += DAY
    return day


def clearing_time(initiated: float, *, speed: str) -> float:
    """Returns when a transfer is processed (epoch seconds): after seconds for instant rails, banking days for ACH."""
    if speed == "real-time":
        return initiated + INSTANT_SECONDS
    begun = eastern(initiated)
    day = banking_day_after(begun.date(), 0)
    if speed == "T+0":
        if day == begun.date():
            for cut_off, settled in WINDOWS:
                if begun.time() <= cut_off:
                    return at_eastern(day, settled)
            day = banking_day_after(day, 1)
        return at_eastern(day, WINDOWS[0][1])
    if day == begun.date() and begun.time() > NEXT_DAY_CUT_OFF:
        day = banking_day_after(day, 1)
    return at_eastern(banking_day_after(day, SPEED_DAYS[speed]), MORNING)


def cancel_deadline(initiated: float) -> float:
    """Returns until when an ACH transfer can be cancelled (epoch seconds): 5 pm Eastern on the next banking day."""
    return at_eastern(banking_day_after(eastern(initiated).date(), 1), time(17, 0))
