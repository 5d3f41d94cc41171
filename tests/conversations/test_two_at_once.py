"""Many people and routers at the same moment, on real connections."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Clock, Conversation, Message
from apps.conversations.operations import (
    assigning,
    replying,
    resolving,
    returning,
    routing,
    snoozing,
)
from apps.conversations.operations.receiving import Arrival, receive
from apps.ledger.models import Event
from tests.people import NOON, Kim, a_channel, a_team, a_user, ana, ben, conversation_of, minutes

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that start together; a refusal is returned, not raised."""
    start = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        start.wait()
        try:
            return action()
        except DeskError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_two_who_take_at_once_never_both_get_it() -> None:
    agents = [ana(capacity=0), ben(capacity=0), a_user("Chi Okafor", team=a_team(), capacity=0)]
    for n in range(10):
        conversation = conversation_of(Kim(a_channel(f"@c{n}"), author_id=f"p{n}").writes())
        answers = at_once(
            *[
                partial(assigning.take, conversation=conversation, by=user, at=NOON + minutes(1))
                for user in agents
            ]
        )
        assert sum(isinstance(answer, Conflict) for answer in answers) == 2
        conversation.refresh_from_db()
        taken = Event.objects.filter(kind="assigned", conversation_id=conversation.pk)
        assert [event.user_id for event in taken] == [conversation.assignee_id]


def test_a_storm_on_many_channels_at_once_keeps_every_agent_within_capacity() -> None:
    agents = [a_user(f"Agent{n} X{n}", team=a_team(), capacity=7) for n in range(4)]
    channels = [a_channel(f"@c{n}") for n in range(6)]

    def storm(number: int) -> None:
        channel = channels[number]
        for n in range(10):
            message = Kim(channel, author_id=f"p{number}-{n}").says("help", at=NOON)
            receive([Arrival(channel, message)], at=NOON)

    at_once(*[partial(storm, n) for n in range(6)])
    given = Conversation.objects.filter(assignee__isnull=False)
    assert Conversation.objects.count() - given.count() == 60 - 28
    loads = Counter(given.values_list("assignee_id", flat=True))
    assert loads == {agent.pk: 7 for agent in agents}


def test_a_person_who_takes_and_a_router_that_assigns_never_both_win() -> None:
    agent, colleague = ana(capacity=100), ben(capacity=0)
    for n in range(10):
        User.objects.filter(id=agent.pk).update(capacity=0)
        conversation = conversation_of(Kim(a_channel(f"@c{n}"), author_id=f"p{n}").writes())
        User.objects.filter(id=agent.pk).update(capacity=100)
        at_once(
            partial(assigning.take, conversation=conversation, by=colleague, at=NOON),
            partial(routing.route, conversation_ids=[conversation.pk], at=NOON),
        )
        assert Event.objects.filter(kind="assigned", conversation_id=conversation.pk).count() == 1


def test_who_keeps_it_and_the_timer_that_takes_it_back_never_both_win() -> None:
    agent = ana(capacity=100)
    for n in range(10):
        conversation = conversation_of(Kim(a_channel(f"@c{n}"), author_id=f"p{n}").writes())
        at_once(
            partial(assigning.keep, by=agent, at=NOON + minutes(11)),
            partial(returning.return_unopened, at=NOON + minutes(11)),
        )
        conversation.refresh_from_db()
        [won] = Event.objects.filter(
            kind__in=["kept", "returned"], conversation_id=conversation.pk
        ).values_list("kind", flat=True)
        assert won == ("kept" if conversation.assignee == agent else "returned")


def test_two_who_take_the_next_at_once_get_two_different_ones() -> None:
    agents = [ana(capacity=0), ben(capacity=0)]
    channels = [a_channel(f"@c{n}") for n in range(10)]
    for n in range(10):
        for who in ("a", "b"):
            Kim(channels[n], author_id=f"{who}{n}").writes()
        taken = at_once(
            *[partial(assigning.take_next, by=user, at=NOON + minutes(1)) for user in agents]
        )
        assert len(set(taken)) == 2
        assert not Conversation.objects.filter(assignee=None).exists()


def test_the_same_thread_from_many_sides_at_once_is_one_thread() -> None:
    channel = a_channel()
    ana(capacity=50)
    for round_number in range(8):
        base = round_number * 10 + 10
        people = [Kim(channel, author_id=f"p{n}") for n in range(3)]
        said = [
            people[0].says("root", at=NOON, external_id=f"{base}"),
            people[1].says("a", at=NOON, external_id=f"{base + 1}", parent_id=f"{base}"),
            people[2].says("b", at=NOON, external_id=f"{base + 2}", parent_id=f"{base + 1}"),
            people[1].says("c", at=NOON, external_id=f"{base + 3}", parent_id=f"{base + 2}"),
        ]
        at_once(*[partial(receive, [Arrival(channel, message)], at=NOON) for message in said])
        threads = set(
            Message.objects.filter(external_id__startswith=f"{round_number + 1}").values_list(
                "thread__thread_key", flat=True
            )
        )
        assert threads == {f"{base}"}
    assert Conversation.objects.filter(merged_into__isnull=True).count() == 8 * 3


def test_a_resolve_and_a_new_message_at_once_never_bury_the_message() -> None:
    agent = ana(capacity=50)
    channel = a_channel()
    for n in range(10):
        kim = Kim(channel, author_id=f"p{n}")
        conversation = conversation_of(kim.writes(at=NOON, external_id=f"{n}00"))
        later = kim.says("wait", at=NOON + minutes(5), external_id=f"{n}01", parent_id=f"{n}00")
        at_once(
            partial(
                resolving.resolve,
                conversation=conversation,
                by=agent,
                at=NOON + minutes(6),
                no_reply_needed="done",
            ),
            partial(receive, [Arrival(channel, later)], at=NOON + minutes(6)),
        )
        conversation.refresh_from_db()
        resolved_first = conversation.state == "open"
        assert resolved_first == (conversation.unseen_since is not None)
        if not resolved_first:
            clock = Clock.objects.get(conversation=conversation, kind="first_response")
            assert clock.stop == "no_reply_needed"


def test_a_double_click_on_send_is_one_decision() -> None:
    agent = ana(undo_seconds=0)
    conversation = conversation_of(Kim(a_channel()).writes())

    def send() -> Message:
        return replying.reply(
            conversation=conversation,
            text="Hi Kim",
            by=agent,
            session_key="s",
            at=NOON + timedelta(seconds=30),
            once="the form's own token",
        )

    answers = at_once(send, send, send)
    assert Message.objects.filter(direction="outbound").count() == 1
    assert {answer.pk for answer in answers if isinstance(answer, Message)} == {
        Message.objects.get(direction="outbound").pk
    }


def test_two_sweeps_and_customers_who_write_wake_each_conversation_once() -> None:
    agent = ana(capacity=100)
    channel = a_channel()
    kims = [Kim(channel, author_id=f"p{n}") for n in range(20)]
    put_off = [conversation_of(k.writes(external_id=k.author_id)) for k in kims]
    for conversation in put_off:
        snoozing.snooze(conversation=conversation, until=NOON + minutes(9), by=agent, at=NOON)

    def hear(number: int) -> None:
        for kim in kims[number::2]:
            again = kim.says("and?", at=NOON + minutes(9), parent_id=kim.author_id)
            receive([Arrival(channel, again)], at=NOON + minutes(9))

    sweep = partial(snoozing.wake_due, at=NOON + minutes(9))
    at_once(sweep, partial(hear, 0), sweep, partial(hear, 1))
    snoozing.wake_due(at=NOON + minutes(9))
    assert not Conversation.objects.snoozed().exists()
    ends = Counter(
        Event.objects.filter(kind__in=["woke", "reopened"]).values_list(
            "conversation_id", flat=True
        )
    )
    assert ends == {conversation.pk: 1 for conversation in put_off}
