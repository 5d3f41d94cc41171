"""Playing the script against a running desk."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from socialdesk.simulation.script import Line, reply
from socialdesk.simulation.visitor import Place, SquareError, UnreachableError, Visitor

LOOK_EVERY_SECONDS = 1.0
LOOKS_A_TURN = 5
LONGEST_WATCH = 200
MOST_REPLIES = 2


@dataclass(slots=True)
class Figures:
    """What happened so far."""

    posts: int = 0
    answers: int = 0
    replies: int = 0
    away: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Talk:
    """A thread a customer keeps an eye on."""

    line: Line
    last: Place
    replies: int = 0


class Simulation:
    """Customers who write by a script and now and then reply to the desk's answers."""

    def __init__(self, visitor: Visitor, *, seed: int, name: str) -> None:
        self.figures = Figures()
        self._visitor = visitor
        self._seed = seed
        self._nonces = (f"{name} {number}" for number in count())
        self._talks: deque[_Talk] = deque(maxlen=LONGEST_WATCH)

    def play(self, lines: Iterator[Line], *, seconds: float, show: Callable[[], None]) -> None:
        """Write each line at its time until the time is over, and reply in between."""
        began = time.monotonic()
        due = 0.0
        for line in lines:
            due += line.pause
            self._wait(began + min(due, seconds), show)
            if due >= seconds:
                return
            self._begin(line)
            show()

    def _wait(self, until: float, show: Callable[[], None]) -> None:
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY_SECONDS))
            self._look_around()
            show()

    def _begin(self, line: Line) -> None:
        place = self._say(line, text=line.text, parent=None)
        if place is not None:
            self.figures.posts += 1
            self._talks.append(_Talk(line, place))

    def _look_around(self) -> None:
        """Look at a few of the threads, the longest unseen first."""
        for _ in range(min(LOOKS_A_TURN, len(self._talks))):
            talk = self._talks.popleft()
            if self._goes_on(talk):
                self._talks.append(talk)

    def _goes_on(self, talk: _Talk) -> bool:
        """Reply if the desk answered; false when the customer has nothing more to say."""
        try:
            answer = self._visitor.brand_answer(since=talk.last)
        except UnreachableError:
            self.figures.away += 1
            return True
        if answer is None:
            return True
        self.figures.answers += 1
        said = reply(talk.line, seed=self._seed, turn=talk.replies)
        if said is None:
            return False
        place = self._say(talk.line, text=said, parent=answer)
        if place is None:
            return False
        self.figures.replies += 1
        talk.last = place
        talk.replies += 1
        return talk.replies < MOST_REPLIES

    def _say(self, line: Line, *, text: str, parent: int | None) -> Place | None:
        """Post until Square took it; None if it refused, which is kept among the figures."""
        nonce = next(self._nonces)
        while True:
            try:
                return self._visitor.write(
                    handle=line.handle,
                    name=line.name,
                    text=text,
                    language=line.language.tag,
                    parent=parent,
                    nonce=nonce,
                )
            except UnreachableError:
                self.figures.away += 1
                time.sleep(LOOK_EVERY_SECONDS)
            except SquareError as error:
                self.figures.refused.append(str(error))
                return None
