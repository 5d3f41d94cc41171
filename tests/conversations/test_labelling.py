"""Tags, priority and flags: who says them of what, and what is remembered."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.conversations import marks
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning
from apps.conversations.operations.labelling import change_flags, change_tags, set_priority
from apps.conversations.queries.offering import borne_by, flags_for
from apps.customers.models import Customer, CustomerFlag
from apps.customers.operations import merge, part
from apps.labels.models import Flag, Tag
from apps.labels.operations import retire_label, save_label
from apps.ledger.models import Event
from apps.sla.episodes import Moment, Step
from apps.sla.promises import Marks
from tests.people import NOON, Kim, a_channel, a_team, ana, arrive, conversation_of, mia, minutes

pytestmark = pytest.mark.django_db

LATER = NOON + minutes(5)


def a_tag(name: str = "Billing") -> Tag:
    return save_label(kind=Tag, name=name, colour="red", by=None, at=NOON)


def a_flag(name: str = "VIP") -> Flag:
    return save_label(kind=Flag, name=name, colour="red", by=None, at=NOON)


@pytest.fixture
def channel() -> Channel:
    return a_channel()


@pytest.fixture
def agent() -> User:
    return ana()


def test_many_conversations_are_tagged_at_once_and_each_tells_it(
    channel: Channel, agent: User
) -> None:
    both = [conversation_of(Kim(channel, author_id=name).writes()) for name in ("kim", "omar")]
    ids, billing, refund = [one.pk for one in both], a_tag(), a_tag("Refund")
    assert change_tags(conversation_ids=ids, add=[billing], by=agent, at=LATER) == 2
    changed = change_tags(
        conversation_ids=ids, add=[billing, refund], remove=[a_tag("Not on")], by=agent, at=LATER
    )
    assert changed == 2
    assert change_tags(conversation_ids=ids[:1], remove=[billing], by=agent, at=LATER) == 1
    assert list(Conversation.objects.tagged(billing)) == [both[1]]
    assert [tag.name for tag in both[0].tags.all()] == ["Refund"]
    told = Event.objects.filter(conversation_id=ids[0], kind__in=marks.OF_CONVERSATIONS)
    assert [(one.kind, one.data["name"]) for one in told.order_by("id")] == [
        ("tagged", "Billing"),
        ("tagged", "Refund"),
        ("untagged", "Billing"),
    ]


def test_what_many_bear_takes_no_more_statements_than_what_one_does(
    channel: Channel, agent: User
) -> None:
    ids = [conversation_of(Kim(channel, author_id=f"c{n}").writes()).pk for n in range(30)]
    counts = []
    tag = a_tag()
    for some in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as asked:
            change_tags(conversation_ids=some, add=[tag], by=agent, at=LATER)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_one_that_is_not_theirs_to_act_on_leaves_all_as_they_were(
    channel: Channel, agent: User
) -> None:
    own = conversation_of(Kim(channel).writes())
    foreign = conversation_of(Kim(a_channel("@other", team=a_team("Sales"))).writes())
    for ids in ([own.pk, foreign.pk], [own.pk, 10**9], []):
        with pytest.raises(DeskError, match="Another team"):
            change_tags(conversation_ids=ids, add=[a_tag(f"t{len(ids)}")], by=agent, at=LATER)
        with pytest.raises(DeskError, match="Another team"):
            set_priority(conversation_ids=ids, priority="high", by=agent, at=LATER)
        Tag.objects.all().delete()
    with pytest.raises(DeskError, match="Another team"):
        change_flags(conversation=foreign, add=[a_flag()], by=agent, at=LATER)
    assert not Conversation.objects.exclude(priority="normal").exists()
    assert not Event.objects.filter(kind__in=["tagged", "prioritized", "flagged"]).exists()


def test_a_retired_tag_is_given_to_nobody_and_can_be_taken_off(
    channel: Channel, agent: User
) -> None:
    conversation, tag = conversation_of(Kim(channel).writes()), a_tag()
    change_tags(conversation_ids=[conversation.pk], add=[tag], by=agent, at=LATER)
    retire_label(label=tag, by=mia(), at=LATER)
    tag.refresh_from_db()
    assert list(conversation.tags.all()) == [tag]
    with pytest.raises(DeskError, match="Billing is retired"):
        change_tags(conversation_ids=[conversation.pk], add=[tag], by=agent, at=LATER)
    change_tags(conversation_ids=[conversation.pk], remove=[tag], by=agent, at=LATER)
    assert not conversation.tags.exists()


def test_a_flag_is_the_customers_wherever_they_write(channel: Channel, agent: User) -> None:
    first = conversation_of(Kim(channel).writes())
    flag = a_flag()
    change_flags(conversation=first, add=[flag], by=agent, at=LATER)
    change_flags(conversation=first, add=[flag], by=agent, at=LATER)
    customer = conversation_of(Kim(channel).writes(at=NOON + minutes(9))).identity.customer
    assert list(customer.flags.all()) == [flag]
    [told] = Event.objects.filter(kind="flagged")
    assert (told.customer_id, told.conversation_id) == (customer.pk, first.pk)


def test_of_two_that_turn_out_to_be_one_the_last_word_counts(channel: Channel, agent: User) -> None:
    kim, billing, refund = Kim(channel), a_tag(), a_tag("Refund")
    arrive(channel, kim.says("a", at=NOON, external_id="1"), at=NOON)
    child = kim.says("c", at=NOON, external_id="3", parent_id="2")
    arrive(channel, child, at=NOON)
    one, other = Conversation.objects.order_by("id")
    change_tags(conversation_ids=[one.pk], add=[billing, refund], by=agent, at=LATER)
    change_tags(conversation_ids=[other.pk], add=[billing], by=agent, at=LATER)
    set_priority(conversation_ids=[one.pk], priority="low", by=agent, at=LATER)
    set_priority(conversation_ids=[other.pk], priority="urgent", by=agent, at=LATER)
    change_tags(conversation_ids=[one.pk], remove=[refund], by=agent, at=LATER)
    arrive(channel, kim.says("b", at=NOON, external_id="2", parent_id="1"), at=NOON + minutes(9))

    joined = Conversation.objects.get(merged_into=None)
    assert (joined.priority, list(joined.tags.all())) == ("urgent", [billing])
    change_tags(conversation_ids=[other.pk], add=[refund], by=agent, at=NOON + minutes(10))
    assert list(joined.tags.all()) == [billing, refund]
    last = judged_by(joined)
    assert (last.priority, set(last.tag_ids)) == ("urgent", {billing.pk, refund.pk})


def test_a_word_counts_for_what_was_posted_and_heard_after_it(
    channel: Channel, agent: User
) -> None:
    """Also where the network's clock runs ahead, or what was said before comes in late."""
    conversation, tag = conversation_of(Kim(channel).writes(at=LATER)), a_tag()
    change_tags(conversation_ids=[conversation.pk], add=[tag], by=agent, at=NOON)
    said = marks.said_about({conversation.pk: conversation.identity_id})[conversation.pk]
    assert [word.at for word in said.words] == [LATER], "never before what had been heard"

    def bears(posted_at: float, heard_at: float) -> bool:
        at, heard = LATER + minutes(posted_at), LATER + minutes(heard_at)
        return bool(said.marks_at(Moment(at, Step.ASKED, received_at=heard)).tag_ids)

    assert [bears(0, 0), bears(1, 1), bears(1, 0), bears(-1, 1), bears(0, 1)] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_priority_is_a_persons_word_and_moves_no_one_in_the_queue(
    channel: Channel, agent: User
) -> None:
    """Without a promise who has waited longest comes first: a low priority never starves."""
    channel.team.mode = "pull"
    channel.team.save()
    low = conversation_of(Kim(channel, author_id="low").writes(at=NOON))
    urgent = conversation_of(Kim(channel, author_id="urgent").writes(at=NOON + minutes(1)))
    set_priority(conversation_ids=[low.pk], priority="low", by=agent, at=LATER)
    set_priority(conversation_ids=[urgent.pk], priority="urgent", by=agent, at=LATER)
    assert assigning.take_next(by=agent, at=LATER) == low
    with pytest.raises(DeskError, match="low, normal, high or urgent"):
        set_priority(conversation_ids=[low.pk], priority="vip", by=agent, at=LATER)


def judged_by(conversation: Conversation) -> Marks:
    said = marks.said_about({conversation.pk: conversation.identity_id})
    return said.get(conversation.pk, marks.NOTHING_SAID).last_marks()


def test_flags_outlast_that_two_people_are_taken_for_one(channel: Channel, agent: User) -> None:
    first = conversation_of(Kim(channel).writes())
    other = conversation_of(Kim(channel, author_id="kimlee").writes(external_id="other"))
    vip, late = a_flag(), a_flag("Careful")
    change_flags(conversation=other, add=[vip], by=agent, at=LATER)
    match = merge(one=first.identity, other=other.identity, reason="one", by=agent, at=LATER)
    person = Customer.objects.get(identities=other.identity)
    other.identity.refresh_from_db()

    assert [flag.name for flag in flags_for(person) if getattr(flag, "is_on", False)] == ["VIP"]
    assert borne_by([other]).flags_of(other.identity) == [vip]
    assert judged_by(other).flag_ids == {vip.pk}
    change_flags(conversation=first, add=[late], remove=[vip], by=agent, at=LATER)
    part(match=match, reason="no", by=agent, at=LATER)
    assert not CustomerFlag.objects.filter(flag=vip).exists()
    assert judged_by(other).flag_ids == frozenset()
