"""Business hours against a minute-stepped oracle, in all zones and the nights that trap others."""

import importlib.util
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apps.sla.hours import Calendar, due_at, elapsed
from apps.sla.week import ALWAYS, WEEKDAYS, CalendarError
from tests.sla import oracle
from tests.sla.oracle import Told

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
BERLIN: Told = {
    "zone": "Europe/Berlin",
    "week": {
        "mon": [["09:00", "12:30"], ["13:15", "18:00"]],
        "tue": [["09:00", "18:00"]],
        "fri": [["22:00", "06:00"]],
    },
    "holidays": ["2026-12-25"],
}
NIGHTS = {day: [["22:00", "06:00"]] for day in WEEKDAYS}
SMALL_HOURS = {
    day: [["00:30", "01:45"], ["02:10", "02:50"], ["23:15", "24:00"]] for day in WEEKDAYS
}
ROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in WEEKDAYS}
WEEKS = {"nights": NIGHTS, "small hours": SMALL_HOURS, "24/7": ROUND_THE_CLOCK}
TRAPS = {
    "Berlin's spring night": ("Europe/Berlin", "2026-03-28T12:00"),
    "Berlin's autumn night": ("Europe/Berlin", "2026-10-24T12:00"),
    "New York's spring night": ("America/New_York", "2026-03-07T12:00"),
    "New York's autumn night": ("America/New_York", "2026-10-31T12:00"),
    "Lord Howe's half hour, forwards": ("Australia/Lord_Howe", "2026-10-03T03:00"),
    "Lord Howe's half hour, back": ("Australia/Lord_Howe", "2026-04-04T03:00"),
    "Troll's two hours, forwards": ("Antarctica/Troll", "2026-03-28T12:00"),
    "Troll's two hours, back": ("Antarctica/Troll", "2026-10-24T12:00"),
    "Casablanca into Ramadan": ("Africa/Casablanca", "2026-02-14T12:00"),
    "Casablanca out of Ramadan": ("Africa/Casablanca", "2026-03-21T12:00"),
    "Apia's day that never was": ("Pacific/Apia", "2011-12-28T20:00"),
    "Kwajalein's day that never was": ("Pacific/Kwajalein", "1993-08-20T02:00"),
    "Sao Paulo's midnight that never was": ("America/Sao_Paulo", "2018-11-03T12:00"),
    "Havana's midnight twice": ("America/Havana", "2026-10-31T12:00"),
}
LONG_AGO = {
    "Amsterdam leaves its own minutes and seconds": ("Europe/Amsterdam", "1937-06-30T12:00"),
    "Monrovia leaves its 44 minutes and 30 seconds": ("Africa/Monrovia", "1972-01-06T12:00"),
    "Juneau's day twice": ("America/Juneau", "1867-10-17T20:00"),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def changes(zone: str) -> list[datetime]:
    """When the zone's clocks were changed since 1995, found by looking every tenth day."""
    days = [at("1995-01-01T00:00") + timedelta(days=10 * step) for step in range(1530)]
    offsets = [offset(zone, day) for day in days]
    return [
        _change(zone, days[step])
        for step, (before, after) in enumerate(pairwise(offsets))
        if before != after
    ]


def _change(zone: str, since: datetime) -> datetime:
    before, low, high = offset(zone, since), 0, 14_400
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, since + timedelta(minutes=middle)) == before:
            low = middle
        else:
            high = middle
    return since + timedelta(minutes=high)


def offset(zone: str, instant: datetime) -> timedelta | None:
    return instant.astimezone(ZoneInfo(zone)).utcoffset()


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    grain = draw(st.sampled_from([15, 30, 1]))
    marks = sorted(draw(st.sets(st.integers(0, 1440 // grain), max_size=6)))
    clocks = [f"{mark * grain // 60:02}:{mark * grain % 60:02}" for mark in marks]
    pairs = [list(pair) for pair in zip(clocks[::2], clocks[1::2], strict=False)]
    if len(clocks) % 2 and clocks[-1] != "24:00" and draw(st.booleans()):
        pairs.append([clocks[-1], draw(st.sampled_from(["00:00", "02:30", "06:00"]))])
    return [pair for pair in pairs if pair[0] != pair[1]]


@st.composite
def situations(draw: st.DrawFn) -> tuple[Told, datetime, datetime]:
    zone = draw(st.sampled_from(ZONES))
    is_near_a_change = draw(st.booleans())
    if is_near_a_change and changes(zone):
        near = draw(st.sampled_from(changes(zone)))
        start = near + timedelta(seconds=draw(st.integers(-30 * 3600, 3 * 3600)))
    else:
        start = at("1990-02-01T00:00") + timedelta(seconds=draw(st.integers(0, 46 * 365 * 86_400)))
    end = start + timedelta(seconds=draw(st.integers(0, 36 * 3600)))
    kinds = draw(st.lists(spans(), min_size=1, max_size=3))
    week = {day: kinds[number % len(kinds)] for number, day in enumerate(WEEKDAYS)}
    assume(any(week.values()))
    local = start.astimezone(ZoneInfo(zone)).date()
    holidays = [
        (local + timedelta(days=days)).isoformat()
        for days in draw(st.sets(st.integers(-1, 4), max_size=2))
    ]
    return {"zone": zone, "week": week, "holidays": holidays}, start, end


@given(situations(), st.floats(0, 1))
@settings(
    max_examples=2_100, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
def test_hours_equal_the_oracles_in_every_zone(
    situation: tuple[Told, datetime, datetime], share: float
) -> None:
    told, start, end = situation
    agree(told, start, end, share)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("trap", TRAPS)
def test_hours_equal_the_oracles_through(trap: str, week: str) -> None:
    zone, begins = TRAPS[trap]
    told: Told = {"zone": zone, "week": WEEKS[week], "holidays": []}
    start = at(begins)
    for days in (1, 2, 3, 4):
        agree(told, start, start + timedelta(days=days, seconds=17), 0.1, 0.5, 0.9, 1.0)


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("when", LONG_AGO)
def test_hours_equal_the_oracles_to_the_second_when(when: str, week: str) -> None:
    zone, begins = LONG_AGO[when]
    told: Told = {"zone": zone, "week": WEEKS[week], "holidays": []}
    start = at(begins)
    agree(told, start, start + timedelta(days=1, hours=6, seconds=17), 0.1, 0.9, 1.0)


def agree(told: Told, start: datetime, end: datetime, *shares: float) -> None:
    calendar = Calendar.from_dict(told)
    counted = oracle.count(start, end, told)
    passed = elapsed(start, end, calendar)
    assert passed == counted.elapsed()
    assert due_at(start, passed, calendar) <= end
    for share in shares:
        seconds = int(passed * share)
        due = due_at(start, seconds, calendar)
        assert due == counted.due_at(seconds)
        assert elapsed(start, due, calendar) == seconds


def test_the_night_that_repeats_an_hour_has_it_twice_and_the_one_that_skips_it_not() -> None:
    always = Calendar.from_dict({"zone": "Europe/Berlin", "week": ALWAYS})
    nights = Calendar.from_dict({"zone": "Europe/Berlin", "week": NIGHTS})
    spring, autumn = at("2026-03-28T12:00"), at("2026-10-24T12:00")
    assert elapsed(spring, spring + timedelta(days=1), nights) == 7 * 3600
    assert elapsed(autumn, autumn + timedelta(days=1), nights) == 9 * 3600
    assert elapsed(autumn, autumn + timedelta(days=7), always) == 7 * 86_400


def test_a_lunch_break_and_a_weekend_are_no_part_of_the_promise() -> None:
    calendar = Calendar.from_dict(BERLIN)
    assert due_at(at("2026-11-23T11:15:30"), 1800, calendar) == at("2026-11-23T12:30:30")
    assert due_at(at("2026-11-24T16:59:59"), 2, calendar) == at("2026-11-27T21:00:01")


def test_a_promise_that_ends_at_closing_time_is_due_then_and_not_at_the_next_opening() -> None:
    calendar = Calendar.from_dict(BERLIN)
    assert due_at(at("2026-11-24T16:00"), 3600, calendar) == at("2026-11-24T17:00")


def test_a_span_past_midnight_follows_the_day_on_which_it_begins() -> None:
    calendar = Calendar.from_dict(BERLIN | {"holidays": ["2026-11-28"]})
    friday, saturday = at("2026-11-27T21:00"), at("2026-11-28T05:00")
    assert elapsed(friday, saturday, calendar) == 8 * 3600
    closed = Calendar.from_dict(BERLIN | {"holidays": ["2026-11-27"]})
    assert elapsed(friday, saturday, closed) == 0


def test_no_seconds_are_due_at_once_even_when_closed() -> None:
    closed = at("2026-11-22T03:00")
    assert due_at(closed, 0, Calendar.from_dict(BERLIN)) == closed


def test_parts_of_a_second_are_kept_in_what_is_due_and_left_out_of_what_passed() -> None:
    calendar = Calendar.from_dict(BERLIN)
    start = at("2026-11-24T09:00:00.250000")
    assert due_at(start, 60, calendar) == start + timedelta(seconds=60)
    assert elapsed(start, start + timedelta(seconds=59, milliseconds=999), calendar) == 59


def test_years_of_waiting_are_counted() -> None:
    calendar = Calendar.from_dict(
        {"zone": "America/Toronto", "week": {"sat": [["09:00", "10:00"]]}}
    )
    start = at("1971-01-01T00:00")
    due = due_at(start, 3600 * 52 * 60, calendar)
    assert elapsed(start, due, calendar) == 3600 * 52 * 60
    assert due.year == 2030


def test_no_zone_changes_its_clocks_twice_within_a_day() -> None:
    """What the arithmetic takes for granted when it cuts a day where the offset changes."""
    for zone in ZONES:
        instants, offsets = transitions(zone)
        changed = [
            instant
            for instant, (before, after) in zip(instants[1:], pairwise(offsets), strict=True)
            if before != after
        ]
        assert all(later - earlier > 86_400 for earlier, later in pairwise(changed)), zone


def transitions(zone: str) -> tuple[Sequence[int], Sequence[int]]:
    """The zone's own list of instants and the offset from each on (`man tzfile`, version 2)."""
    paths = [Path(folder, zone) for folder in TZPATH]
    packaged = importlib.util.find_spec("tzdata")
    if packaged and packaged.origin:
        paths.append(Path(packaged.origin).parent / "zoneinfo" / zone)
    raw = next(path for path in paths if path.exists()).read_bytes()
    counts = struct.unpack_from(">6l", raw, 20)
    isut, isstd, leaps, times, types, letters = counts
    second = 44 + times * 5 + types * 6 + letters + leaps * 8 + isstd + isut
    *_, times, types, _letters = struct.unpack_from(">6l", raw, second + 20)
    at_times, at_kinds = second + 44, second + 44 + times * 8
    kinds = raw[at_kinds : at_kinds + times]
    offsets = [struct.unpack_from(">l", raw, at_kinds + times + 6 * kind)[0] for kind in kinds]
    return struct.unpack_from(f">{times}q", raw, at_times), offsets


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"week": {}}, "never opens"),
        ({"week": {"mon": []}}, "never opens"),
        ({"week": {"monday": [["09:00", "17:00"]]}}, "the weekdays are"),
        ({"week": [["09:00", "17:00"]]}, "hours a weekday"),
        ({"week": {"mon": "09:00-17:00"}}, "list of spans"),
        ({"week": {"mon": [["09:00"]]}}, "as two times"),
        ({"week": {"mon": [["9", "17:00"]]}}, "is no time"),
        ({"week": {"mon": [["09:00", "24:01"]]}}, "is no time"),
        ({"week": {"mon": [["09:00", 17]]}}, "is no time"),
        ({"week": {"mon": [["09:00", "09:00"]]}}, "no time at all"),
        ({"week": {"mon": [["24:00", "09:00"]]}}, "24:00 only closes"),
        ({"week": {"mon": [["09:00", "12:00"], ["11:59", "17:00"]]}}, "overlap"),
        ({"week": {"mon": [["22:00", "06:00"], ["23:00", "24:00"]]}}, "overlap"),
        ({"zone": "Europe/Atlantis"}, "no time zone"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"zone": None}, "no time zone"),
        ({"holidays": ["2026-02-29"]}, "is no date"),
        ({"holidays": "2026-12-25"}, "list of dates"),
        ({"lunch": "12:00"}, "no lunch"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused_in_a_sentence(
    told: dict[str, object], why: str
) -> None:
    with pytest.raises(CalendarError, match=why):
        Calendar.from_dict(BERLIN | told)


def test_questions_without_an_answer_are_refused() -> None:
    calendar = Calendar.from_dict(BERLIN)
    noon = at("2026-11-23T12:00")
    for naive in (noon.replace(tzinfo=None), datetime(2026, 1, 1)):  # noqa: DTZ001 (refused here)
        with pytest.raises(CalendarError, match="has no zone"):
            due_at(naive, 60, calendar)
        with pytest.raises(CalendarError, match="has no zone"):
            elapsed(naive, noon, calendar)
    with pytest.raises(CalendarError, match="give none, or more"):
        due_at(noon, -1, calendar)
    with pytest.raises(CalendarError, match="before the start"):
        elapsed(noon, noon - timedelta(seconds=1), calendar)


def test_a_calendar_whose_days_are_all_holidays_for_ever_says_so_when_asked() -> None:
    first = datetime(9990, 1, 1, tzinfo=UTC).date()
    mondays = [first + timedelta(days=day) for day in range(9 * 365 + 300)]
    calendar = Calendar.from_dict(BERLIN | {"holidays": [day.isoformat() for day in mondays]})
    with pytest.raises(CalendarError, match="the year 9997"):
        due_at(datetime(9990, 1, 2, 12, tzinfo=UTC), 60, calendar)
