"""Rollups say what the clocks say, however what they hold came about."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.agents.models import User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, ConversationTag, Uncounted
from apps.conversations.operations import pausing, resolving
from apps.labels.models import Tag
from apps.reports import choosing, fitting, queries
from apps.reports.figures import Figures
from apps.reports.histograms import BOUND
from apps.reports.models import Rollup
from apps.reports.periods import Period
from apps.reports.questions import By, Filters, Question, Way
from apps.reports.recounting import (
    LONGEST_REST,
    count_everything,
    count_in_turn,
    count_noted,
)
from tests.people import NOON, Kim, a_channel, a_team, ana, arrive, ben, mia, minutes
from tests.reports.asking import FIRST, answered_after, asked

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=60)
TIMES = ("p50", "p90", "p99", "paused_p50")


def rolled(question: Question) -> Question:
    return replace(question, way=Way.ROLLUPS)


def rows() -> list[tuple[Any, ...]]:
    names = [field.name for field in Rollup._meta.fields if field.name != "id"]
    return sorted(Rollup.objects.values_list(*names), key=str)


def agree(question: Question) -> None:
    """Hold every breakdown by rollups to the same by the clocks themselves."""
    for kind in Clock.Kind:
        for by in (None, *By):
            exact = queries.response_times(question, kind=kind, by=by)
            summed = queries.response_times(rolled(question), kind=kind, by=by)
            assert summed.bound == BOUND, by
            for one, other in zip(
                [exact.total, *exact.lines], [summed.total, *summed.lines], strict=True
            ):
                _are_alike(one, other)
    for by in (None, *By):
        said, in_sum = (queries.volume(q, by=by) for q in (question, rolled(question)))
        assert (said.total, said.lines) == (in_sum.total, in_sum.lines)


def _are_alike(exact: Figures, summed: Figures) -> None:
    for field in fields(Figures):
        one, other = (getattr(figures, field.name) for figures in (exact, summed))
        if field.name in TIMES and one is not None:
            assert one / (1 + BOUND) <= other + 1, field.name
            assert other <= (one + 1) * (1 + BOUND), field.name
        elif field.name == "mean":
            assert one == pytest.approx(other)
        else:
            assert one == other, field.name


def test_rollups_say_what_the_clocks_say_whatever_came_late() -> None:
    """Every kind of change, each counted only by what it noted."""
    admin = mia()
    agent, _ = ana(capacity=50), ben(capacity=50)
    one, two = a_channel("@one"), a_channel("@two", team=a_team("Other"))
    admin.role = User.Role.ADMIN
    admin.save()
    vip = Tag.objects.create(name="VIP", key="vip")
    count_everything(at=LATER)
    question = Question(
        user=admin,
        period=Period(date(2026, 1, 20), date(2026, 4, 10)),
        at=NOON + timedelta(days=2),
    )

    def nothing_else_is_missing() -> None:
        count_noted(at=LATER)
        assert not Uncounted.objects.exists()
        incrementally = rows()
        count_everything(at=LATER)
        assert rows() == incrementally

    answered_after(one, 3, person="a", language="de", surface=Surface.DIRECT)
    answered_after(two, 40, person="b", signed="^BW", at=NOON - timedelta(days=40))
    nothing_else_is_missing()

    late = Kim(one, author_id="a").says("before", at=NOON - timedelta(days=31), language="fr")
    arrive(one, replace(late, surface=Surface.DIRECT), at=NOON)
    arrive(two, replace(Kim(two, author_id="c").says("?", at=NOON), surface=Surface.FOUND), at=NOON)
    talk = Conversation.objects.filter(channel=one).earliest("id")
    ConversationTag.objects.create(conversation=talk, tag=vip)
    nothing_else_is_missing()

    pausing.pause(
        conversation=talk,
        paused_for=Conversation.Pause.CUSTOMER,
        by=agent,
        at=NOON + minutes(5),
    )
    resolving.resolve(
        conversation=talk, by=agent, at=NOON + minutes(9), no_reply_needed="only thanks"
    )
    ConversationTag.objects.all().delete()
    nothing_else_is_missing()

    Channel.objects.filter(pk=one.pk).update(team=two.team)
    nothing_else_is_missing()
    agree(question)


def test_the_sweep_rests_after_a_count_and_counts_what_came_meanwhile() -> None:
    manager, channel = mia(), a_channel()
    answered_after(channel, 3, person="a")
    assert count_in_turn(at=NOON) == 1
    answered_after(channel, 4, person="b")
    assert count_in_turn(at=NOON) == 0, "it rests from counting all"
    assert count_in_turn(at=NOON + LONGEST_REST) == 1
    assert not Uncounted.objects.exists()
    assert count_in_turn(at=NOON + 3 * LONGEST_REST) == 0
    answered_after(channel, 5, person="c")
    assert count_in_turn(at=NOON + 3 * LONGEST_REST) == 1, "it rests from nothing"
    assert queries.response_times(rolled(asked(manager)), kind=FIRST).total.count == 3


def test_the_sweep_does_not_rest_while_there_is_more_than_it_takes_at_once() -> None:
    channel = a_channel()
    answered_after(channel, 3, person="a")
    now = timezone.now() + minutes(1)
    assert count_in_turn(at=now) > 0
    for day in range(3):
        Uncounted.objects.create(channel=channel, quarter=NOON - timedelta(days=day))
    later = now + LONGEST_REST
    assert [count_in_turn(at=later, limit=1) for _ in range(3)] == [1, 1, 1]
    answered_after(channel, 4, person="b")
    assert count_in_turn(at=later) == 0, "it rests once nothing is left"


def test_a_month_is_summed_when_it_is_over_and_read_from_its_days_until_then() -> None:
    admin, channel, other = mia(), a_channel("@one"), a_team("Other")
    admin.role = User.Role.ADMIN
    admin.save()
    question = Question(user=admin, period=Period(date(2026, 1, 1), date(2026, 4, 30)), at=NOON)
    months = Rollup.objects.filter(span=Rollup.Span.MONTH)

    def summed() -> set[date]:
        return set(months.values_list("first", flat=True))

    count_everything(at=NOON)
    for days, person in ((40, "a"), (0, "b")):
        answered_after(channel, 3, person=person, at=NOON - timedelta(days=days))
    count_noted(at=NOON)
    assert summed() == {date(2026, 1, 1)}
    agree(replace(question))
    Channel.objects.filter(pk=channel.pk).update(team=other)
    count_noted(at=NOON)
    agree(replace(question))

    count_noted(at=NOON + timedelta(days=31))
    assert summed() == {date(2026, 1, 1), date(2026, 3, 1)}
    agree(replace(question))
    answered_after(channel, 5, person="c", at=NOON - timedelta(days=10))
    count_noted(at=NOON + timedelta(days=31))
    assert summed() == {date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)}
    agree(replace(question))
    incrementally = rows()
    count_everything(at=NOON + timedelta(days=31))
    assert rows() == incrementally


def test_one_filter_at_a_time_is_summed_and_two_are_counted_exactly() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    a_channel("@two")
    answered_after(channel, 3, person="a", language="de")
    answered_after(channel, 5, person="b", language="en", signed="")
    count_everything(at=LATER)
    for filters in (
        Filters(channel_id=channel.pk),
        Filters(agent_id=agent.pk),
        Filters(language="de"),
        Filters(hour=13),
        Filters(hour_of_week=13),
        Filters(tag_id=0),
        Filters(agent_id=0),
    ):
        question = replace(rolled(asked(manager)), filters=filters)
        answer = queries.response_times(question, kind=FIRST, by=By.DAY)
        assert answer.bound == BOUND
        exact = replace(question, way=Way.EXACT)
        _are_alike(queries.response_times(exact, kind=FIRST).total, answer.total)
        assert sum(line.total for line in answer.lines) == answer.total.total
    both = replace(rolled(asked(manager)), filters=Filters(channel_id=channel.pk, language="de"))
    assert queries.response_times(both, kind=FIRST).is_exact
    assert queries.response_times(both, kind=FIRST).total.p50 == 180
    by_agent = rolled(asked(agent))
    lines = queries.response_times(by_agent, kind=FIRST, by=By.AGENT).lines
    assert [(line.label, line.count) for line in lines] == [("Ana Bauer", 1), ("Everyone else", 1)]


def test_what_only_the_waits_tell_is_shown_of_as_many_days_as_can_be_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager, channel = mia(), a_channel()
    for day in range(4):
        answered_after(channel, 3, person=f"k{day}", language="de", at=NOON - timedelta(days=day))
    first, last = NOON.date() - timedelta(days=3), NOON.date()
    all_of_it = asked(manager, first=first, last=last)
    german = asked(manager, first=first, last=last, language="de")
    two = asked(manager, first=first, last=last, language="de", surface="mention")
    monkeypatch.setattr(choosing, "LOOKED_THROUGH", 2)
    assert fitting.of_times(replace(two), None) is None, "nothing is known before all was counted"
    count_everything(at=LATER)

    two_days = Period(last - timedelta(days=1), last)
    for question, by, fits in (
        (all_of_it, None, None),
        (all_of_it, By.CHANNEL, None),
        (german, By.DAY, None),
        (german, By.CHANNEL, two_days),
        (two, None, two_days),
        (replace(two, period=two_days), None, None),
        (replace(two, way=Way.EXACT, period=two_days), None, None),
    ):
        assert fitting.of_times(replace(question), by) == fits, (question.filters, by)
    assert fitting.of_legs(replace(german)) == two_days
    assert fitting.of_volume(replace(german), By.HOUR_OF_WEEK) == Period(last, last)
    assert fitting.of_volume(replace(german), By.DAY) is None

    assert queries.response_times(replace(german), kind=FIRST).bound == BOUND
    assert queries.response_times(replace(german, period=two_days), kind=FIRST).is_exact


def test_breakdowns_looked_for_together_are_those_looked_for_alone() -> None:
    manager, agent = mia(), ana()
    for place, channel in enumerate((a_channel(), a_channel("@two"))):
        answered_after(channel, 3 + place, person=f"a{place}", language="de")
        answered_after(channel, 70, person=f"b{place}", signed="", at=NOON - timedelta(hours=5))
        Kim(channel, author_id=f"c{place}").writes(at=NOON - timedelta(hours=place))
    tag = Tag.objects.create(name="VIP", key="vip")
    ConversationTag.objects.create(conversation=Conversation.objects.earliest("id"), tag=tag)
    count_everything(at=LATER)
    for way in (Way.EXACT, Way.ROLLUPS):
        for user in (manager, agent):
            alone = replace(asked(user), way=way)
            together = replace(alone, along=frozenset(By))
            for kind in Clock.Kind:
                for by in (None, *By):
                    one, other = (
                        queries.response_times(question, kind=kind, by=by)
                        for question in (alone, together)
                    )
                    assert (one.total, one.lines) == (other.total, other.lines), (way, kind, by)
                    assert one.total.running + one.total.count > 0 or kind != FIRST


def test_nothing_is_summed_before_all_was_counted_or_in_another_zone() -> None:
    manager = mia()
    answered_after(a_channel(), 3, person="a")
    assert queries.response_times(rolled(asked(manager)), kind=FIRST).is_exact
    count_noted(at=LATER)
    assert not queries.response_times(rolled(asked(manager)), kind=FIRST).is_exact
    with override_settings(TIME_ZONE="Pacific/Apia"):
        assert queries.response_times(rolled(asked(manager)), kind=FIRST).is_exact
        count_noted(at=LATER)
        assert not queries.response_times(rolled(asked(manager)), kind=FIRST).is_exact


def test_what_changed_since_it_was_counted_is_told() -> None:
    manager, channel = mia(), a_channel()
    count_everything(at=LATER)
    assert queries.response_times(rolled(asked(manager)), kind=FIRST).counted_until is None
    Kim(channel).writes(at=NOON)
    assert queries.response_times(rolled(asked(manager)), kind=FIRST).counted_until is not None
    count_noted(at=LATER)
    assert queries.response_times(rolled(asked(manager)), kind=FIRST).counted_until is None
