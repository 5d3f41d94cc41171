from datetime import timedelta

import pytest

from apps.channels.connector import Surface
from apps.conversations.models import Clock
from apps.conversations.operations import resolving
from apps.reports.explaining import Part, Reason, explain, reckon
from tests.people import NOON, Kim, a_channel, ana, conversation_of, mia, minutes
from tests.reports.asking import FIRST, answered_after, asked

pytestmark = pytest.mark.django_db


def test_a_figure_tells_what_was_left_out_and_one_wait_adds_up_from_its_events() -> None:
    manager, agent = mia(), ana()
    channel = a_channel()
    kim = Kim(channel)
    first = kim.writes(at=NOON - minutes(2))
    kim.writes("hello?", at=NOON - minutes(1), parent_id=first.external_id)
    answered_after(channel, 3, person="b")
    Kim(channel, author_id="c").writes(at=NOON, surface=Surface.FOUND)
    thanks = Kim(channel, author_id="d").writes("thanks", at=NOON)
    talk = conversation_of(thanks)
    resolving.resolve(conversation=talk, by=agent, at=NOON + minutes(1), no_reply_needed="thanks")

    explained = explain(asked(manager), kind=FIRST)
    assert explained.answer.total.count == 1
    assert explained.left_out == {
        Reason.RUNNING: 1,
        Reason.DISMISSED: 1,
        Reason.JOINED: 1,
        Reason.SILENT: 1,
        Reason.NOT_PROMISED: 3,
    }

    answered = reckon(Clock.objects.get(kind=FIRST, stop="reply"))
    assert answered.agrees
    assert answered.took == timedelta(minutes=3)
    assert [(one.part, one.after) for one in answered.happened] == [
        (Part.OPENS, timedelta()),
        (Part.ENDS, timedelta(minutes=3)),
    ]
    running = reckon(Clock.objects.get(kind=FIRST, conversation=conversation_of(first)))
    assert [one.part for one in running.happened] == [Part.OPENS, Part.JOINS]
    assert running.agrees
    assert running.took is None
    contact = reckon(Clock.objects.get(kind="resolution", conversation=talk))
    assert [one.part for one in contact.happened] == [Part.OPENS, Part.ENDS]

    Clock.objects.filter(kind=FIRST, stop="reply").update(stopped_at=NOON + minutes(4))
    assert not reckon(Clock.objects.get(kind=FIRST, stop="reply")).agrees
