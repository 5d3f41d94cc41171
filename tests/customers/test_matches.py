"""Who is one person: decided by people, and taken back exactly, whatever happened in between."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Conversation, Message, Pin, Trace
from apps.conversations.operations import labelling, noting, pinning, pledging, replying
from apps.conversations.operations.matching import propose_matches
from apps.conversations.queries.memory import remember
from apps.conversations.queries.offering import borne_by
from apps.customers.models import CustomerFlag, Identity, Match
from apps.customers.operations import confirm, merge, name_customer, part, reject
from apps.labels.models import Flag
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, a_team, a_user, ana, conversation_of, minutes


def together() -> set[frozenset[int]]:
    """Who is one person now, as rows say."""
    people: dict[int, set[int]] = {}
    for identity in Identity.objects.all():
        people.setdefault(identity.customer_id, set()).add(identity.pk)
    return {frozenset(group) for group in people.values()}


def hanging_together(ids: list[int], pairs: list[tuple[int, int]]) -> set[frozenset[int]]:
    """Who is one person by what was decided and not taken back: nothing else counts."""
    groups = {i: {i} for i in ids}
    for left, right in pairs:
        joined = groups[left] | groups[right]
        for i in joined:
            groups[i] = joined
    return {frozenset(group) for group in groups.values()}


class TestAnyHistory(TestCase):
    """Random merges, partings and happenings."""

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=14))
    def test_who_is_whose_follows_from_what_stands_alone(
        self, steps: list[tuple[int, int, bool]]
    ) -> None:
        agent, channel = ana(capacity=500), a_channel()
        kims = [Kim(channel, author_id=f"k{n}", name=f"K{n}") for n in range(6)]
        first = [kim.writes(at=NOON + minutes(n)) for n, kim in enumerate(kims)]
        ids = [message.identity_id or 0 for message in first]
        born = dict(Identity.objects.values_list("id", "customer"))
        standing: dict[tuple[int, int], Match] = {}
        for number, (one, other, takes_apart) in enumerate(steps):
            if takes_apart and standing:
                pair = sorted(standing)[one % len(standing)]
                part(match=standing.pop(pair), reason="no", by=agent, at=NOON)
            else:
                left, right = sorted((ids[one], ids[other]))
                try:
                    with transaction.atomic():
                        standing[left, right] = merge(
                            one=Identity.objects.get(id=left),
                            other=Identity.objects.get(id=right),
                            reason="yes",
                            by=agent,
                            at=NOON,
                        )
                except DeskError:
                    pass
            kims[other].writes(at=NOON - timedelta(days=number))
            note = noting.note(
                conversation=conversation_of(first[one]), text=f"n{number}", by=agent, at=NOON
            )
            pledging.pledge(
                message=note, words=note.text, due_at=NOON + minutes(9), by=agent, at=NOON
            )
            assert together() == hanging_together(ids, list(standing))
        for match in standing.values():
            part(match=match, reason="all apart", by=agent, at=NOON)
        assert dict(Identity.objects.values_list("id", "customer")) == born
        assert not Identity.objects.filter(home__isnull=False).exists()
        for identity in Identity.objects.select_related("customer"):
            earliest = identity.messages.order_by("posted_at")[0].posted_at
            assert identity.customer.first_seen_at == earliest
            said = set(identity.pledges.values_list("message__conversation__identity", flat=True))
            assert said <= {identity.pk}


@pytest.fixture
def agent(db: None) -> User:
    return ana(capacity=500)


@pytest.fixture
def two(agent: User) -> tuple[Message, Message]:
    """Kim on one network, and somebody on another who gives the same address."""
    here = a_channel()
    there = a_channel("@acme_b")
    one = Kim(here).writes("write to kim@mail.example please")
    other = Kim(there, author_id="kimlee", name="Kim L.").writes("I am KIM@mail.example")
    return one, other


def proposed() -> Match:
    propose_matches(at=NOON + minutes(1))
    return Match.objects.get(state="proposed")


def test_the_same_address_is_proposed_with_where_it_stands(
    two: tuple[Message, Message], agent: User
) -> None:
    assert propose_matches(at=NOON + timedelta(seconds=5)) == 0
    match = proposed()
    assert match.evidence == [
        {"kind": "email", "value": "kim@mail.example", "messages": [two[0].pk, two[1].pk]}
    ]
    assert len(together()) == 2
    confirm(match=match, by=agent, at=NOON)
    assert len(together()) == 1
    with pytest.raises(Conflict):
        reject(match=match, by=agent, at=NOON)


def test_what_was_rejected_is_not_proposed_again(two: tuple[Message, Message], agent: User) -> None:
    reject(match=proposed(), by=agent, at=NOON)
    Kim(two[0].channel).writes("again: kim@mail.example", at=NOON + minutes(2))
    assert propose_matches(at=NOON + minutes(9)) == 0
    assert len(together()) == 2
    assert Event.objects.filter(kind="match_rejected", by_id=agent.pk).exists()


def test_what_many_tell_is_nobodys_own(two: tuple[Message, Message], agent: User) -> None:
    for number in range(3):
        Kim(two[0].channel, author_id=f"x{number}").writes("mail kim@mail.example")
    assert propose_matches(at=NOON + minutes(1)) == 0
    assert Trace.objects.count() == 5


def test_merging_needs_a_reason_and_two_people(two: tuple[Message, Message], agent: User) -> None:
    one, other = Identity.objects.order_by("id")
    with pytest.raises(DeskError, match="Say why"):
        merge(one=one, other=other, reason=" ", by=agent, at=NOON)
    merge(one=one, other=other, reason="she said so", by=agent, at=NOON)
    with pytest.raises(Conflict):
        merge(one=other, other=one, reason="she said so", by=agent, at=NOON)
    with pytest.raises(DeskError):
        merge(one=one, other=one, reason="same", by=agent, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.create(left=one, right=other, state="proposed")


def test_a_reply_goes_to_the_handle_it_answers_and_a_name_stays_where_it_was_given(
    two: tuple[Message, Message], agent: User
) -> None:
    one, other = Identity.objects.order_by("id")
    name_customer(customer=other.customer, name="Kim from Leeds", by=agent, at=NOON)
    match = merge(one=one, other=other, reason="she said so", by=agent, at=NOON)
    reply = replying.reply(
        conversation=conversation_of(two[1]), text="hi", by=agent, session_key="s", at=NOON
    )
    assert (reply.channel, reply.parent_id_there) == (two[1].channel, two[1].external_id)
    part(match=match, reason="another Kim", by=agent, at=NOON)
    other.refresh_from_db()
    assert other.customer.name == "Kim from Leeds"


def test_evidence_from_a_private_channel_is_shown_to_its_team_alone(
    two: tuple[Message, Message], agent: User
) -> None:
    proposed()
    told = conversation_of(two[1])
    Kim(a_channel("@open"), author_id=told.identity.external_id).writes("hello", at=NOON)
    channel = told.channel
    channel.team, channel.is_private = a_team("Legal"), True
    channel.save()

    customer = conversation_of(two[0]).identity.customer
    [shown] = remember(customer, user=agent).matches
    assert shown.evidence == []
    [theirs] = remember(customer, user=a_user("Lea Berg", role="admin")).matches
    assert theirs.evidence != []


def test_what_was_said_of_one_in_between_goes_with_them_when_they_come_apart(
    two: tuple[Message, Message], agent: User
) -> None:
    """Flags and pins, through a second merge that stands in between."""
    third = Kim(a_channel("@acme_c"), author_id="c", name="Cam").writes(at=NOON)
    kim, lee, cam = (conversation_of(message).identity for message in (*two, third))
    first = merge(one=kim, other=lee, reason="yes", by=agent, at=NOON)
    second = merge(one=lee, other=cam, reason="yes", by=agent, at=NOON)
    for number, said in enumerate((two[1], third)):
        flag = Flag.objects.create(name=f"f{number}", key=f"f{number}", colour="grey")
        labelling.change_flags(conversation=conversation_of(said), add=[flag], by=agent, at=NOON)
        note = noting.note(conversation=conversation_of(said), text="n", by=agent, at=NOON)
        pinning.pin(note=note, by=agent, at=NOON)
    assert borne() == {"kim": ["f0", "f1"], "kimlee": ["f0", "f1"], "c": ["f0", "f1"]}
    part(match=second, reason="no", by=agent, at=NOON)
    assert borne() == {"kim": ["f0"], "kimlee": ["f0"], "c": ["f1"]}
    part(match=first, reason="no", by=agent, at=NOON)
    assert borne() == {"kim": [], "kimlee": ["f0"], "c": ["f1"]}
    pins = Pin.objects.values_list("note__conversation__identity__external_id", flat=True)
    assert sorted(pins) == ["c", "kimlee"]


def borne() -> dict[str, list[str]]:
    """Return the flags of each person, which the rows of all their handles show."""
    talks = Conversation.objects.select_related("identity__customer")
    found = {
        talk.identity.external_id: sorted(
            CustomerFlag.objects.of(talk.identity.customer).values_list("flag__name", flat=True)
        )
        for talk in talks
    }
    in_rows = borne_by(talks)
    shown = {
        talk.identity.external_id: [flag.name for flag in in_rows.flags_of(talk.identity)]
        for talk in talks
    }
    assert shown == found
    return found
