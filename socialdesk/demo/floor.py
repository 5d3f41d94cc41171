"""Who has what at each moment of the play: the desk's assignment, thought through in memory.

It follows `apps/conversations/operations/choosing.py` to the word, as far as a team goes that asks
neither who knows a customer nor who writes their language; the desk's own `Seat` says who is next.
A test plays the same happenings through both.
"""

from collections.abc import Iterable
from datetime import datetime

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.operations.assigning import over_capacity
from apps.conversations.operations.seats import Seat
from socialdesk.demo.happenings import Given, Said, Talk


class Floor:
    """The agents of every team, and the open talks each of them has."""

    def __init__(self, agents: dict[int, list[User]]) -> None:
        self._agents = agents
        self._open: dict[User, list[Talk]] = {
            agent: [] for team in agents.values() for agent in team
        }
        self._given: dict[User, list[Talk]] = {agent: [] for agent in self._open}

    def hears(self, said: Said, talk: Talk) -> None:
        """A customer's message: it opens or wakes the talk, and gives it to somebody."""
        said.opened = talk.last is None
        said.reopened = not talk.is_open and not said.opened
        talk.is_open = talk.waits = True
        if said.reopened:
            self._wake(talk)
            said.kept_by = talk.assignee
        if talk.assignee is None:
            said.given = self._route(talk, at=said.heard_at)

    def hand(self, talk: Talk, *, to: User | None, at: datetime) -> None:
        """A colleague gives it to another, or back to the queue."""
        self._leave(talk)
        if to is None:
            talk.returned_from, talk.assignee, talk.assigned_at = talk.assignee, None, None
        else:
            self._sit(talk, to, at)

    def close(self, talk: Talk) -> None:
        """It is resolved; whoever had it is still named on it."""
        self._leave(talk)
        talk.is_open = talk.waits = False

    def team(self, talk: Talk) -> list[User]:
        """Those who may answer it."""
        return self.agents_of(talk.account.channel)

    def agents_of(self, channel: Channel) -> list[User]:
        """Those who answer a channel."""
        return self._agents[channel.team_id]

    @property
    def everybody(self) -> list[User]:
        """All agents of all teams."""
        return list(self._open)

    def has_room(self, agent: User) -> bool:
        """Whether they may be given more."""
        return self._seat(agent).has_room()

    def over(self, agent: User) -> str:
        """What is said of a decision to give them one more, where that is too many."""
        return over_capacity(agent, load=len(self._open[agent]), weight=1)

    def fullness(self, agent: User) -> float:
        """How much of what they can take they have, 0 to 1."""
        return len(self._open[agent]) / agent.capacity

    def free_places(self, agents: Iterable[User]) -> int:
        """How many talks could still be given to these agents."""
        return sum(agent.capacity - len(self._open[agent]) for agent in agents)

    def talks_of(self, agent: User) -> list[Talk]:
        """Their open talks, in the order in which they got them."""
        return list(self._open[agent])

    def _wake(self, talk: Talk) -> None:
        """The same assignee where there is room, else nobody yet."""
        if talk.assignee is not None and self._seat(talk.assignee).has_room():
            self._open[talk.assignee].append(talk)
        else:
            talk.assignee = talk.assigned_at = talk.returned_from = None

    def _route(self, talk: Talk, *, at: datetime) -> Given | None:
        seats = {agent: self._seat(agent) for agent in self.team(talk)}
        free = [
            agent
            for agent, seat in seats.items()
            if seat.has_room() and agent != talk.returned_from
        ]
        if not free:
            return None
        agent = min(free, key=lambda agent: seats[agent].fullness)
        self._sit(talk, agent, at)
        load = seats[agent].load
        return Given(agent, f"Least loaded on shift: {load} of {agent.capacity} before this one.")

    def _seat(self, agent: User) -> Seat:
        given = [
            talk.assigned_at
            for talk in self._given[agent]
            if talk.assignee is agent and talk.assigned_at
        ]
        return Seat(agent.pk, agent.capacity, len(self._open[agent]), max(given, default=None))

    def _sit(self, talk: Talk, agent: User, at: datetime) -> None:
        talk.assignee, talk.assigned_at, talk.returned_from = agent, at, None
        self._open[agent].append(talk)
        self._given[agent].append(talk)

    def _leave(self, talk: Talk) -> None:
        if talk.assignee is not None and talk in self._open[talk.assignee]:
            self._open[talk.assignee].remove(talk)
