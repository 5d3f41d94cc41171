"""Playing the scripts: talks take their turns in time, and the floor decides who answers."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from apps.agents.models import User
from socialdesk.demo import pace
from socialdesk.demo.floor import Floor
from socialdesk.demo.happenings import Account, Choice, Decided, Happening, Said, Talk
from socialdesk.demo.script import Sign, Turn

ONLY_THANKS = (
    "Only a thank-you.",
    "Thanked us, nothing left open.",
    "Says it works now.",
    "Friendly last word, no question in it.",
)
THANKS_LEFT_OUT = 0.35
WELCOMES = 0.4
CLOSED_AT_ONCE = 0.7
HAND_OVER_SECONDS = 200.0


class Play:
    """Everything that happens, in the order in which the desk hears of it."""

    def __init__(
        self,
        floor: Floor,
        *,
        begins: datetime,
        ends: datetime,
        tongues: dict[User, tuple[str, ...]],
        paces: dict[User, float],
        mia: User,
    ) -> None:
        self.floor = floor
        self.happenings: list[Happening] = []
        self.mia = mia
        self.rush: tuple[datetime, datetime] = (ends, ends)
        self._begins = begins
        self._ends = ends
        self._tongues = tongues
        self._paces = paces
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = count()

    def at(self, instant: datetime, do: Callable[[datetime], None]) -> None:
        """Have something done when its time has come."""
        heapq.heappush(self._agenda, (instant, next(self._numbers), do))

    def run(self, until: datetime) -> None:
        """Play everything up to an instant."""
        while self._agenda and self._agenda[0][0] <= until:
            instant, _, do = heapq.heappop(self._agenda)
            do(instant)

    def forget_the_rest(self) -> None:
        """Whatever was to come later doesn't: people fall silent, answers are still owed."""
        self._agenda.clear()

    def begin(self, talk: Talk, at: datetime) -> None:
        """Let a customer begin to write at that instant, or begin again."""
        self.at(at, partial(self._take_turn, talk))

    def post_as_brand(self, account: Account, text: str, language: str, at: datetime) -> Said:
        """The brand writes to everybody, outside the desk."""
        said = Said(
            account, account.person, text, language, at, at + timedelta(seconds=1), None, None
        )
        self.happenings.append(said)
        return said

    def assign(self, talk: Talk, *, by: User, to: User | None, at: datetime) -> None:
        """A person decides who has it."""
        choice = Choice.RELEASE if to is None else Choice.ASSIGN
        over = "" if to is None or to == talk.assignee else self.floor.over(to)
        self.happenings.append(Decided(choice, talk, by, at, to=to, over=over))
        self.floor.hand(talk, to=to, at=at)

    def resolve(self, talk: Talk, at: datetime, *, reason: str = "") -> None:
        """Whoever has it closes it; where the customer still waits, with a reason."""
        if talk.assignee is None or not talk.is_open:
            return
        self.happenings.append(Decided(Choice.RESOLVE, talk, talk.assignee, at, reason))
        self.floor.close(talk)

    def _take_turn(self, talk: Talk, at: datetime) -> None:
        turn = talk.script.turns[talk.played]
        if turn.sign in {Sign.CUSTOMER, Sign.THANKS}:
            self._customer_writes(talk, turn, at)
        elif talk.assignee is None:
            self._find_somebody(talk, at)
            return
        elif turn.sign is Sign.COLLEAGUE:
            self._colleague_answers(talk, talk.assignee, turn.texts, at)
        elif turn.sign is Sign.NOTE:
            self._colleague_notes(talk, talk.assignee, turn, at)
        else:
            self._no_reply(talk, talk.assignee, turn, at)
            return
        talk.played += 1
        self._plan_next(talk, at)

    def _find_somebody(self, talk: Talk, at: datetime) -> None:
        """All hands were full when it came: the manager looks for one that no longer is."""
        free = [agent for agent in self.floor.team(talk) if self.floor.has_room(agent)]
        if free:
            to = min(free, key=self.floor.fullness)
            self.assign(talk, by=self.mia, to=to, at=at)
        later = at + timedelta(minutes=talk.chance.uniform(2, 7))
        self.at(later, partial(self._take_turn, talk))

    def _customer_writes(self, talk: Talk, turn: Turn, at: datetime) -> None:
        answered_by = talk.assignee.first_name if talk.assignee else ""
        text = talk.wording.fill(talk.wording.choose(turn.texts), at=at, agent=answered_by)
        text = talk.customer.styled(text, talk.chance)
        parent = talk.last or talk.joins
        if parent is None:
            text = _spoken_to(text, talk)
        said = self._said(talk, text, at, parent=parent)
        self.floor.hears(said, talk)
        talk.first = talk.first or said
        talk.last = said
        if said.given and self._is_lost_in(talk, said.given.to):
            later = at + timedelta(seconds=talk.chance.uniform(40, HAND_OVER_SECONDS - 20))
            self.at(later, partial(self._hand_over, talk))

    def _colleague_answers(self, talk: Talk, agent: User, texts: list[str], at: datetime) -> None:
        text = talk.wording.fill(talk.wording.choose(texts), at=at, agent=agent.first_name)
        said = self._said(talk, f"{text} {agent.signature}", at, parent=talk.last)
        said.author, said.by = talk.account.person, agent
        talk.last = said
        talk.waits = False

    def _colleague_notes(self, talk: Talk, agent: User, turn: Turn, at: datetime) -> None:
        text = talk.wording.fill(talk.wording.choose(turn.texts), at=at)
        self.happenings.append(Decided(Choice.NOTE, talk, agent, at, text))

    def _no_reply(self, talk: Talk, agent: User, turn: Turn, at: datetime) -> None:
        """Most are closed at once; some stay open for a while, should the person write again."""
        reason = talk.wording.choose(turn.texts)
        if talk.chance.random() < CLOSED_AT_ONCE:
            self.resolve(talk, at, reason=reason)
            return
        self.happenings.append(Decided(Choice.DISMISS, talk, agent, at, reason))
        talk.waits = False
        later = at + timedelta(hours=talk.chance.uniform(5, 30))
        self.at(later, partial(self.resolve, talk))

    def _said(self, talk: Talk, text: str, at: datetime, *, parent: Said | None) -> Said:
        """`at` is when the desk hears of it."""
        written_at = at - pace.lag(talk.chance)
        said = Said(
            talk.account,
            talk.customer.person,
            text,
            talk.script.language,
            written_at,
            at,
            parent,
            talk,
        )
        self.happenings.append(said)
        return said

    def _plan_next(self, talk: Talk, at: datetime) -> None:
        turns = talk.script.turns
        if talk.played == talk.silent_after:
            return
        if _keeps_quiet(talk):
            talk.played = len(turns)
        if talk.played >= len(turns):
            self._plan_the_end(talk, at)
            return
        seconds = self._seconds_until(talk, turns[talk.played], turns[talk.played - 1], at)
        self.at(at + timedelta(seconds=seconds), partial(self._take_turn, talk))

    def _plan_the_end(self, talk: Talk, at: datetime) -> None:
        """Some answer a thank-you, others close on it; half of all talks are closed later."""
        if talk.waits and talk.chance.random() < WELCOMES and talk.script.welcome:
            seconds = self._answer_seconds(talk, at, is_first=False)
            self.at(at + timedelta(seconds=seconds), partial(self._say_welcome, talk))
            return
        reason = talk.chance.choice(ONLY_THANKS) if talk.waits else ""
        hours = 0 if talk.waits else talk.chance.choice((0, talk.chance.uniform(1, 14)))
        later = at + timedelta(hours=hours, minutes=talk.chance.uniform(1, 25))
        self.at(later, partial(self.resolve, talk, reason=reason))

    def _say_welcome(self, talk: Talk, at: datetime) -> None:
        if talk.assignee is not None:
            self._colleague_answers(talk, talk.assignee, talk.script.welcome, at)
            self._plan_the_end(talk, at)

    def _seconds_until(self, talk: Talk, turn: Turn, last: Turn, at: datetime) -> float:
        if talk.played < len(talk.pauses):
            return 60 * talk.pauses[talk.played]
        if turn.pause is not None:
            return turn.pause.total_seconds() * talk.chance.uniform(0.8, 1.2)
        match turn.sign:
            case Sign.NOTE:
                return talk.chance.uniform(20, 90)
            case Sign.COLLEAGUE | Sign.REASON:
                return self._answer_seconds(talk, at, is_first=_is_unanswered(talk))
            case _ if last.sign is Sign.CUSTOMER:
                return talk.chance.uniform(25, 150)
            case _:
                return pace.reaction_seconds(talk.chance)

    def _answer_seconds(self, talk: Talk, at: datetime, *, is_first: bool) -> float:
        agent = talk.assignee
        factor = talk.account.pace * (self._paces[agent] if agent else 1.0)
        if not is_first:
            factor *= 0.65
        if self.rush[0] <= at <= self.rush[1]:
            factor *= 3.2
        progress = (at - self._begins) / (self._ends - self._begins)
        seconds = pace.answer_seconds(
            talk.chance, progress=progress, factor=factor, at=at, may_be_missed=is_first
        )
        lost = is_first and agent is not None and self._is_lost_in(talk, agent)
        return seconds + HAND_OVER_SECONDS if lost else seconds

    def _is_lost_in(self, talk: Talk, agent: User) -> bool:
        return talk.script.language not in {"en", *self._tongues[agent]}

    def _hand_over(self, talk: Talk, at: datetime) -> None:
        """To a colleague of the team who speaks the customer's language and has room."""
        if talk.assignee is None or not talk.is_open:
            return
        speakers = [
            colleague
            for colleague in self.floor.team(talk)
            if not self._is_lost_in(talk, colleague) and self.floor.has_room(colleague)
        ]
        if speakers:
            to = min(speakers, key=self.floor.fullness)
            self.assign(talk, by=talk.assignee, to=to, at=at)


def _keeps_quiet(talk: Talk) -> bool:
    """Whether what would come next is a thank-you that this customer leaves out."""
    return (
        talk.silent_after is None
        and talk.played < len(talk.script.turns)
        and talk.script.turns[talk.played].sign is Sign.THANKS
        and talk.chance.random() < THANKS_LEFT_OUT
    )


def _is_unanswered(talk: Talk) -> bool:
    return not any(turn.sign is Sign.COLLEAGUE for turn in talk.script.turns[: talk.played])


def _spoken_to(text: str, talk: Talk) -> str:
    """A first post names the brand, or the brand would never hear of it."""
    handle = f"@{talk.account.person.handle}"
    if handle in text:
        return text
    # In front it would turn a text that runs from right to left.
    behind = talk.script.language in {"ar", "he"} or talk.chance.random() < 0.2
    return f"{text} {handle}" if behind else f"{handle} {text}"
