"""How alike replies are: reckoned after sending, shown before it, forgotten after 30 days."""

from datetime import datetime, timedelta

import pytest
from django.test import TestCase

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Band, Conversation, Likeness, Message, Wording
from apps.conversations.operations import replying
from apps.conversations.operations.reckoning import forget_old, reckon
from apps.conversations.queries.sameness import alike
from tests.people import NOON, Kim, a_channel, a_team, ana, arrive, ben, brand_says, conversation_of

pytestmark = pytest.mark.django_db

DRAFT = "Hi Omar, please send us a direct message with your address, then we look into it. ^AB"


def _said(channel: Channel, text: str, at: datetime) -> Message:
    asked = Kim(channel, author_id=f"k{at.timestamp()}").writes(at=at)
    said = brand_says(channel, text, at=at, parent_id=asked.external_id)
    arrive(channel, said, at=at)
    return Message.objects.get(external_id=said.external_id)


def test_a_draft_is_compared_with_what_was_said_this_week() -> None:
    channel, agent = a_channel(), ana()
    text = "Hi Kim, please send us a direct message with your address, then we look into it. ^BW"
    for hour in range(3):
        said = _said(channel, text, NOON + timedelta(hours=hour))
    _said(channel, "Your router is on its way and arrives on Friday morning. ^BW", NOON)
    later = NOON + timedelta(hours=4)
    assert reckon(at=later) == 4
    assert reckon(at=later) == 0

    found = alike(DRAFT, user=agent, at=later)
    assert (found.percent, found.replies, found.this_week) == (100, 3, True)
    assert found.likest == (said,)
    assert list(
        Likeness.objects.order_by("said_at", "nearest").values_list("nearest", flat=True)
    ) == [
        0.0,
        0.0,
        1.0,
        1.0,
    ]

    nearly = DRAFT.replace("look into it", "look into it at once")
    near = alike(nearly, user=agent, at=later)
    assert 80 <= near.percent < 100
    assert near.replies == 3
    other = alike("Your second drop in a week, so I swap the router today.", user=agent, at=later)
    assert (other.percent, other.is_near, other.likest) == (0, False, ())
    assert not alike("Hi Kim, thank you! ^AB", user=agent, at=later).is_near
    after = alike(DRAFT, user=agent, at=NOON + timedelta(days=20))
    assert (after.replies, after.this_week) == (3, False)


def test_what_others_may_not_read_is_no_part_of_the_comparison() -> None:
    private = a_channel("@vip", team=a_team("Private"), is_private=True)
    _said(private, DRAFT, NOON)
    reckon(at=NOON)
    assert not alike(DRAFT, user=ben(), at=NOON).percent
    assert alike(DRAFT, user=ana(private.team), at=NOON).is_near


def test_a_reply_is_reckoned_once_it_is_sent_and_never_if_it_was_taken_back() -> None:
    channel, agent = a_channel(), ana()
    for customer in ("kim", "omar"):
        Kim(channel, author_id=customer).writes()
    kept, undone = (
        _replied(agent, conversation_of(message))
        for message in Message.objects.filter(direction="inbound").order_by("id")
    )
    reckon(at=NOON)
    assert Likeness.objects.filter(said_at__isnull=True).count() == 2
    replying.undo(message=undone, by=agent, at=NOON)
    Message.objects.filter(id=kept.pk).update(
        state="sent", external_id="77", posted_at=NOON + timedelta(minutes=1)
    )
    assert reckon(at=NOON + timedelta(minutes=2)) == 1
    likeness = Likeness.objects.get()
    assert (likeness.message_id, likeness.nearest) == (kept.pk, 0.0)
    assert likeness.said_at == NOON + timedelta(minutes=1)


def _replied(agent: User, conversation: Conversation) -> Message:
    return replying.reply(
        conversation=conversation,
        text=DRAFT,
        by=agent,
        session_key="s",
        at=NOON,
    )


def test_old_wordings_go_with_all_that_finds_them_and_their_figures_stay() -> None:
    channel = a_channel()
    _said(channel, DRAFT, NOON)
    _said(channel, "Something that is said again much later by somebody else", NOON)
    reckon(at=NOON)
    _said(channel, "Something that is said again much later by somebody else", NOON + timedelta(29))
    reckon(at=NOON + timedelta(days=29))
    assert forget_old(at=NOON + timedelta(days=31)) == 1
    assert Wording.objects.count() == 1
    assert Band.objects.count() == Band.objects.filter(wording__in=Wording.objects.all()).count()
    assert Band.objects.exists()
    assert Likeness.objects.filter(nearest__isnull=False).count() == 3


def test_a_draft_costs_few_statements() -> None:
    _said(a_channel(), DRAFT, NOON)
    reckon(at=NOON)
    agent = ana()
    with TestCase().assertNumQueries(2):
        alike(DRAFT, user=agent, at=NOON)
