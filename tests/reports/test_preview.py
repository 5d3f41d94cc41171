"""What last month would have looked like, held to what a plain reckoning minute by minute says."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.agents.models import User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.conversations.models import Clock
from apps.conversations.operations.labelling import change_flags, set_priority
from apps.labels.models import Flag
from apps.labels.operations import save_label
from apps.reports import preview as previews
from apps.reports.preview import Outcome, Preview, preview
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import as_it_would_be, retire_policy, save_business_hours, save_policy
from apps.sla.week import WEEKDAYS
from tests.people import (
    Kim,
    a_channel,
    a_team,
    a_user,
    ana,
    arrive,
    brand_says,
    conversation_of,
    mia,
    minutes,
)

pytestmark = pytest.mark.django_db

OPEN = [("08:00", "12:00"), ("13:00", "17:00")]
OPEN_HOURS = {8, 9, 10, 11, 13, 14, 15, 16}
# How a customer writes, after how many minutes the answer comes, and how they are marked.
TALKS = (
    ("direct", 9, ""),
    ("direct", 11, ""),
    ("mention", 31, ""),
    ("mention", 29, "high"),
    ("mention", 4, "high"),
    ("mention", 100, "vip"),
    ("mention", None, ""),
    ("direct", None, ""),
)


@pytest.fixture
def at() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def open_minutes_between(start: datetime, end: datetime) -> int:
    minute, counted = start, 0
    while minute < end:
        counted += minute.hour in OPEN_HOURS
        minute += minutes(1)
    return counted


def stands(clock: Clock, target: int | None, at: datetime, *, by_hours: bool) -> Outcome:
    if target is None:
        return Outcome.UNPROMISED
    end = clock.stopped_at or at
    took = (
        open_minutes_between(clock.started_at, end)
        if by_hours
        else (end - clock.started_at) // minutes(1)
    )
    if clock.stopped_at:
        return Outcome.MET if took <= target else Outcome.BREACHED
    return Outcome.PAST_DUE if took > target else Outcome.RUNNING


def a_month(channel: Channel, at: datetime) -> None:
    """Each talk asks twice, some days apart; marks are said between."""
    agent = ana(channel.team)
    vip = save_label(kind=Flag, name="VIP", colour="red", by=None, at=at)
    for number, (surface, answered, mark) in enumerate(TALKS):
        kim = Kim(channel, author_id=f"c{number}")
        first = at - timedelta(days=3 * number + 4, hours=number, minutes=7 * number)
        parent = None
        for asked_at in (first, first + timedelta(days=2)):
            said = kim.says("?", at=asked_at, surface=Surface(surface), parent_id=parent)
            arrive(channel, said, at=asked_at)
            parent = said.external_id if surface == "mention" else None
            if answered is None:
                continue
            reply = brand_says(
                channel, "hi", at=asked_at + minutes(answered), parent_id=said.external_id
            )
            arrive(channel, reply, at=asked_at + minutes(answered))
            talk = conversation_of(kim.channel.messages.get(external_id=said.external_id))
            if mark == "vip":
                change_flags(conversation=talk, add=[vip], by=agent, at=asked_at + minutes(200))
            elif mark:
                ids = [talk.pk]
                set_priority(
                    conversation_ids=ids, priority=mark, by=agent, at=asked_at + minutes(200)
                )


def the_list_as_it_would_be(at: datetime) -> list[PolicyVersion]:
    week = {day: [list(span) for span in OPEN] for day in WEEKDAYS}
    save_business_hours(name="Day", definition={"zone": "UTC", "week": week}, by=None, at=at)
    hours = BusinessHours.objects.get()
    save_policy(
        said=PolicyVersion(name="VIP", flag=Flag.objects.get(), next_response_minutes=90),
        by=None,
        at=at,
    )
    save_policy(
        said=PolicyVersion(name="High", priority="high", next_response_minutes=20), by=None, at=at
    )
    rest = PolicyVersion(
        name="Rest", first_response_minutes=30, next_response_minutes=30, business_hours=hours
    )
    save_policy(said=rest, by=None, at=at)
    direct = PolicyVersion(name="Direct", surface="direct", first_response_minutes=10)
    return as_it_would_be(direct, None, rank=1)


def plainly(clock: Clock, at: datetime) -> Outcome:
    """The same list in plain words: direct, then VIP, then high, then the rest within hours."""
    surface, _, mark = TALKS[int(clock.conversation.identity.external_id[1:])]
    is_first = clock.kind == Clock.Kind.FIRST_RESPONSE
    if clock.kind == Clock.Kind.RESOLUTION:
        return Outcome.UNPROMISED
    if surface == "direct":
        return stands(clock, 10 if is_first else None, at, by_hours=False)
    if mark == "vip" and not is_first:
        return stands(clock, 90, at, by_hours=False)
    if mark == "high" and not is_first:
        return stands(clock, 20, at, by_hours=False)
    return stands(clock, 30, at, by_hours=True)


def test_the_last_month_is_judged_as_a_plain_reckoning_does(at: datetime) -> None:
    channel = a_channel()
    said = PolicyVersion(name="Then", first_response_minutes=30)
    then = save_policy(said=said, by=None, at=at - timedelta(days=90))
    a_month(channel, at)
    retire_policy(policy=then.policy, by=a_user("Ada Min", role="admin"), at=at)
    policies = the_list_as_it_would_be(at)
    found = preview(user=mia(), policies=policies, at=at)

    clocks = list(
        Clock.objects.filter(started_at__gte=at - timedelta(days=30)).select_related(
            "conversation__identity"
        )
    )
    assert (found.waits, found.judged) == (len(clocks), len(clocks))
    differ = set()
    for line in found.lines:
        of_kind = [clock for clock in clocks if clock.kind == line.kind]
        target = 30 if line.kind == Clock.Kind.FIRST_RESPONSE else None
        was = {clock: stands(clock, target, at, by_hours=False) for clock in of_kind}
        would = {clock: plainly(clock, at) for clock in of_kind}
        assert (line.was.counts, line.would.counts) == (
            Counter(was.values()),
            Counter(would.values()),
        )
        differ |= {clock for clock in of_kind if was[clock] != would[clock]}
    assert found.differ == len(differ) > 0
    assert {talk.pk for talk, _ in found.examples} == {one.conversation_id for one in differ}
    assert all(one.by in policies for _, one in found.examples if one.by)
    assert len({one for line in found.lines for one in line.would.counts}) >= 4


def test_more_waits_than_are_judged_are_sampled_and_said_so(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = a_channel()
    asked = [Kim(channel, author_id=f"c{n}").says("?", at=at - minutes(n + 1)) for n in range(40)]
    arrive(channel, *asked, at=at)
    monkeypatch.setattr(previews, "MOST_JUDGED", 20)

    def ask() -> Preview:
        return preview(user=mia_once(), policies=[], at=at)

    found = ask()
    assert (found.waits, found.judged) == (80, 20)
    assert ask() == found


def test_others_waits_and_older_ones_are_not_counted(at: datetime) -> None:
    Kim(a_channel("@other", team=a_team("Sales"))).writes(at=at - minutes(5))
    Kim(a_channel()).writes(at=at - timedelta(days=31))
    assert preview(user=mia(), policies=[], at=at).waits == 0
    assert preview(user=a_user("Ada Min", role="admin"), policies=[], at=at).waits == 2


def mia_once() -> User:
    return User.objects.filter(role="manager").first() or mia()
