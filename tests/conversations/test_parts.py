"""A reply in parts: one Act, several messages, each under the one before it, in order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.channels.models import Channel
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Act, Clock, Draft, Message
from apps.conversations.operations import replying, sendable, sending
from apps.conversations.splitting import CUT, joined
from apps.square import operations as square
from apps.square.models import Post
from tests.people import NOON, Kim, ana, arrive, ben, brand_says, conversation_of, minutes
from tests.practice import asked_on_square, reply, without_undo

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = ["First this 1/3", "then that 2/3", "and all is well ^AB 3/3"]


def test_parts_go_out_in_order_each_under_the_one_before(channel: Channel) -> None:
    asked = asked_on_square(channel)
    first = reply(asked, joined(PARTS), by=without_undo())
    act = Act.objects.get()
    assert (first.text, act.parts.count(), act.messages.count()) == (PARTS[0], 3, 3)
    assert sending.send_due() == 3
    posts = list(Post.objects.filter(author__is_brand=True).order_by("id"))
    assert [post.text for post in posts] == PARTS
    assert [str(post.parent_id) for post in posts] == [
        asked.external_id,
        posts[0].external_id,
        posts[1].external_id,
    ]
    assert set(act.messages.values_list("conversation_id", flat=True)) == {asked.conversation_id}
    assert Clock.objects.get(kind="first_response").reply == first


def test_all_parts_are_taken_back_together(channel: Channel) -> None:
    agent = ana(undo_seconds=30)
    reply(asked_on_square(channel), joined(PARTS), by=agent)
    last = Message.objects.get(act_part=3)
    draft = replying.undo(message=last, by=agent, at=timezone.now())
    assert draft.text == joined(PARTS)
    assert set(Message.objects.filter(act__isnull=False).values_list("state", flat=True)) == {
        "undone"
    }
    assert Act.objects.get().voided_at


def test_once_one_part_is_out_none_is_taken_back_and_all_leave_together(channel: Channel) -> None:
    agent = ana(undo_seconds=30)
    first = reply(asked_on_square(channel), joined(PARTS), by=agent)
    replying.send_now(message=first, by=agent, at=timezone.now())
    assert sending.send_due(most=1) == 1
    with pytest.raises(Conflict, match="Too late"):
        replying.undo(message=Message.objects.get(act_part=2), by=agent, at=timezone.now())
    assert sending.send_due() == 2


def test_a_part_that_is_refused_holds_back_what_follows_and_comes_back_with_it(
    channel: Channel,
) -> None:
    agent = without_undo()
    asked = asked_on_square(channel)
    first = reply(asked, joined(PARTS), by=agent)
    post = Post.objects.get()
    square.delete(post=post, by=post.author, at=timezone.now())
    assert sending.send_due() == 1
    first.refresh_from_db()
    assert first.state == "refused"
    assert sending.send_due() == 0
    draft = replying.discard(message=first, by=agent, at=timezone.now())
    assert draft.text == joined(PARTS)
    assert not Message.objects.filter(state="queued").exists()
    other = reply(asked_on_square(channel, handle="omar"), by=agent)
    assert sending.send_due() == 1
    other.refresh_from_db()
    assert other.state == "sent"


def test_each_part_must_be_one_that_can_go_out(channel: Channel) -> None:
    asked, agent = asked_on_square(channel), ana()
    with pytest.raises(DeskError, match=r"Part 2 of the reply has 507 characters.*split"):
        reply(asked, joined(["fine 1/2", "a" * 507]), by=agent)
    with pytest.raises(DeskError, match="Part 1 of the reply is empty"):
        reply(asked, f"\n{CUT}\nrest", by=agent)
    with pytest.raises(DeskError, match="21 parts; send at most 20"):
        reply(asked, joined(["a"] * 21), by=agent)
    assert not Act.objects.exists()


def test_what_was_deleted_there_is_not_answered_but_the_message_before_it_is(
    channel: Channel,
) -> None:
    agent, kim = ana(), Kim(channel)
    first = kim.writes(at=NOON)
    second = kim.writes("and now?", at=NOON + minutes(1), parent_id=first.external_id)
    conversation = conversation_of(first)
    Message.objects.filter(id=second.pk).update(deleted_at=NOON + minutes(2))
    answered = sendable.answered_first(conversation).first()
    assert answered == first
    assert not sendable.obstacle(conversation, answered, at=NOON + minutes(3))
    Message.objects.filter(id=first.pk).update(deleted_at=NOON + minutes(2))
    with pytest.raises(DeskError, match="no reply to a deleted post"):
        reply(first, by=agent)
    assert not Draft.objects.exists()


def test_who_writes_is_told_that_somebody_else_answered_meanwhile(channel: Channel) -> None:
    kim, agent = Kim(channel), ana()
    asked = kim.writes(at=NOON)
    conversation = conversation_of(asked)

    def send(text: str, seen: Message) -> Message:
        return replying.reply(
            conversation=conversation,
            text=text,
            by=agent,
            session_key="s",
            at=NOON + minutes(5),
            seen_message_id=seen.pk,
        )

    theirs = reply(asked, "Hi Kim, I am on it ^BW", by=ben())
    with pytest.raises(sendable.Meanwhile, match="Ben Wood answered since you looked") as told:
        send("Hi Kim, me too ^AB", asked)
    assert told.value.message == theirs
    own = send("Hi Kim, me too ^AB", theirs)
    assert send("and one more thing ^AB", theirs).pk > own.pk
    outside = brand_says(channel, "By phone app", at=NOON, parent_id=asked.external_id)
    arrive(channel, outside, at=NOON + timedelta(hours=1))
    with pytest.raises(sendable.Meanwhile, match="@acme answered since you looked"):
        send("and another ^AB", own)
