from datetime import UTC, datetime, timedelta

import pytest

from apps.console import spelling


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [(0, "0:00"), (192, "3:12"), (3599, "59:59"), (3900, "1 h 05"), (260000, "3 d"), (-5, "0:00")],
)
def test_a_running_wait_is_spelled_as_the_browser_spells_it(seconds: float, spelled: str) -> None:
    assert spelling.running(seconds) == spelled


@pytest.mark.parametrize(
    ("seconds", "spelled"),
    [(0.4, "0 s"), (59.6, "1 m 00"), (312, "5 m 12"), (3900, "1 h 05"), (183600, "2 d 3 h")],
)
def test_a_measured_time_is_spelled_for_reading(seconds: float, spelled: str) -> None:
    assert spelling.duration(seconds) == spelled


def test_days_are_the_desks_own() -> None:
    just_after_midnight_in_berlin = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    assert spelling.day(just_after_midnight_in_berlin, now) == "Today"
    assert spelling.day(now - timedelta(days=1), now) == "Yesterday"
    assert spelling.day(datetime(2024, 8, 3, 12, tzinfo=UTC), now) == "3 August 2024"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Kim Lee", "KL"),
        ("تالا حداد", "تح"),
        ("🦊 fox", "F"),
        ("", "?"),
        ("mary-jane o'hara", "MO"),
    ],
)
def test_initials_are_taken_from_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert spelling.initials(name) == letters
