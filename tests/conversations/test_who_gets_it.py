"""The router and Take next at work: due first, known first, fair, and only to who is there."""

from datetime import timedelta

import pytest
from django.db.models import F

from apps.agents.models import Presence, Team, User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import assigning, resolving, routing
from apps.conversations.queries import people
from apps.conversations.queries.memory import remember
from apps.ledger.models import Event
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
    minutes,
)
from tests.people import a_user as user_named

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return a_channel()


def everybody(capacity: int) -> None:
    User.objects.update(capacity=capacity)


@pytest.mark.parametrize("gone", ["away", "off", "silent", "never came"])
def test_nobody_who_is_not_there_is_given_anything(channel: Channel, gone: str) -> None:
    agent = ana()
    presence = Presence.objects.filter(user=agent)
    if gone == "silent":
        presence.update(away_at=NOON)
    elif gone == "never came":
        presence.delete()
    else:
        presence.update(chosen=gone)
    conversation = conversation_of(Kim(channel).writes())
    assert conversation.assignee is None
    presence.update(chosen="on", away_at=None)
    Presence.objects.get_or_create(user=agent, defaults={"chosen_at": NOON, "seen_at": NOON})
    assert routing.route_waiting(at=NOON + minutes(1)) == 1


def test_the_earliest_due_is_given_first_whenever_it_came(channel: Channel) -> None:
    ana(capacity=0)
    early, late = (
        conversation_of(Kim(channel, author_id=who).writes(at=NOON + minutes(n)))
        for n, who in enumerate(("early", "late"))
    )
    Clock.objects.filter(conversation=early).update(due_at=NOON + timedelta(hours=8))
    Clock.objects.filter(conversation=late).update(due_at=NOON + minutes(15))
    everybody(1)
    assert routing.route_waiting(at=NOON + minutes(2), limit=1) == 1
    late.refresh_from_db()
    assert late.assignee is not None


def test_low_priority_comes_first_once_it_is_due_first(channel: Channel) -> None:
    """Urgent ones keep coming, each due within five minutes; the slow one is due at one o'clock."""
    ana(capacity=0)
    slow = conversation_of(Kim(channel, author_id="slow").writes(at=NOON))
    Clock.objects.filter(conversation=slow).update(due_at=NOON + minutes(60))
    for n in range(13):
        kim = Kim(channel, author_id=f"urgent{n}")
        urgent = conversation_of(kim.writes(at=NOON + minutes(5 * n)))
        Clock.objects.filter(conversation=urgent, stopped_at=None).update(
            due_at=F("started_at") + minutes(5)
        )
        User.objects.update(capacity=F("capacity") + 1)
        routing.route_waiting(at=NOON + minutes(5 * n))
    slow.refresh_from_db()
    assert slow.assigned_at is not None
    assert slow.assigned_at <= NOON + minutes(60)


def test_who_answered_a_customer_is_given_them_again_and_the_reason_says_so(
    channel: Channel,
) -> None:
    anyone, known = ana(), ben()
    helped(channel, "Kim", by=known)
    again = conversation_of(Kim(channel).writes(at=NOON + minutes(30)))
    assert again.assignee == known
    assert again.assigned_because.startswith("Helped this customer before, on 2 March")
    event = Event.objects.filter(kind="assigned", conversation_id=again.pk).get()
    assert event.data == {"because": again.assigned_because}
    assert people.handover(again, remember(again.identity.customer, user=anyone)) is None


def test_another_agent_gets_a_handover_card_with_what_was_said_and_noted(channel: Channel) -> None:
    other, known = ana(), ben()
    helped(channel, "Kim", by=known)
    Presence.objects.filter(user=known).update(chosen="away")
    again = conversation_of(Kim(channel).writes(at=NOON + minutes(30)))
    assert again.assignee == other
    assert again.assigned_because.endswith("Ben, who helped them before, is not there.")
    card = people.handover(again, remember(again.identity.customer, user=other))
    assert card is not None
    assert card.last_help.author_id == known.pk
    assert [said.text for said in card.answers] == ["a new router comes on Friday ^BW"]


def helped(channel: Channel, name: str, *, by: User) -> None:
    first = Kim(channel).writes(at=NOON, external_id="1")
    answer = brand_says(
        channel,
        f"a new router comes on Friday {by.signature}",
        at=NOON + minutes(5),
        parent_id="1",
    )
    arrive(channel, answer, at=NOON + minutes(5))
    conversation = conversation_of(first)
    resolving.resolve(conversation=conversation, by=by, at=NOON + minutes(6))


def test_how_many_follow_somebody_is_nowhere_in_the_router() -> None:
    columns = {field.name for model in (Conversation, Clock) for field in model._meta.fields}
    assert not {name for name in columns if "follow" in name}


def test_a_direct_message_may_take_more_of_a_capacity(channel: Channel) -> None:
    agent = ana(capacity=3)
    Team.objects.update(weights={"direct": 2})
    direct = Kim(channel, author_id="d").writes(surface=Surface.DIRECT)
    plain = [conversation_of(Kim(channel, author_id=f"p{n}").writes()) for n in range(2)]
    assert conversation_of(direct).weight == 2
    assert [c.assignee for c in plain] == [agent, None]


def test_a_team_that_takes_for_itself_is_given_nothing(channel: Channel) -> None:
    agent = ana()
    Team.objects.update(mode=Team.Mode.PULL)
    waiting = conversation_of(Kim(channel).writes())
    assert waiting.assignee is None
    assert routing.route_waiting(at=NOON + minutes(1)) == 0
    assert assigning.take_next(by=agent, at=NOON + minutes(1)) == waiting


def test_take_next_gives_the_earliest_due_that_fits(channel: Channel) -> None:
    agent = ana(capacity=0)
    lawyers = a_channel("@law", skills=["law"])
    elsewhere = a_channel("@sales", team=a_team("Sales"))
    for n, where in enumerate((lawyers, elsewhere, channel, channel)):
        Kim(where, author_id=f"p{n}").writes(at=NOON + minutes(n))
    taken = assigning.take_next(by=agent, at=NOON + minutes(9))
    assert taken.identity.handle == "@p2"
    agent.skills = ["law"]
    assert assigning.take_next(by=agent, at=NOON + minutes(9)).channel == lawyers


def test_take_next_is_refused_where_nothing_waits_or_everything_is_given_out(
    channel: Channel,
) -> None:
    agent = ana(capacity=0)
    Team.objects.update(mode=Team.Mode.PUSH)
    Kim(channel).writes()
    with pytest.raises(DeskError, match="Nothing waits"):
        assigning.take_next(by=agent, at=NOON)


def test_a_persons_own_decision_goes_over_capacity_and_says_so(channel: Channel) -> None:
    agent = ana(capacity=1)
    conversations = [conversation_of(Kim(channel, author_id=f"p{n}").writes()) for n in range(2)]
    assigning.take(conversation=conversations[1], by=agent, at=NOON + minutes(1))
    conversations[1].refresh_from_db()
    assert conversations[1].assigned_because == "Ana took it. That is over capacity: 2 of 1."
    marked = Event.objects.get(kind="assigned", conversation_id=conversations[1].pk)
    assert marked.data["over_capacity"] is True


def test_what_a_person_put_back_is_given_to_somebody_else(channel: Channel) -> None:
    agent = ana()
    conversation = conversation_of(Kim(channel).writes())
    assigning.assign(conversation=conversation, to=None, by=agent, at=NOON + minutes(1))
    assert routing.route_waiting(at=NOON + minutes(2)) == 0
    colleague = user_named("Chi Okafor", team=a_team())
    assert routing.route_waiting(at=NOON + minutes(3)) == 1
    conversation.refresh_from_db()
    assert conversation.assignee == colleague


def test_what_reopens_goes_to_another_while_its_assignee_is_away(channel: Channel) -> None:
    kim, agent = Kim(channel), ana()
    conversation = conversation_of(kim.writes(at=NOON, external_id="1"))
    resolving.resolve(conversation=conversation, by=agent, at=NOON, no_reply_needed="thanks")
    Presence.objects.filter(user=agent).update(chosen="away")
    colleague = ben()
    kim.writes("again", at=NOON + minutes(5), parent_id="1")
    conversation.refresh_from_db()
    assert conversation.assignee == colleague
