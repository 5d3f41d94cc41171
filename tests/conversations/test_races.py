"""Sixteen workers receive, route, take, come and go at once: never two, never too much, in time.

In each round 200 customers write to ten agents who can take 21 each. In its first half people go
off, come back and take by hand, over capacity too; in its second half routers race alone.
Ten rounds are what the desk promises: `make soak`.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.utils import timezone

from apps.agents.models import Presence, User
from apps.agents.operations import choose
from apps.channels.models import Channel
from apps.common import sets
from apps.common.errors import DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, returning, routing
from apps.conversations.operations.receiving import Arrival, receive
from apps.ledger.models import Event
from tests.people import Kim, a_channel, a_team, a_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.alone]

WORKERS, CUSTOMERS, AGENTS, CAPACITY = 16, 200, 10, 21
MAY_LEAVE = 4  # so few that nobody has more than their share when all are back
SECONDS = 5.0


@dataclass
class Round:
    """One round: who writes where, and how long each waited until the desk had given them out."""

    number: int
    agents: Sequence[User]
    channels: Sequence[Channel]
    waits: list[float] = field(default_factory=list)
    over: list[tuple[object, ...]] = field(default_factory=list)
    half: threading.Barrier = field(default_factory=lambda: threading.Barrier(WORKERS))

    def work(self, worker: int) -> None:
        """Receive this worker's share one by one; in the first half do as people do, too."""
        chance = random.Random(f"{self.number} {worker}")
        mine = range(worker, CUSTOMERS, WORKERS)
        try:
            for turn, customer in enumerate(mine):
                if turn == len(mine) // 2:
                    self._come_back(worker)
                    self.half.wait(timeout=60)
                self._write(customer)
                if turn < len(mine) // 2:
                    self._be_a_person(worker, chance)
        finally:
            connection.close()

    def _write(self, customer: int) -> None:
        channel = self.channels[customer % len(self.channels)]
        kim = Kim(channel, author_id=f"r{self.number}c{customer}")
        began = time.monotonic()
        now = timezone.now()
        receive([Arrival(channel, kim.says("help", at=now))], at=now)
        self.waits.append(time.monotonic() - began)

    def _be_a_person(self, worker: int, chance: random.Random) -> None:
        agent = self.agents[worker % AGENTS]
        now = timezone.now()
        match chance.randrange(4):
            case 0 if worker % AGENTS < MAY_LEAVE:
                choose(user=agent, standing=Presence.Standing.OFF, at=now)
                returning.hand_back(at=now)
            case 1:
                choose(user=agent, standing=Presence.Standing.ON, at=now)
            case 2:
                with suppress(DeskError):  # nothing waits just now
                    assigning.take_next(by=agent, at=now)
            case _:
                theirs = Conversation.objects.open().exclude(assignee=agent).order_by("?").first()
                if theirs is not None:
                    assigning.assign(conversation=theirs, to=agent, by=agent, at=now)

    def _come_back(self, worker: int) -> None:
        choose(user=self.agents[worker % AGENTS], standing=Presence.Standing.ON, at=timezone.now())

    def sweep(self, stop: threading.Event) -> None:
        """Give out what waits, as the scheduler does, and look for anybody with too much."""
        try:
            while not stop.wait(0.25):
                routing.route_waiting(at=timezone.now())
                self.over += over_capacity()
        finally:
            connection.close()


def over_capacity() -> list[tuple[object, ...]]:
    """Agents with more than their capacity, none of it marked as a person's own decision."""
    return sets.execute(
        """
        SELECT agent.name, sum(conversation.weight), agent.capacity
        FROM agents_user agent
        JOIN conversations_conversation conversation
            ON conversation.assignee_id = agent.id AND conversation.state = 'open'
        GROUP BY agent.id
        HAVING sum(conversation.weight) > agent.capacity
           AND NOT bool_or(strpos(conversation.assigned_because, 'over capacity') > 0)
        """
    )


@contextmanager
def sweeping(one: Round) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=one.sweep, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("rounds", [3, pytest.param(10, marks=pytest.mark.soak)])
def test_sixteen_workers_give_every_conversation_to_one_agent_with_room_in_time(
    rounds: int,
) -> None:
    agents = [a_user(f"Agent{n} Race", team=a_team(), capacity=CAPACITY) for n in range(AGENTS)]
    channels = [a_channel(f"@race{n}") for n in range(4)]
    for number in range(rounds):
        one = Round(number, agents, channels)
        with sweeping(one):
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(one.work, range(WORKERS)))
            last = time.monotonic()
            while Conversation.objects.open().filter(assignee=None).exists():
                assert time.monotonic() - last <= SECONDS, "somebody still has nobody"
                time.sleep(0.05)
        assert len(one.waits) == CUSTOMERS
        assert max(one.waits) <= SECONDS
        assert one.over == []
        assert Conversation.objects.open().count() == CUSTOMERS
        assert spread(agents) <= 1
        nobody_had_two_assignees()
        Conversation.objects.update(state=Conversation.State.RESOLVED)
    assert Event.objects.filter(kind="returned").exists()
    assert Event.objects.filter(kind="assigned", by_id__isnull=False).exists()


def spread(agents: Sequence[User]) -> int:
    """The most and the least that an agent has, but those who took more by their own decision."""
    given = Conversation.objects.open()
    loads = Counter(given.values_list("assignee_id", flat=True))
    theirs = given.filter(assigned_because__contains="over capacity")
    decided = set(theirs.values_list("assignee_id", flat=True))
    counted = [loads[agent.pk] for agent in agents if agent.pk not in decided]
    return max(counted) - min(counted)


def nobody_had_two_assignees() -> None:
    """No router gave what somebody had; only a person's decision takes it from them."""
    holders: dict[int, int | None] = {}
    kinds = ["assigned", "returned", "unassigned"]
    for event in Event.objects.filter(kind__in=kinds).order_by("id"):
        assert event.conversation_id is not None
        if event.kind == "assigned":
            assert event.by_id or holders.get(event.conversation_id) is None, event
            holders[event.conversation_id] = event.user_id
        else:
            assert holders[event.conversation_id] == event.user_id, event
            holders[event.conversation_id] = None
    assert holders == dict(Conversation.objects.values_list("id", "assignee_id"))
