"""A customer's life story, read in windows from any place."""

from datetime import timedelta

import pytest

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import noting, replying
from apps.conversations.queries import windows
from apps.conversations.queries.memory import remember
from apps.conversations.queries.people import brief
from apps.conversations.queries.story import first_since, found_in, place_in, story
from apps.conversations.queries.windows import Window
from tests.people import NOON, Kim, a_channel, a_team, ana, arrive, brand_says, conversation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return ana(capacity=500)


@pytest.fixture
def channel(reader: User) -> Channel:
    return a_channel()


@pytest.fixture
def present(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """The last of five conversations of 1, 2, 3, 4 and 5 messages, a day apart."""
    monkeypatch.setattr(windows, "MESSAGES", 4)
    for day in range(5):
        first = said(channel, f"{day}.0", day, 0, parent_id=None)
        for number in range(1, day + 1):
            last = said(channel, f"{day}.{number}", day, number, parent_id=first.external_id)
    return conversation_of(last)


def said(channel: Channel, text: str, day: int, minute: int, **fields: str | None) -> Message:
    at = NOON + timedelta(days=day, minutes=minute)
    return Kim(channel).writes(text, at=at, **fields)


def texts(window: Window) -> list[str]:
    return [message.text for message in window.messages]


def test_going_up_tells_the_whole_story_once_in_its_order(
    present: Conversation, reader: User
) -> None:
    window = windows.last_window(present, user=reader)
    told, starts = texts(window), set(window.starts)
    while window.older:
        window = windows.window_before(present, window.messages[0], user=reader)
        told = texts(window) + told
        starts |= window.starts
    assert told == [f"{day}.{number}" for day in range(5) for number in range(day + 1)]
    assert len(starts) == 5


def test_going_down_from_any_place_ends_where_going_up_began(
    present: Conversation, reader: User
) -> None:
    for first in Message.objects.order_by("posted_at"):
        window = windows.window_around(present, first, user=reader)
        assert first.text in texts(window)
        assert first.text == "0.0" or window.older or "0.0" in texts(window)
        told = texts(window)
        while window.newer:
            window = windows.window_after(present, window.messages[-1], user=reader)
            told += texts(window)
        assert told[-1] == "4.4"
        assert len(told) == len(set(told))


def test_a_page_goes_on_from_where_it_began_however_much_came_since(
    present: Conversation, reader: User, channel: Channel
) -> None:
    first = present.messages.get(text="4.1")
    parent = present.messages.get(text="4.0").external_id
    for number in range(5, 20):
        said(channel, f"4.{number}", 4, number, parent_id=parent)
    present.refresh_from_db()
    window = windows.window_from(present, first.pk, user=reader)
    assert texts(window) == [f"4.{number}" for number in range(1, 20)]
    assert window.older
    assert not window.newer


def test_a_reply_that_has_not_left_comes_last_and_one_taken_back_was_never_said(
    present: Conversation, reader: User
) -> None:
    for text in ("taken back", "on its way"):
        reply = replying.reply(conversation=present, text=text, by=reader, session_key="s", at=NOON)
        if text == "taken back":
            replying.undo(message=reply, by=reader, at=NOON)
    window = windows.last_window(present, user=reader)
    assert texts(window) == ["4.2", "4.3", "4.4", "on its way"]
    assert texts(windows.window_before(present, window.messages[0], user=reader))[-1] == "4.1"


def test_words_and_days_are_found_in_all_of_the_story(present: Conversation, reader: User) -> None:
    found = found_in(present, "2.", user=reader)
    assert [Message.objects.get(id=i).text for i in found] == ["2.0", "2.1", "2.2"]
    assert found_in(present, " ", user=reader) == []
    assert found_in(present, "%", user=reader) == []
    place = first_since(present, NOON + timedelta(days=2), user=reader)
    assert place is not None
    assert place.text == "2.0"
    last = first_since(present, NOON + timedelta(days=99), user=reader)
    assert last is not None
    assert last.text == "4.4"


def test_private_history_is_for_its_team_and_admins_alone(
    present: Conversation, reader: User
) -> None:
    private = a_channel("@vip", team=a_team("Private"), is_private=True)
    secret = said(private, "my order 777-888 at LS6 3AB", 3, 30, parent_id=None)
    admin = User.objects.create_user(
        email="ada@acme.example", password="x", name="Ada", initials="AD", role="admin"
    )
    for user, may in ((reader, False), (admin, True)):
        window = windows.window_around(present, present.messages.get(text="4.0"), user=user)
        told = [
            m.text for m in windows.window_before(present, window.messages[0], user=user).messages
        ]
        assert any("777" in text for text in [*told, *texts(window)]) is may
        assert bool(found_in(present, "777-888", user=user)) is may
        assert (place_in(present, secret.pk, user=user) is not None) is may
        known = brief(remember(present.identity.customer, user=user))
        assert bool(known.told) is may


def test_a_brief_says_who_helped_and_what_was_told_and_cites_each(
    channel: Channel, reader: User
) -> None:
    first = said(channel, "order 88-1204 never came. Leeds, LS6", 0, 0)
    arrive(
        channel,
        brand_says(
            channel,
            "a new one is in the post ^AB",
            at=NOON + timedelta(minutes=5),
            parent_id=first.external_id,
        ),
        at=NOON + timedelta(minutes=5),
    )
    conversation = conversation_of(first)
    noting.note(conversation=conversation, text="prefers mornings", by=reader, at=NOON)
    gone = said(channel, "mail me at old@mail.example", 1, 0)
    Message.objects.filter(id=gone.pk).update(deleted_at=NOON + timedelta(days=2))
    again = said(channel, "order 881204 again! stop messaging me", 2, 0)
    known = brief(remember(conversation.identity.customer, user=reader))
    assert [(t.kind, t.value, t.line.id, t.times) for t in known.told] == [
        ("order", "881204", again.pk, 2),
        ("place", "Leeds, LS6", first.pk, 1),
    ]
    assert [line.text for line in known.helpers] == ["a new one is in the post ^AB"]
    assert [line.text for line in known.notes] == ["prefers mornings"]
    assert known.unwelcome is not None
    assert known.unwelcome.id == again.pk

    Message.objects.filter(id=again.pk).update(text="never mind", edited_at=NOON)
    known = brief(remember(conversation.identity.customer, user=reader))
    assert [(t.value, t.times) for t in known.told] == [("88-1204", 1), ("Leeds, LS6", 1)]
    assert known.unwelcome is None


def test_events_are_told_where_they_happened(present: Conversation, reader: User) -> None:
    window = windows.last_window(present, user=reader)
    [stretch] = story(present, window).stretches
    assert {event.kind for event in stretch.events} <= {"assigned"}
    before = story(present, windows.window_before(present, window.messages[0], user=reader))
    assert [s.conversation.pk == present.pk for s in before.stretches] == [False, True]
    assert before.stretches[1].starts
