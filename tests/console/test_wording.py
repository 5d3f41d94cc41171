"""What a timeline says of a conversation's events."""

import pytest

from apps.console.wording import happened
from apps.conversations.operations import assigning
from apps.conversations.queries.story import story
from apps.conversations.queries.windows import last_window
from tests.people import NOON, Kim, a_channel, ana, conversation_of, minutes

pytestmark = pytest.mark.django_db


def test_a_timeline_tells_who_put_a_conversation_back_into_the_queue() -> None:
    agent = ana()
    conversation = conversation_of(Kim(a_channel()).writes())
    assigning.assign(conversation=conversation, to=None, by=agent, at=NOON + minutes(1))
    told = story(conversation, last_window(conversation, user=agent))
    [stretch] = told.stretches
    assert [happened(event, told.names) for event in stretch.events] == [
        "Assigned to Ana Bauer. Least loaded on shift: 0 of 6 before this one.",
        "Ana Bauer put it back into the queue",
    ]
