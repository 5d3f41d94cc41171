"""Trap 8 of clocks.md by name: hours, lunch breaks, holidays, round the clock, clock changes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.sla.hours import KEPT_STRETCHES, Calendar, due_at, elapsed
from apps.sla.week import ALWAYS, WEEKDAYS

HOUR = 3600
LUNCH = [["09:00", "12:30"], ["13:15", "18:00"]]
OFFICE = Calendar.from_dict(
    {
        "zone": "Europe/Berlin",
        "week": dict.fromkeys(WEEKDAYS[:5], LUNCH),
        "holidays": ["2026-12-25"],
    }
)


def berlin(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def every_day(opens: str, closes: str) -> dict[str, list[list[str]]]:
    return {day: [[opens, closes]] for day in WEEKDAYS}


def test_trap_8_nights_and_weekends_count_nothing() -> None:
    friday_evening, monday = berlin("2026-11-20 17:45"), berlin("2026-11-23 09:15")
    assert elapsed(friday_evening, monday, OFFICE) == HOUR / 2
    assert due_at(friday_evening, HOUR // 2, OFFICE) == monday


def test_trap_8_the_lunch_break_counts_nothing() -> None:
    assert due_at(berlin("2026-11-23 12:20"), 15 * 60, OFFICE) == berlin("2026-11-23 13:20")


def test_trap_8_a_holiday_counts_nothing() -> None:
    assert due_at(berlin("2026-12-24 17:45"), 1800, OFFICE) == berlin("2026-12-28 09:15")


def test_trap_8_open_round_the_clock_loses_no_minute_in_a_year_of_clock_changes() -> None:
    for week in (ALWAYS, every_day("00:00", "24:00")):
        calendar = Calendar.from_dict({"zone": "Europe/Berlin", "week": week})
        start = berlin("2026-01-01 00:00")
        assert elapsed(start, start + timedelta(days=365), calendar) == 365 * 24 * HOUR
        assert due_at(start, 365 * 24 * HOUR, calendar) == start + timedelta(days=365)


def test_trap_8_the_hour_that_is_skipped_counts_nothing_and_the_repeated_one_twice() -> None:
    night = Calendar.from_dict({"zone": "Europe/Berlin", "week": every_day("01:00", "04:00")})
    spring, autumn = berlin("2026-03-29 00:00"), berlin("2026-10-25 00:00")
    assert elapsed(spring, spring + timedelta(hours=12), night) == 2 * HOUR
    assert elapsed(autumn, autumn + timedelta(hours=12), night) == 4 * HOUR


def test_trap_8_office_hours_are_the_wall_clocks_on_either_side_of_a_clock_change() -> None:
    assert due_at(berlin("2026-03-27 17:59"), 120, OFFICE) == berlin("2026-03-30 09:01")
    assert due_at(berlin("2026-10-23 17:59"), 120, OFFICE) == berlin("2026-10-26 09:01")


def test_hours_that_reach_into_the_next_days_own_count_once() -> None:
    both = Calendar.from_dict(
        {"zone": "UTC", "week": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "08:00"]]}}
    )
    tuesday = datetime(2026, 11, 24, tzinfo=UTC)
    assert elapsed(tuesday, tuesday + timedelta(days=1), both) == 8 * HOUR


def test_instants_of_any_zone_are_welcome_and_utc_is_answered() -> None:
    start = berlin("2026-11-23 10:00").astimezone(ZoneInfo("Asia/Kathmandu"))
    assert due_at(start, 60, OFFICE) == start + timedelta(seconds=60)
    assert due_at(start, 0, OFFICE).tzinfo is UTC
    assert due_at(start, 60, OFFICE).tzinfo is UTC


def test_a_calendar_remembers_no_more_than_twenty_years() -> None:
    calendar = Calendar.from_dict({"zone": "Europe/Berlin", "week": every_day("09:00", "17:00")})
    due_at(berlin("2026-01-01 00:00"), 8 * HOUR * 365 * 25, calendar)
    remembered: Any = calendar.stretch
    kept = remembered.cache_info()
    assert kept.currsize == kept.maxsize == KEPT_STRETCHES
