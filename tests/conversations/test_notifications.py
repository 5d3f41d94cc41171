"""One warning before an answer is due and one breach: each once, for whoever can do something."""

from datetime import datetime, timedelta

import pytest

from apps.agents.models import Membership, User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation, Letter, Notification
from apps.conversations.operations import assigning, noting, pausing
from apps.conversations.operations.notifying import note_read, tell_of_waits
from apps.conversations.queries import notifications
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.people import (
    NOON,
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


@pytest.fixture
def channel() -> Channel:
    """An answer within ten minutes, a warning after eight; direct messages resolved as soon."""
    promise("mention", first_response_minutes=10, next_response_minutes=10)
    promise("direct", first_response_minutes=10, resolution_minutes=10)
    return a_channel()


def promise(surface: str, **targets: int) -> None:
    said = PolicyVersion(name=surface, surface=surface, warn_percent=80, **targets)
    save_policy(said=said, by=None, at=NOON - timedelta(days=1))


def told(*, at: datetime) -> list[tuple[str, str]]:
    """Sweep, and return all that was said so far: kind and first name, oldest first."""
    tell_of_waits(at=at)
    rows = Notification.objects.order_by("id").select_related("recipient")
    return [(row.kind, row.recipient.first_name) for row in rows]


def test_the_assignee_is_warned_once_and_of_a_breach_the_managers_hear_too(
    channel: Channel,
) -> None:
    agent = ana()
    mia()
    Kim(channel).writes(at=NOON)
    assert told(at=NOON + minutes(7.9)) == []
    for minute in (8, 8.1, 9.9):
        assert told(at=NOON + minutes(minute)) == [("warning", "Ana")]
    after = [("warning", "Ana"), ("breach", "Ana"), ("breach", "Mia")]
    for minute in (10, 10.1, 500):
        assert told(at=NOON + minutes(minute)) == after
    warning = Notification.objects.get(kind="warning")
    assert (warning.recipient, warning.since, warning.due_at) == (agent, NOON, NOON + minutes(10))
    assert not Clock.objects.filter(tell_at__isnull=False).exists()


def test_where_nobody_is_assigned_those_who_lead_the_team_are_warned(channel: Channel) -> None:
    mia()
    a_user("Ada Admin", role="admin", team=a_team())
    a_user("Max Elsewhere", role="manager", team=a_team("Sales"))
    Kim(channel).writes(at=NOON)
    warned = [("warning", "Mia"), ("warning", "Ada")]
    assert told(at=NOON + minutes(9)) == warned
    assert told(at=NOON + minutes(11)) == [*warned, ("breach", "Mia"), ("breach", "Ada")]


def test_a_team_that_nobody_leads_is_led_by_the_admins(channel: Channel) -> None:
    a_user("Ada Admin", role="admin")
    a_user("Ann Left", role="admin", is_active=False)
    Kim(channel).writes(at=NOON)
    assert told(at=NOON + minutes(9)) == [("warning", "Ada")]


def test_a_manager_who_is_the_assignee_is_told_once(channel: Channel) -> None:
    manager = mia()
    conversation = conversation_of(Kim(channel).writes(at=NOON))
    assigning.take(conversation=conversation, by=manager, at=NOON)
    assert told(at=NOON + minutes(11)) == [("warning", "Mia"), ("breach", "Mia")]


def test_a_wait_answered_before_the_sweep_looks_gives_no_warning(channel: Channel) -> None:
    ana()
    asked = Kim(channel).writes(at=NOON)
    answer = brand_says(channel, "hi", at=NOON + minutes(7), parent_id=asked.external_id)
    arrive(channel, answer, at=NOON + minutes(7))
    assert told(at=NOON + minutes(30)) == []


def test_after_an_outage_over_both_instants_each_is_told_once_and_the_warning_bothers_nobody(
    channel: Channel,
) -> None:
    agent = ana(mailed_kinds=["warning", "breach"])
    Kim(channel).writes(at=NOON)
    assert told(at=NOON + minutes(60)) == [("warning", "Ana"), ("breach", "Ana")]
    assert [row.kind for row in notifications.news(agent, after=0)] == ["breach"]
    assert [letter.notification.kind for letter in Letter.objects.all()] == ["breach"]


def test_every_wait_of_a_conversation_is_told_anew(channel: Channel) -> None:
    ana()
    kim = Kim(channel)
    asked = kim.writes(at=NOON)
    told(at=NOON + minutes(11))
    answer = brand_says(channel, "hi", at=NOON + minutes(12), parent_id=asked.external_id)
    arrive(channel, answer, at=NOON + minutes(12))
    kim.writes(at=NOON + minutes(13), parent_id=answer.external_id)
    assert told(at=NOON + minutes(22))[2:] == [("warning", "Ana")]
    assert told(at=NOON + minutes(23))[2:] == [("warning", "Ana"), ("breach", "Ana")]


def test_a_late_message_that_moves_the_beginning_of_a_wait_says_nothing_twice(
    channel: Channel,
) -> None:
    ana()
    kim = Kim(channel)
    asked = kim.writes(at=NOON)
    told(at=NOON + minutes(9))
    earlier = kim.says("first", at=NOON - minutes(3), parent_id=asked.external_id)
    arrive(channel, earlier, at=NOON + minutes(9))
    assert Clock.objects.get(kind="first_response").started_at == NOON - minutes(3)
    assert told(at=NOON + minutes(9.5)) == [("warning", "Ana"), ("breach", "Ana")]


def test_a_late_answer_that_parts_a_wait_leaves_what_was_told_with_its_first_half(
    channel: Channel,
) -> None:
    ana()
    kim = Kim(channel)
    asked = kim.writes(at=NOON)
    kim.writes(at=NOON + minutes(6), parent_id=asked.external_id)
    told(at=NOON + minutes(11))
    late = brand_says(channel, "hi", at=NOON + minutes(5), parent_id=asked.external_id)
    arrive(channel, late, at=NOON + minutes(11))
    assert Clock.objects.get(stopped_at__isnull=True, kind="next_response")
    assert told(at=NOON + minutes(15))[2:] == [("warning", "Ana")]
    assert told(at=NOON + minutes(16))[2:] == [("warning", "Ana"), ("breach", "Ana")]


def test_joined_conversations_are_told_of_once(channel: Channel) -> None:
    agent = ana()
    kim = Kim(channel)
    kim.writes("one", at=NOON, external_id="b2", parent_id="b1")
    kim.writes("two", at=NOON + minutes(1), external_id="a2", parent_id="a1")
    assert told(at=NOON + minutes(9.5)) == [("warning", "Ana"), ("warning", "Ana")]
    kim.writes("the link", at=NOON + minutes(2), external_id="b1", parent_id="a1")
    assert Conversation.objects.open().count() == 1
    assert len(told(at=NOON + minutes(9.6))) == 2
    assert [kind for kind, _ in told(at=NOON + minutes(30))[2:]] == ["breach"]
    merged = Conversation.objects.get(merged_into__isnull=False)
    note_read(by=agent, at=NOON, conversation=merged)
    assert notifications.unread(agent).count == 2


def test_a_resolution_is_told_of_beside_the_answer(channel: Channel) -> None:
    ana()
    Kim(channel).writes(at=NOON, surface=Surface.DIRECT)
    assert told(at=NOON + minutes(8)) == [("warning", "Ana"), ("warning", "Ana")]
    kinds = Notification.objects.values_list("clock_kind", flat=True)
    assert set(kinds) == {"first_response", "resolution"}


def test_a_resolution_that_waits_on_somebody_else_warns_nobody_meanwhile(channel: Channel) -> None:
    agent = ana()
    conversation = conversation_of(Kim(channel).writes(at=NOON, surface=Surface.DIRECT))
    pausing.pause(
        conversation=conversation,
        paused_for=Conversation.Pause.THIRD_PARTY,
        by=agent,
        at=NOON + minutes(5),
    )
    told(at=NOON + minutes(20))
    assert not Notification.objects.filter(clock_kind="resolution").exists()
    pausing.unpause(conversation=conversation, by=agent, at=NOON + minutes(25))
    for minute, kinds in ((27.9, []), (28, ["warning"]), (30, ["warning", "breach"])):
        told(at=NOON + minutes(minute))
        ofit = Notification.objects.filter(clock_kind="resolution", recipient=agent)
        assert list(ofit.order_by("id").values_list("kind", flat=True)) == kinds


def test_an_archive_warns_nobody(channel: Channel) -> None:
    mia()
    Channel.objects.update(network="archive")
    channel.refresh_from_db()
    Kim(channel).writes(at=NOON)
    assert Clock.objects.filter(due_at__isnull=False).exists()
    assert told(at=NOON + minutes(60)) == []


def test_who_handed_it_over_meanwhile_is_not_told(channel: Channel) -> None:
    first = ana()
    second = a_user("Ben Wood", team=a_team())
    conversation = conversation_of(Kim(channel).writes(at=NOON))
    given_to = Conversation.objects.get().assignee
    other = second if given_to == first else first
    assigning.assign(conversation=conversation, to=other, by=other, at=NOON + minutes(5))
    assert told(at=NOON + minutes(9)) == [("warning", other.first_name)]


def test_what_somebody_does_not_want_in_the_console_is_kept_out_of_it(channel: Channel) -> None:
    agent = ana(muted_kinds=["warning"], mailed_kinds=["warning"])
    Kim(channel).writes(at=NOON)
    assert told(at=NOON + minutes(9)) == [("warning", "Ana")]
    assert notifications.unread(agent).count == 0
    assert notifications.page(agent).notifications == []
    assert Letter.objects.get().notification.kind == "warning"
    told(at=NOON + minutes(11))
    assert [row.kind for row in notifications.page(agent).notifications] == ["breach"]
    assert Letter.objects.count() == 1


def test_who_may_no_longer_read_it_no_longer_sees_it(channel: Channel) -> None:
    agent = ana()
    Kim(channel).writes(at=NOON)
    told(at=NOON + minutes(9))
    assert notifications.unread(agent).count == 1
    Channel.objects.update(is_private=True)
    Membership.objects.filter(user=agent).delete()
    assert notifications.unread(agent).count == 0
    assert notifications.news(agent, after=0) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ben can you look?", ["Ben Wood"]),
        ("ask @Ben Wood, please", ["Ben Wood"]),
        ("@ana: yes", ["Ana Alt", "Ana Bauer"]),
        ("@Ana Bauer.", ["Ana Bauer"]),
        ("@ÖMER @ben", ["Ben Wood", "Ömer Ü"]),
        ("@jean-luc", ["Jean-Luc Roy"]),
        ("write to kim@ben.example, or @benny, or @ ben", []),
        ("@gone @mia", []),
    ],
)
def test_a_note_names_colleagues(channel: Channel, text: str, names: list[str]) -> None:
    team = a_team()
    people = ["Ana Bauer", "Ana Alt", "Ben Wood", "Ömer Ü", "Jean-Luc Roy", "Gone Girl"]
    for number, name in enumerate(people):
        User.objects.create_user(
            email=f"p{number}@acme.example", name=name, is_active=name != "Gone Girl"
        )
    manager = mia(team)
    conversation = conversation_of(Kim(channel).writes(at=NOON))
    note = noting.note(conversation=conversation, text=text, by=manager, at=NOON)
    mentions = Notification.objects.filter(kind="mention", message=note, by=manager)
    assert sorted(mentions.values_list("recipient__name", flat=True)) == names


def test_a_note_tells_nobody_of_what_they_may_not_read(channel: Channel) -> None:
    author = ana()
    a_user("Ben Wood", team=a_team("Sales"))
    Channel.objects.update(is_private=True)
    conversation = conversation_of(Kim(channel).writes(at=NOON))
    noting.note(conversation=conversation, text="@ben see this", by=author, at=NOON)
    assert not Notification.objects.exists()
