"""How personal replies are: nearly alike, asked twice, promises kept; line by line and in all."""

from datetime import timedelta

import pytest

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Likeness, Message
from apps.conversations.operations import pledging
from apps.conversations.operations.reckoning import reckon
from apps.reports.behind_personal import Told, behind_personal
from apps.reports.personal import Personal, personal, personal_by_agent, personal_by_day
from tests.people import NOON, Kim, a_channel, a_team, ana, arrive, ben, brand_says, mia, minutes
from tests.reports.asking import asked

pytestmark = pytest.mark.django_db

ASK = "Could you please tell us your order number, then we look into it at once?"
COUNTED = ("compared", "alike", "looked_at", "asked_again", "kept", "broken")


def says(kim: Kim, text: str, answer: str, *, minute: float, signed: str = "^AB") -> Message:
    """The customer says that, and is answered a moment later."""
    at = NOON + minutes(minute)
    said = kim.writes(text, at=at)
    reply = brand_says(
        kim.channel, f"{answer} {signed}", at=at + minutes(1), parent_id=said.external_id
    )
    arrive(kim.channel, reply, at=at + minutes(1))
    return Message.objects.get(external_id=reply.external_id)


def asked_again(*, of: str) -> list[bool | None]:
    found = Likeness.objects.filter(message__conversation__identity__external_id=of)
    return list(found.order_by("said_at").values_list("asked_again", flat=True))


def test_who_is_asked_for_what_they_told_before_is_asked_twice() -> None:
    ana(), ben()
    channel = a_channel()
    told, new = Kim(channel, author_id="told"), Kim(channel, author_id="new")
    says(told, "my order number is 88-1204, where is it?", ASK, minute=0)
    says(new, "where is my order?", ASK, minute=3)
    says(new, "my order number is 99-2305", "Thank you, it leaves tomorrow.", minute=6)
    says(new, "it is still not here", ASK, minute=9)
    says(new, "hello?", ASK, minute=12, signed="")
    hidden = a_channel("@private", team=a_team("Other"), is_private=True)
    elsewhere = Kim(hidden, author_id="elsewhere").writes("order number 77-5511", at=NOON)
    here = Kim(channel, author_id="here").writes("hello", at=NOON)
    assert elsewhere.identity is not None
    assert here.identity is not None
    here.identity.customer = elsewhere.identity.customer
    here.identity.save()
    says(Kim(channel, author_id="here"), "and my parcel?", ASK, minute=15)

    reckon(at=NOON + timedelta(hours=1))
    assert asked_again(of="told") == [True]
    assert asked_again(of="new") == [False, False, True, None]
    assert asked_again(of="here") == [False]


@pytest.fixture
def sent(channel_of_care: Channel) -> User:
    """Three by Ana over two days, one by Ben, one by nobody known, and two promises."""
    agent, colleague = ana(), ben()
    for number, signed in enumerate(("^AB", "^AB", "^BW", "")):
        kim = Kim(channel_of_care, author_id=f"k{number}")
        says(kim, "order number 88-1204", ASK, minute=number, signed=signed)
    kim = Kim(channel_of_care, author_id="later")
    reply = says(kim, "hi", "Your router arrives on Friday in the morning", minute=1500)
    for by, words, state in ((agent, "on Friday", "kept"), (colleague, "arrives", "broken")):
        made = pledging.pledge(
            message=reply,
            words=words,
            due_at=NOON + timedelta(days=9),
            by=by,
            at=NOON + minutes(1502),
        )
        pledging.settle(pledge=made, state=state, note="", by=by, at=NOON + minutes(1503))
    reckon(at=NOON + timedelta(days=2))
    return agent


@pytest.fixture
def channel_of_care() -> Channel:
    return a_channel()


def test_lines_by_person_and_by_day_add_up_and_each_figure_opens_as_many(sent: User) -> None:
    question = asked(mia(), last=NOON.date() + timedelta(days=1))
    total = personal(question)
    assert [getattr(total, name) for name in COUNTED] == [5, 3, 4, 3, 1, 1]
    by_agent, by_day = personal_by_agent(question), personal_by_day(question)
    assert [line.label for line in by_agent] == ["Ana Bauer", "Ben Wood", "Nobody known"]
    assert [line.compared for line in by_day] == [4, 1]
    for lines in (by_agent, by_day):
        assert summed(lines) == [5, 3, 4, 3, 1, 1]
    opened = [behind_personal(question, told) for told in Told]
    assert [one.count for one in opened] == [5, 3, 3, 1, 1]
    assert all(len(one.rows) == one.count for one in opened)


def test_agents_see_their_own_line_and_the_others_in_one(sent: User) -> None:
    question = asked(sent, last=NOON.date() + timedelta(days=1))
    lines = personal_by_agent(question)
    assert [(line.label, line.compared) for line in lines] == [
        ("Ana Bauer", 3),
        ("Everyone else", 2),
    ]
    assert summed(lines) == [5, 3, 4, 3, 1, 1]
    stranger = User.objects.exclude(pk=sent.pk).get(name="Ben Wood")
    of_another = asked(sent, last=NOON.date() + timedelta(days=1), agent_id=stranger.pk)
    assert personal(of_another).compared == 0
    assert behind_personal(of_another, Told.COMPARED).count == 0


def summed(lines: list[Personal]) -> list[int]:
    return [sum(getattr(line, name) for line in lines) for name in COUNTED]
