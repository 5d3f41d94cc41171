import pytest

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations import assigning, replying
from apps.intake.operations import keep
from apps.reports.wallboard import Health, channels_now, now, people_now
from tests.people import NOON, Kim, a_channel, a_team, a_user, ana, arrive, brand_says, mia, minutes

pytestmark = pytest.mark.django_db


def _asked(channel: Channel, person: str, wait: float) -> Conversation:
    message = Kim(channel, author_id=person).writes(at=NOON - minutes(wait))
    return Conversation.objects.get(messages=message)


def test_every_promise_is_at_risk_or_past_due_or_neither_and_says_which_is_next() -> None:
    manager, channel = mia(), a_channel()
    for person, due, warned in [
        ("late", -4, -9),
        ("later", -2, -9),
        ("soon", 3, -1),
        ("calm", 9, 4),
    ]:
        clocks = Clock.objects.filter(
            conversation=_asked(channel, person, 20), kind=Clock.Kind.FIRST_RESPONSE
        )
        clocks.update(due_at=NOON + minutes(due), warn_at=NOON + minutes(warned))

    board = now(user=manager, at=NOON)
    assert (board.waiting, board.at_risk, board.past_due) == (4, 1, 2)
    assert board.next_due_at == NOON + minutes(3)
    assert board.past_due_since == NOON - minutes(4)


def test_the_last_hour_is_told_in_slices_of_five_minutes_by_what_came_in_and_went_out() -> None:
    manager, channel = mia(), a_channel()
    ana()
    first = Kim(channel, author_id="a").writes(at=NOON - minutes(58))
    Kim(channel, author_id="b").writes(at=NOON - minutes(4))
    Kim(channel, author_id="long ago").writes(at=NOON - minutes(61))
    answer = brand_says(channel, "done ^AB", at=NOON - minutes(1), parent_id=first.external_id)
    arrive(channel, answer, at=NOON - minutes(1))

    flow = now(user=manager, at=NOON).flow
    assert [(one.arrivals, one.answers) for one in flow] == [(1, 0), *[(0, 0)] * 10, (1, 1)]


def test_people_on_shift_stand_with_their_load_and_how_long_somebody_waits_for_them() -> None:
    manager, agent, channel = mia(), ana(), a_channel()
    other = a_user("Zoe Far", team=a_team("Elsewhere"))
    conversation = _asked(channel, "kim", 7)
    assigning.assign(conversation=conversation, to=agent, by=agent, at=NOON)

    [first, second] = people_now(user=manager, at=NOON)
    assert (first.name, first.load, first.oldest) == (agent.name, 1, NOON - minutes(7))
    assert (second.name, second.oldest) == (manager.name, None)
    assert [one.user for one in people_now(user=agent, at=NOON)] == [agent]
    assert [one.user for one in people_now(user=other, at=NOON)] == [other]


def test_a_channel_is_well_late_stuck_paused_or_was_never_heard() -> None:
    manager = mia()
    well, late, stuck, never = (
        a_channel(f"@{name}") for name in ("a-well", "b-late", "c-stuck", "d-never")
    )
    Kim(well).writes(at=NOON - minutes(9))
    arrive(late, Kim(late).says("hi", at=NOON - minutes(30)), at=NOON - minutes(1))
    keep(channel=stuck, body=b"{}", at=NOON - minutes(3))

    board = channels_now(user=manager, at=NOON)
    assert [one.health for one in board] == [Health.WELL, Health.LATE, Health.STUCK, Health.NEVER]
    assert [one.lag for one in board] == [0, 29 * 60, None, None]
    assert [one.waiting for one in board] == [1, 1, 0, 0]
    assert never == board[3].channel
    Channel.objects.filter(pk=stuck.pk).update(paused_at=NOON)
    assert channels_now(user=manager, at=NOON)[2].health is Health.PAUSED


@pytest.mark.parametrize(("of_team", "seen"), [("Care", True), ("Elsewhere", False)])
def test_nobody_counts_what_another_team_answers(of_team: str, seen: bool) -> None:
    channel = a_channel(team=a_team("Care"))
    _asked(channel, "kim", 7)
    reader: User = a_user("Rita Read", role="manager", team=a_team(of_team))

    board = now(user=reader, at=NOON)
    assert board.waiting == board.asked_today == int(seen)
    assert (board.oldest is not None) is seen
    assert len(channels_now(user=reader, at=NOON)) == int(seen)


def test_a_reply_on_its_way_is_no_answer_yet() -> None:
    agent, channel = ana(), a_channel()
    conversation = _asked(channel, "kim", 7)
    replying.reply(conversation=conversation, text="hi", by=agent, session_key="s", at=NOON)
    assert sum(one.answers for one in now(user=agent, at=NOON).flow) == 0
