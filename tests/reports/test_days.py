"""Days and hours are the desk's own, also where clocks are put forward and back, by an oracle."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.reports import queries
from apps.reports.periods import Period
from apps.reports.questions import By, Question, Way
from apps.reports.recounting import count_noted
from tests.people import Kim, a_channel, arrive, mia
from tests.reports.asking import FIRST

pytestmark = pytest.mark.django_db

STEP = timedelta(minutes=20)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),  # an hour twice
        ("America/Havana", date(2026, 3, 8)),  # no midnight
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour twice
        ("Pacific/Apia", date(2011, 12, 30)),  # no such day
    ],
)
def test_waits_count_for_the_local_day_and_hour_on_which_they_began(name: str, day: date) -> None:
    zone, channel, manager = ZoneInfo(name), a_channel(), mia()
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    instants = [noon + place * STEP for place in range(-150, 150)]
    said = [
        Kim(channel, author_id=f"c{place}").says("hi", at=at) for place, at in enumerate(instants)
    ]
    local = [at.astimezone(zone) for at in instants]
    first, last = day - timedelta(days=1), day + timedelta(days=1)
    within = [at for at in local if first <= at.date() <= last]
    wanted = {
        By.DAY: Counter(at.date() for at in within),
        By.HOUR: Counter(at.hour for at in within),
        By.HOUR_OF_WEEK: Counter(at.weekday() * 24 + at.hour for at in within),
    }
    with override_settings(TIME_ZONE=name):
        arrive(channel, *said, at=instants[-1])
        count_noted(at=timezone.now())
        for way in (Way.EXACT, Way.ROLLUPS):
            question = Question(user=manager, period=Period(first, last), at=instants[-1], way=way)
            for by, counts in wanted.items():
                waits = queries.response_times(question, kind=FIRST, by=by)
                messages = queries.volume(question, by=by)
                told = {line.key: line.total for line in waits.lines if line.total}
                heard = {line.key: line.inbound for line in messages.lines if line.inbound}
                assert told == heard == counts, (way, by)
