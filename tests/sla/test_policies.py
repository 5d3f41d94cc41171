"""Who promises what: the order of policies, their versions, and who may decide."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction

from apps.agents.models import Team
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Clock
from apps.ledger.models import Event
from apps.sla.models import BusinessHours, Policy, PolicyVersion
from apps.sla.operations import move_policy, retire_policy, save_business_hours, save_policy
from apps.sla.queries import present_policies
from tests.people import NOON, Kim, a_channel, a_team, a_user, arrive, brand_says, mia, minutes

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
    move_policy(policy=fast.policy, up=True, by=admin, at=NOON)
    move_policy(policy=fast.policy, up=True, by=admin, at=NOON)
    assert [one.name for one in present_policies()] == ["Fast", "Slow"]
    assert slow.policy.versions.count() == 2

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
        lambda policy, by: move_policy(policy=policy, up=True, by=by, at=NOON),
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
