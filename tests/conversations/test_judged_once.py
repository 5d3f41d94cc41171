"""The match made when a wait opens stays, whoever is taken for one person afterwards."""

from random import Random

import pytest

from apps.conversations.clocks import rerun
from apps.conversations.models import Clock, Conversation
from apps.conversations.operations.deciding_matches import merge, part
from apps.conversations.operations.labelling import change_flags
from apps.customers.models import Identity, Match
from apps.labels.models import Flag
from apps.labels.operations import save_label
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.people import NOON, Kim, a_channel, ana, arrive, conversation_of, minutes

pytestmark = pytest.mark.django_db

YESTERDAY = NOON - minutes(24 * 60)
PEOPLE = 4


@pytest.fixture
def vip() -> Flag:
    flag = save_label(kind=Flag, name="VIP", colour="red", by=None, at=YESTERDAY)
    for said in (
        PolicyVersion(name="VIPs", flag=flag, first_response_minutes=5),
        PolicyVersion(name="Rest", first_response_minutes=60),
    ):
        save_policy(said=said, by=None, at=YESTERDAY)
    return flag


def judged_by(conversation: Conversation) -> str:
    version = Clock.objects.get(conversation=conversation, kind="first_response").policy_version
    assert version
    return version.name


def assert_judged_as_before() -> None:
    before = list(Clock.objects.order_by("id").values())
    rerun([conversation.pk for conversation in Conversation.objects.all()])
    assert list(Clock.objects.order_by("id").values()) == before


def test_a_flag_reaches_over_everybody_who_was_one_person_then(vip: Flag) -> None:
    agent, channel = ana(), a_channel()
    kims = [Kim(channel, author_id=f"k{n}") for n in range(3)]
    first = [conversation_of(kim.writes(at=NOON)) for kim in kims]
    people = [conversation.identity for conversation in first]
    change_flags(conversation=first[2], add=[vip], by=agent, at=NOON + minutes(1))
    for one, other in ((0, 1), (1, 2)):
        at = NOON + minutes(2)
        merge(one=people[one], other=people[other], reason="same", by=agent, at=at)
    joined = conversation_of(kims[0].writes(at=NOON + minutes(3)))
    part(match=Match.objects.latest("id"), reason="not he", by=agent, at=NOON + minutes(4))
    parted = conversation_of(kims[0].writes(at=NOON + minutes(5)))
    heard_late = kims[0].says("late", at=NOON + minutes(3.5), external_id="late")
    arrive(channel, heard_late, at=NOON + minutes(9))
    late = Conversation.objects.latest("id")

    expected = ["Rest", "VIPs", "Rest", "VIPs"]
    assert [judged_by(one) for one in (first[0], joined, parted, late)] == expected
    assert_judged_as_before()


def test_who_was_heard_before_a_decision_is_not_judged_by_it(vip: Flag) -> None:
    """Also where the decision was asked for first, and had to wait for what was just received."""
    agent, channel = ana(), a_channel()
    other = conversation_of(Kim(channel, author_id="other").writes(at=NOON))
    change_flags(conversation=other, add=[vip], by=agent, at=NOON + minutes(1))
    own = conversation_of(Kim(channel).writes(at=NOON + minutes(3)))
    asked_at = NOON + minutes(2)
    match = merge(one=own.identity, other=other.identity, reason="same", by=agent, at=asked_at)
    assert match.decided_at == NOON + minutes(3)
    assert judged_by(own) == "Rest"
    assert_judged_as_before()


@pytest.mark.parametrize("seed", range(6))
def test_no_history_of_flags_and_decisions_judges_a_wait_twice(vip: Flag, seed: int) -> None:
    chance, agent, channel = Random(seed), ana(capacity=500), a_channel()
    kims = [Kim(channel, author_id=f"k{n}") for n in range(PEOPLE)]
    talks = [conversation_of(kim.writes(at=NOON)) for kim in kims]
    for step in range(25):
        at = NOON + minutes(step + chance.choice([-0.5, 0, 0.5]))
        one, other = chance.sample(range(PEOPLE), 2)
        identities = Identity.objects.in_bulk([talks[one].identity_id, talks[other].identity_id])
        left, right = sorted(identities.values(), key=lambda identity: identity.pk)
        standing = list(Match.objects.filter(state="confirmed").order_by("id"))
        match chance.choice(["writes", "writes", "flag", "unflag", "merge", "part"]):
            case "writes":
                posted_at = at + minutes(chance.choice([-4, 0, 0, 4]))
                arrive(channel, kims[one].says("hi", at=posted_at, external_id=f"m{step}"), at=at)
            case "flag":
                change_flags(conversation=talks[one], add=[vip], by=agent, at=at)
            case "unflag":
                change_flags(conversation=talks[one], remove=[vip], by=agent, at=at)
            case "merge" if left.customer_id != right.customer_id:
                merge(one=left, other=right, reason="same", by=agent, at=at)
            case "part" if standing:
                part(match=chance.choice(standing), reason="no", by=agent, at=at)
    assert {clock.policy_version_id for clock in Clock.objects.all()}
    assert_judged_as_before()
