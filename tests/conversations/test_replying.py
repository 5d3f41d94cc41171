import pytest

from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Act, Clock, Conversation, Draft, Message
from apps.conversations.operations import assigning, drafting, noting, replying, resolving
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    ana,
    arrive,
    ben,
    conversation_of,
    minutes,
)

pytestmark = pytest.mark.django_db

LATER = NOON + minutes(1)


def test_a_reply_waits_for_its_undo_time_and_answers_the_customers_newest_post() -> None:
    agent = ana(undo_seconds=7)
    kim = Kim(a_channel())
    kim.writes(at=NOON, external_id="1")
    newest = kim.writes("hello?", at=NOON + minutes(0.5), external_id="2", parent_id="1")
    message = replying.reply(
        conversation=conversation_of(newest), text="Hi Kim", by=agent, session_key="s", at=LATER
    )
    assert message.not_before is not None
    assert (message.not_before - LATER).total_seconds() == 7
    assert (message.state, message.parent_id_there) == ("queued", "2")


def test_undo_voids_the_act_and_gives_the_text_back_as_a_draft() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    message = replying.reply(
        conversation=conversation, text="Hi Kim", by=agent, session_key="s", at=LATER
    )
    replying.undo(message=message, by=agent, at=LATER)
    assert Act.objects.get().voided_at == LATER
    assert Draft.objects.get().text == "Hi Kim"
    message.refresh_from_db()
    assert message.state == "undone"


def test_undo_keeps_what_was_begun_meanwhile() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    message = replying.reply(
        conversation=conversation, text="first", by=agent, session_key="s", at=LATER
    )
    drafting.save_draft(conversation=conversation, text="second", by=agent, at=LATER)
    replying.undo(message=message, by=agent, at=LATER)
    assert Draft.objects.get().text == "first\n\nsecond"


def test_undo_is_refused_once_the_reply_is_on_its_way() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    message = replying.reply(
        conversation=conversation, text="Hi", by=agent, session_key="s", at=LATER
    )
    Message.objects.filter(id=message.pk).update(state="in_flight")
    with pytest.raises(Conflict, match="Too late"):
        replying.undo(message=message, by=agent, at=LATER)


def test_send_first_shows_what_the_customer_wrote_meanwhile() -> None:
    agent = ana()
    kim = Kim(a_channel())
    seen = kim.writes(at=NOON, external_id="1")
    kim.writes("never mind, solved", at=NOON + minutes(0.5), parent_id="1")
    with pytest.raises(Conflict, match="Kim Lee wrote again"):
        replying.reply(
            conversation=conversation_of(seen),
            text="Try turning it off",
            by=agent,
            session_key="s",
            at=LATER,
            seen_message_id=seen.pk,
        )
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  \n ", "empty"),
        ("a\0b", "cannot be sent"),
        ("é" * 501, "Shorten it by 1"),
    ],
)
def test_a_text_that_cannot_go_out_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    conversation = conversation_of(Kim(a_channel()).writes())
    with pytest.raises(DeskError, match=sentence):
        replying.reply(conversation=conversation, text=text, by=ana(), session_key="s", at=LATER)


def test_another_teams_agent_can_read_but_not_reply() -> None:
    conversation = conversation_of(Kim(a_channel(team=a_team("Care"))).writes())
    with pytest.raises(DeskError, match="Another team"):
        replying.reply(
            conversation=conversation,
            text="Hi",
            by=ben(a_team("Other")),
            session_key="s",
            at=LATER,
        )


def test_replying_to_an_unassigned_conversation_takes_it() -> None:
    agent = ana(capacity=0)
    conversation = conversation_of(Kim(a_channel()).writes())
    replying.reply(conversation=conversation, text="Hi", by=agent, session_key="s", at=LATER)
    conversation.refresh_from_db()
    assert conversation.assignee == agent


def test_taking_what_a_colleague_has_is_refused_by_name() -> None:
    ana()
    colleague = ben(capacity=0)
    conversation = conversation_of(Kim(a_channel()).writes())
    with pytest.raises(Conflict, match="Ana Bauer took this"):
        assigning.take(conversation=conversation, by=colleague, at=LATER)


def test_resolving_while_somebody_waits_needs_a_reason() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    with pytest.raises(DeskError, match="Kim Lee is waiting"):
        resolving.resolve(conversation=conversation, by=agent, at=LATER)
    resolving.resolve(conversation=conversation, by=agent, at=LATER, no_reply_needed="spam")
    clock = Clock.objects.get(kind="first_response")
    assert (clock.stop, clock.customer_seconds) == ("no_reply_needed", 60)


def test_undoing_a_resolve_continues_the_same_contact() -> None:
    agent = ana()
    kim = Kim(a_channel())
    conversation = conversation_of(kim.writes(at=NOON, external_id="1"))
    resolving.resolve(conversation=conversation, by=agent, at=LATER, no_reply_needed="thanks")
    resolving.undo_resolve(conversation=conversation, by=agent, at=LATER + minutes(1))
    conversation.refresh_from_db()
    assert (conversation.state, conversation.contact) == ("open", 1)
    assert conversation.waiting_since == NOON
    assert not Clock.objects.filter(stopped_at__isnull=False).exists()


def test_a_message_after_resolve_opens_the_next_contact_with_a_first_response_of_its_own() -> None:
    agent = ana()
    kim = Kim(a_channel())
    conversation = conversation_of(kim.writes(at=NOON, external_id="1"))
    resolving.resolve(conversation=conversation, by=agent, at=LATER, no_reply_needed="thanks")
    kim.writes("again!", at=NOON + minutes(7200), parent_id="1")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.contact, conversation.assignee) == ("open", 2, agent)
    running = Clock.objects.get(kind="first_response", stopped_at__isnull=True)
    assert running.started_at == NOON + minutes(7200)


def test_a_dismissed_wait_leaves_the_conversation_open() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes("thanks"))
    resolving.dismiss(conversation=conversation, by=agent, at=LATER, no_reply_needed="only thanks")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.waiting_since) == ("open", None)


def test_resolving_with_a_reply_on_its_way_is_refused() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    replying.reply(conversation=conversation, text="Hi", by=agent, session_key="s", at=LATER)
    with pytest.raises(Conflict, match="still on its way"):
        resolving.resolve(conversation=conversation, by=agent, at=LATER)


def test_a_note_stops_no_clock() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    noting.note(conversation=conversation, text="ask Ben", by=agent, at=LATER)
    conversation.refresh_from_db()
    assert conversation.waiting_since == NOON


def test_a_note_without_end_is_refused_with_what_to_do() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    with pytest.raises(DeskError, match="Shorten it"):
        noting.note(conversation=conversation, text="x" * 20_001, by=agent, at=LATER)


def test_a_decision_is_about_all_that_came_in_though_the_networks_clock_runs_ahead() -> None:
    agent, channel = ana(), a_channel()
    ahead = Kim(channel).says("thanks", at=LATER + minutes(5))
    arrive(channel, ahead, at=NOON)
    conversation = Conversation.objects.get()
    resolving.resolve(conversation=conversation, by=agent, at=LATER, no_reply_needed="thanks")
    conversation.refresh_from_db()
    assert conversation.waiting_since is None
    assert Clock.objects.get(kind="first_response").customer_seconds == 0
    resolving.undo_resolve(conversation=conversation, by=agent, at=LATER)
    conversation.refresh_from_db()
    assert conversation.waiting_since == LATER + minutes(5)
