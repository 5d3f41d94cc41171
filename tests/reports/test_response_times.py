from datetime import timedelta

import pytest

from apps.channels.connector import Surface
from apps.conversations.models import Conversation, ConversationTag
from apps.conversations.operations import pausing, resolving
from apps.labels.models import Tag
from apps.reports import queries, wallboard
from apps.reports.questions import By
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    ana,
    arrive,
    ben,
    brand_says,
    conversation_of,
    mia,
    minutes,
)
from tests.reports.asking import FIRST, RESOLUTION, answered_after, asked, lines_add_up

pytestmark = pytest.mark.django_db


def test_percentiles_interpolate_over_answered_waits_and_running_ones_stand_beside() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    for person, wait in [("a", 1), ("b", 2), ("c", 4)]:
        answered_after(channel, wait, person=person)
    Kim(channel, author_id="d").writes(at=NOON)

    answer = queries.response_times(asked(manager), kind=FIRST, by=By.AGENT)
    figures = answer.total
    assert (figures.count, figures.running, figures.dismissed) == (3, 1, 0)
    assert figures.p50 == 120
    assert figures.p90 == pytest.approx(120 + 0.8 * 120)
    assert figures.mean == 140
    assert figures.answered_share == 0.75
    assert figures.running_since == NOON
    assert answer.is_exact
    assert [(line.key, line.count, line.running) for line in answer.lines] == [
        (agent.pk, 3, 0),
        (None, 0, 1),
    ]


def test_credit_goes_to_the_sender_not_to_the_assignee() -> None:
    manager = mia()
    ana(capacity=5)
    sender = ben(capacity=0)
    channel = a_channel()
    answered_after(channel, 1, person="a", signed="^BW")
    [line] = queries.response_times(asked(manager), kind=FIRST, by=By.AGENT).lines
    assert line.key == sender.pk


def test_a_dismissed_wait_is_neither_answered_nor_running() -> None:
    manager, agent = mia(), ana()
    message = Kim(a_channel()).writes("thanks!", at=NOON)
    resolving.resolve(
        conversation=conversation_of(message),
        by=agent,
        at=NOON + minutes(1),
        no_reply_needed="only thanks",
    )
    figures = queries.response_times(asked(manager), kind=FIRST).total
    assert (figures.count, figures.running, figures.dismissed) == (0, 0, 1)
    assert figures.p50 is None


def test_every_breakdown_adds_up_to_its_total_and_each_line_is_asked_for_alone() -> None:
    manager = mia()
    ana(), ben()
    one, two = a_channel("@one"), a_channel("@two")
    hour = timedelta(hours=1)
    answered_after(one, 1, person="a", language="de", surface=Surface.DIRECT)
    answered_after(one, 3, person="b", signed="^BW", at=NOON + hour)
    answered_after(two, 2, person="c", signed="", language="de", at=NOON + 25 * hour)
    running = Kim(two, author_id="d").writes(at=NOON + 3 * hour)
    vip = Tag.objects.create(name="VIP", key="vip")
    ConversationTag.objects.create(conversation=conversation_of(running), tag=vip)

    question = asked(manager, last=NOON.date() + timedelta(days=2))
    answers = lines_add_up(question, kind=FIRST)
    told = {
        by: [(line.label, line.total) for line in answer.lines if line.total]
        for by, answer in answers.items()
    }
    assert told == {
        By.CHANNEL: [("@one", 2), ("@two", 2)],
        By.TEAM: [("Care", 4)],
        By.NETWORK: [("Square", 4)],
        By.AGENT: [("Ana Bauer", 1), ("Ben Wood", 1), ("Nobody known", 2)],
        By.SURFACE: [("Mentions", 3), ("Direct messages", 1)],
        By.LANGUAGE: [("Unknown", 2), ("de", 2)],
        By.TAG: [("VIP", 1), ("No tag", 3)],
        By.DAY: [("02 Mar", 3), ("03 Mar", 1)],
        By.HOUR: [("13:00", 1), ("14:00", 2), ("16:00", 1)],
        By.HOUR_OF_WEEK: [("Mon 13:00", 1), ("Mon 14:00", 1), ("Mon 16:00", 1), ("Tue 14:00", 1)],
    }
    assert len(answers[By.DAY].lines) == 3
    assert len(answers[By.HOUR_OF_WEEK].lines) == 168


def test_an_agent_sees_their_own_figures_and_their_teams_sums() -> None:
    mia(), ben()
    agent = ana()
    other = a_channel("@other", team=a_team("Other"))
    answered_after(a_channel(), 1, person="a")
    answered_after(a_channel("@two"), 2, person="b", signed="^BW")
    answered_after(other, 9, person="c")

    answers = lines_add_up(asked(agent), kind=FIRST)
    assert [(line.label, line.count) for line in answers[By.AGENT].lines] == [
        ("Ana Bauer", 1),
        ("Everyone else", 1),
    ]
    someone = queries.response_times(asked(agent, agent_id=agent.pk + 1), kind=FIRST).total
    elsewhere = queries.response_times(asked(agent, channel_id=other.pk), kind=FIRST).total
    assert someone.total == elsewhere.total == 0


def test_volume_counts_what_was_said_and_adds_up_too() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    answered_after(channel, 1, person="a")
    Kim(channel, author_id="d").writes(at=NOON + timedelta(days=1), surface=Surface.FOUND)
    unasked = brand_says(channel, "we are open", at=NOON + minutes(5), parent_id=None)
    arrive(channel, unasked, at=NOON + minutes(5))

    question = asked(manager, last=NOON.date() + timedelta(days=1))
    for by in By:
        answer = queries.volume(question, by=by)
        assert (answer.total.inbound, answer.total.outbound) == (2, 2)
        for line in answer.lines:
            alone = queries.volume(question.of_line(by, line.key)).total
            assert (alone.inbound, alone.outbound) == (line.inbound, line.outbound), (by, line)
        assert sum(line.inbound for line in answer.lines) == 2
        assert sum(line.outbound for line in answer.lines) == 2
    by_agent = queries.volume(question, by=By.AGENT)
    assert [(line.key, line.outbound) for line in by_agent.lines] == [(agent.pk, 1), (None, 1)]


def test_now_names_the_oldest_wait() -> None:
    manager = mia()
    channel = a_channel()
    Kim(channel, author_id="later").writes(at=NOON + minutes(1))
    first = Kim(channel, author_id="first").writes(at=NOON)
    answered_after(channel, 1, person="c", at=NOON + minutes(3))
    now = wallboard.now(user=manager, at=NOON + minutes(5))
    assert now.oldest == conversation_of(first)
    assert (now.waiting, now.unassigned, now.asked_today, now.answered_today) == (2, 2, 3, 1)
    assert (now.at_risk, now.past_due) == (0, 0)


def test_resolutions_tell_their_pauses_beside_the_whole_time() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    for person in ("a", "b", "c", "d"):
        answered_after(channel, 1, person=person)
    first, second, third, _ = Conversation.objects.order_by("id")
    for conversation in (first, second, third):
        pausing.pause(
            conversation=conversation,
            paused_for=Conversation.Pause.CUSTOMER,
            by=agent,
            at=NOON + minutes(2),
        )
    resolving.resolve(conversation=first, by=agent, at=NOON + minutes(10))
    pausing.unpause(conversation=second, by=agent, at=NOON + minutes(12))
    resolving.resolve(conversation=second, by=agent, at=NOON + minutes(30))

    found = queries.response_times(asked(manager, at=NOON + minutes(30)), kind=RESOLUTION).total
    assert (found.count, found.running, found.pausing) == (2, 2, 1)
    assert (found.p50, found.paused, found.paused_p50) == (20 * 60, 2, 9 * 60)
    assert found.compliance is None
