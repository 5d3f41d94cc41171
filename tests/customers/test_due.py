"""When something is due, as people say it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.customers.due import guess_due

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 11, 25, 14, 0, tzinfo=BERLIN)

SAID = [
    ("it arrives by Friday", "Friday", "2026-11-27 18:00"),
    ("I will write here before 20:15", "20:15", "2026-11-25 20:15"),
    ("call you before 9am", "9am", "2026-11-26 09:00"),
    ("tomorrow at 10:30", "tomorrow", "2026-11-26 10:30"),
    ("I call back tomorrow at 10.", "tomorrow", "2026-11-26 10:00"),
    ("on Friday at 3", "Friday", "2026-11-27 15:00"),
    ("today, promised", "today", "2026-11-25 18:00"),
    ("by end of day", "by end of day", "2026-11-25 18:00"),
    ("tonight", "tonight", "2026-11-25 20:00"),
    ("within 2 hours", "within 2 hours", "2026-11-25 16:00"),
    ("in two hours", "in two hours", "2026-11-25 16:00"),
    ("in einer Stunde", "in einer Stunde", "2026-11-25 15:00"),
    ("dans trois jours", "dans trois jours", "2026-11-28 14:00"),
    ("in 3 days", "in 3 days", "2026-11-28 14:00"),
    ("on Wednesday", "Wednesday", "2026-12-02 18:00"),
    ("by 12 December", "12 December", "2026-12-12 18:00"),
    ("by January 5th", "January 5th", "2027-01-05 18:00"),
    ("on 2026-12-01", "2026-12-01", "2026-12-01 18:00"),
    ("bis Freitag um 9 Uhr", "Freitag", "2026-11-27 09:00"),
    ("bis übermorgen", "übermorgen", "2026-11-27 18:00"),
    ("innerhalb von 24 Stunden", "innerhalb von 24 Stunden", "2026-11-26 14:00"),
    ("am 3.12.", "3.12.", "2026-12-03 18:00"),
    ("avant demain", "demain", "2026-11-26 18:00"),
    ("dans 2 jours", "dans 2 jours", "2026-11-27 14:00"),
    ("el viernes", "viernes", "2026-11-27 18:00"),
    ("até amanhã", "amanhã", "2026-11-26 18:00"),
    ("entro lunedì", "lunedì", "2026-11-30 18:00"),
    ("binnen 2 dagen", "binnen 2 dagen", "2026-11-27 14:00"),
    ("do piątku", "piątku", "2026-11-27 18:00"),
]


@pytest.mark.parametrize(("text", "words", "due"), SAID)
def test_a_plain_time_is_guessed(text: str, words: str, due: str) -> None:
    guess = guess_due(text, said_at=WEDNESDAY.astimezone(UTC), zone=BERLIN)
    assert guess is not None
    assert guess.words == words
    assert f"{guess.due_at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    "text", ["soon", "we fixed it", "order 88-1204", "31 February", "99.99.", "", "x" * 10_000]
)
def test_what_says_no_time_is_not_guessed(text: str) -> None:
    assert guess_due(text, said_at=WEDNESDAY, zone=BERLIN) is None
