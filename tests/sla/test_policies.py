"""Who promises what: the order of policies, their versions, and who may decide."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.agents.models import Team
from apps.common import sets
from apps.common.errors import Conflict, DeskError
from apps.conversations.clocks import rerun
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations.assigning import assign, take_next
from apps.conversations.operations.labelling import change_flags, change_tags, set_priority
from apps.conversations.operations.routing import route_waiting
from apps.labels.models import Flag, Tag
from apps.labels.operations import retire_label, save_label
from apps.ledger.models import Event
from apps.sla.models import BusinessHours, Policy, PolicyVersion
from apps.sla.operations import move_policy, retire_policy, save_business_hours, save_policy
from apps.sla.queries import present_policies
from tests.people import (
    NOON,
    Kim,
    a_channel,
    a_team,
    a_user,
    ana,
    arrive,
    brand_says,
    conversation_of,
    mia,
    minutes,
)

pytestmark = pytest.mark.django_db

YESTERDAY = NOON - timedelta(days=1)


def said(name: str = "Fast", **fields: object) -> PolicyVersion:
    return PolicyVersion(**{"name": name, "first_response_minutes": 15, **fields})


def saved(name: str = "Fast", **fields: Any) -> PolicyVersion:
    return save_policy(said=said(name, **fields), by=None, at=YESTERDAY)


def waiting() -> Clock:
    return Clock.objects.get(kind="first_response", stopped_at=None)


def test_the_first_policy_that_fits_judges_a_wait() -> None:
    channel = a_channel()
    saved("Direct", surface="direct", first_response_minutes=5)
    saved("Elsewhere", team=a_team("Sales"), first_response_minutes=6)
    acme = saved("Acme", channel=channel, first_response_minutes=7)
    saved("Rest", first_response_minutes=60)
    Kim(channel).writes()

    clock = waiting()
    assert clock.policy_version == acme
    assert clock.due_at == NOON + minutes(7)
    assert clock.warn_at == NOON + minutes(5.6)
    assert clock.desk_seconds is None


def test_without_a_policy_the_clock_runs_and_nothing_is_due() -> None:
    Kim(a_channel()).writes()
    assert (waiting().due_at, waiting().policy_version) == (None, None)


def test_a_match_is_never_redone_by_what_is_saved_later() -> None:
    kim = Kim(a_channel())
    asked = kim.writes(at=NOON)
    save_policy(said=said(), by=None, at=NOON + minutes(1))
    reply = brand_says(kim.channel, "hi", at=NOON + minutes(20), parent_id=asked.external_id)
    arrive(kim.channel, reply, at=NOON + minutes(20))

    answered = Clock.objects.get(kind="first_response")
    assert (answered.stop, answered.due_at, answered.desk_seconds) == ("reply", None, 1200)


def test_the_first_version_judges_what_was_said_before_it_and_arrives_after_it() -> None:
    first = saved()
    save_policy(
        said=said(first_response_minutes=30), policy=first.policy, by=None, at=NOON - minutes(5)
    )
    kim = Kim(a_channel())
    arrive(kim.channel, kim.says("hello?", at=YESTERDAY - timedelta(days=900)), at=NOON)
    assert waiting().policy_version == first


def test_a_late_message_that_moves_the_opening_is_judged_by_what_held_then() -> None:
    first = saved()
    later = save_policy(
        said=said(first_response_minutes=30), policy=first.policy, by=None, at=NOON - minutes(5)
    )
    kim = Kim(a_channel())
    asked = kim.writes(at=NOON)
    assert waiting().policy_version == later
    late = kim.says("late", at=NOON - minutes(6), parent_id=asked.external_id)
    arrive(kim.channel, late, at=NOON + minutes(1))
    assert (waiting().policy_version, waiting().due_at) == (first, NOON + minutes(9))


def test_hours_count_by_the_version_in_force_and_desk_seconds_leave_the_night_out() -> None:
    week = {"mon": [["08:00", "13:00"]], "tue": [["08:00", "18:00"]]}
    save_business_hours(
        name="Care", definition={"zone": "UTC", "week": week}, by=None, at=YESTERDAY
    )
    hours = BusinessHours.objects.get()
    saved(business_hours=hours, first_response_minutes=90)
    kim = Kim(a_channel())
    asked = kim.writes(at=NOON)
    assert waiting().due_at == NOON + timedelta(hours=20, minutes=30)
    answered_at = NOON + timedelta(hours=20, minutes=45)
    reply = brand_says(kim.channel, "hi", at=answered_at, parent_id=asked.external_id)
    arrive(kim.channel, reply, at=answered_at)

    clock = Clock.objects.get(kind="first_response")
    assert clock.calendar_version == hours.versions.get()
    assert (clock.customer_seconds, clock.desk_seconds) == (74_700, 6_300)


def test_a_saved_version_never_changes() -> None:
    version = saved()
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        PolicyVersion.objects.update(place=7)
    with pytest.raises(Error, match="Cannot update or delete"), transaction.atomic():
        version.delete()


def test_saving_the_same_again_changes_nothing() -> None:
    version = saved()
    assert save_policy(said=said(), policy=version.policy, by=None, at=NOON) == version
    assert Event.objects.filter(kind="policy_saved").count() == 1


def test_moving_changes_places_for_waits_that_open_afterwards() -> None:
    admin = a_user("Ada Min", role="admin")
    slow, fast = saved("Slow", first_response_minutes=60), saved("Fast")
    move_policy(policy=fast.policy, rank=1, by=admin, at=NOON)
    move_policy(policy=fast.policy, rank=0, by=admin, at=NOON)
    assert [one.name for one in present_policies()] == ["Fast", "Slow"]
    assert slow.policy.versions.count() == 1, "who is only passed says nothing new"

    kim = Kim(a_channel())
    before = Kim(kim.channel, author_id="omar").says("early", at=NOON - minutes(1))
    arrive(kim.channel, before, kim.says("now", at=NOON), at=NOON)
    judged = Clock.objects.filter(kind="first_response").order_by("started_at")
    assert [c.policy_version and c.policy_version.name for c in judged] == ["Slow", "Fast"]


def test_a_retired_policy_promises_nothing_more() -> None:
    admin = a_user("Ada Min", role="admin")
    version = saved()
    retire_policy(policy=version.policy, by=admin, at=NOON - minutes(1))
    Kim(a_channel()).writes()
    assert waiting().due_at is None
    with pytest.raises(Conflict, match="look at the list again"):
        retire_policy(policy=version.policy, by=admin, at=NOON)


@pytest.mark.parametrize(
    "decide",
    [
        lambda policy, by: save_policy(said=said("Mine"), by=by, at=NOON),
        lambda policy, by: save_policy(
            said=said(team=by.teams.get()), policy=policy, by=by, at=NOON
        ),
        lambda policy, by: save_policy(said=said(team=a_team("Sales")), by=by, at=NOON),
        lambda policy, by: move_policy(policy=policy, rank=1, by=by, at=NOON),
        lambda policy, by: retire_policy(policy=policy, by=by, at=NOON),
    ],
)
def test_a_manager_decides_for_their_own_teams_only(
    decide: Callable[[Policy, object], object],
) -> None:
    manager, everybodys = mia(), saved().policy
    with pytest.raises(DeskError, match="admin"):
        decide(everybodys, manager)
    assert PolicyVersion.objects.count() == 1


def test_a_manager_may_promise_for_a_channel_of_their_team() -> None:
    team: Team = a_team()
    saved = save_policy(said=said(channel=a_channel(team=team)), by=mia(team), at=NOON)
    assert Event.objects.get(kind="policy_saved").by_id == saved.saved_by_id


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"first_response_minutes": None}, "at least one target"),
        ({"first_response_minutes": 0}, "greater than or equal to 1"),
        ({"warn_percent": 100}, "less than or equal to 99"),
        ({"name": ""}, "name"),
        ({"surface": "found"}, "surface"),
    ],
)
def test_what_makes_no_promise_is_refused_in_words(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DeskError, match=sentence):
        saved(**fields)
    assert not Policy.objects.exists()


def test_policies_stand_where_they_are_put_however_often_they_move() -> None:
    admin = a_user("Ada Min", role="admin")
    order: list[str] = []
    for number in range(6):
        save_policy(said=said(str(number)), rank=number // 2 + 1, by=None, at=YESTERDAY)
        order.insert(number // 2, str(number))
    for step in range(40):
        moved, rank = order[step % 6], step * 5 % 7
        policy = next(one.policy for one in present_policies() if one.name == moved)
        move_policy(policy=policy, rank=rank, by=admin, at=NOON)
        order.remove(moved)
        order.insert(max(rank - 1, 0), moved)
        assert [one.name for one in present_policies()] == order
    assert len({one.place for one in present_policies()}) == 6


def test_who_decides_unseen_of_a_colleagues_saving_is_told() -> None:
    manager = mia()
    first = saved("First")
    other = save_policy(
        said=said("Theirs", team=a_team(), first_response_minutes=20), by=manager, at=NOON
    )
    for decide in (
        lambda: save_policy(said=said("Mine"), seen=first.pk, by=None, at=NOON),
        lambda: move_policy(policy=other.policy, rank=1, seen=first.pk, by=manager, at=NOON),
        lambda: retire_policy(policy=other.policy, seen=0, by=manager, at=NOON),
    ):
        with pytest.raises(Conflict, match="Mia Lindt saved Theirs while you were at it"):
            decide()
    assert save_policy(said=said("Mine"), seen=other.pk, by=None, at=NOON).version == 1


def test_a_wait_is_judged_by_the_marks_that_it_opened_with() -> None:
    """What is said later of a conversation or its customer judges later waits alone."""
    agent, kim = ana(), Kim(a_channel())
    tag = save_label(kind=Tag, name="Refund", colour="red", by=None, at=YESTERDAY)
    flag = save_label(kind=Flag, name="VIP", colour="red", by=None, at=YESTERDAY)
    saved("Refunds of VIPs", tag=tag, flag=flag, next_response_minutes=3)
    saved("VIPs", flag=flag, first_response_minutes=5)
    saved("High", priority="high", next_response_minutes=9)
    saved("Rest", first_response_minutes=60, next_response_minutes=60)
    judged = []
    for step in range(5):
        at = NOON + minutes(10 * step)
        asked = kim.writes(at=at, external_id=f"9{step}", parent_id="90" if step else None)
        talk = conversation_of(asked)
        clock = Clock.objects.exclude(kind="resolution").get(stopped_at=None)
        assert clock.policy_version
        judged.append(clock.policy_version.name)
        reply = brand_says(kim.channel, "hi", at=at + minutes(1), parent_id=asked.external_id)
        arrive(kim.channel, reply, at=at + minutes(1))
        said_at, ids = at + minutes(2), [talk.pk]
        if step == 1:
            set_priority(conversation_ids=ids, priority="high", by=agent, at=said_at)
        elif step == 2:
            change_flags(conversation=talk, add=[flag], by=agent, at=said_at)
        elif step == 3:
            change_tags(conversation_ids=ids, add=[tag], by=agent, at=said_at)
    assert judged == ["Rest", "Rest", "High", "VIPs", "Refunds of VIPs"]

    before = list(Clock.objects.order_by("id").values())
    rerun([conversation.pk for conversation in Conversation.objects.all()])
    assert list(Clock.objects.order_by("id").values()) == before


def test_receiving_asks_nothing_more_while_no_policy_asks_for_marks() -> None:
    channel = a_channel()
    counts = []
    for name, fields in (
        ("Rest", {}),
        ("Mentions", {"surface": "mention"}),
        ("High", {"priority": "high"}),
    ):
        saved(name, **fields)
        Kim(channel, author_id=f"warm {name}").writes()
        with CaptureQueriesContext(connection) as asked, _counting_sets() as sent:
            Kim(channel, author_id=name).writes()
        counts.append((len(asked), len(sent)))
    assert counts[0] == counts[1]
    assert counts[2][1] == counts[1][1] + 4, (
        "with whom it is, nobody else flags them, who is one with them, what was said"
    )


@contextmanager
def _counting_sets() -> Iterator[list[str]]:
    """Statements of `sets` go past Django's own cursor."""
    sent: list[str] = []
    send = sets.execute

    def counted(statement: Any, *parameters: object) -> list[tuple[Any, ...]]:
        sent.append(statement)
        return send(statement, *parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sets, "execute", counted)
        yield sent


def test_a_retired_tag_is_promised_by_no_new_policy() -> None:
    tag = save_label(kind=Tag, name="Refund", colour="red", by=None, at=YESTERDAY)
    kept = saved("Refunds", tag=tag)
    retire_label(label=tag, by=mia(), at=YESTERDAY)
    tag.refresh_from_db()
    with pytest.raises(DeskError, match="Refund is retired"):
        saved("More refunds", tag=tag)
    changed = said("Refunds", tag=tag, first_response_minutes=20)
    assert save_policy(said=changed, policy=kept.policy, by=None, at=NOON).version == 2


def test_whoever_is_due_first_comes_first_whatever_their_priority() -> None:
    """A low priority with a near due time goes before: its target keeps it from starving."""
    agent, channel = ana(capacity=1), a_channel()
    save_policy(
        said=said("High", priority="high", first_response_minutes=60, next_response_minutes=60),
        by=None,
        at=YESTERDAY,
    )
    saved("Rest", first_response_minutes=90, next_response_minutes=20)
    channel.team.mode = "pull"
    channel.team.save()
    talks = {}
    for name, priority in (("high", "high"), ("low", "low")):
        kim = Kim(channel, author_id=name)
        asked = kim.writes(at=NOON)
        talks[name] = conversation_of(asked)
        set_priority(conversation_ids=[talks[name].pk], priority=priority, by=agent, at=NOON)
        reply = brand_says(channel, "hi", at=NOON + minutes(1), parent_id=asked.external_id)
        arrive(channel, reply, at=NOON + minutes(1))
    for name, minute in (("high", 5), ("low", 30)):
        again = Kim(channel, author_id=name).says(
            "and?", at=NOON + minutes(minute), parent_id=talks[name].thread.thread_key
        )
        arrive(channel, again, at=NOON + minutes(minute))
    due = {
        clock.conversation_id: clock.due_at
        for clock in Clock.objects.filter(kind="next_response", stopped_at=None)
    }
    assert due == {
        talks["high"].pk: NOON + minutes(65),
        talks["low"].pk: NOON + minutes(50),
    }
    assert take_next(by=agent, at=NOON + minutes(31)) == talks["low"]
    talks["low"].refresh_from_db()
    assign(conversation=talks["low"], to=None, by=agent, at=NOON + minutes(32))
    Conversation.objects.update(returned_from=None)
    channel.team.mode = "push"
    channel.team.save()
    assert route_waiting(at=NOON + minutes(33)) == 1
    talks["low"].refresh_from_db()
    assert talks["low"].assignee == agent
