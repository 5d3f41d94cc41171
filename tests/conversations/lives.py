"""Lives of conversations, drawn at random: who says what and when it is heard, what people decide.

Everything happens in rounds. In each the sweep wakes what is due, then messages are heard, however
long ago they were posted, then a person may decide. Two threads that customers and the brand write
in become one if what ties them together is heard.
"""

from dataclasses import dataclass
from enum import StrEnum

from hypothesis import strategies as st

ROUNDS = 9
MINUTES_A_ROUND = 8
# Each message may reply to any of these; None begins a thread. 4 ties 5 and what follows to 1.
PARENTS: dict[int, tuple[int | None, ...]] = {
    1: (None,),
    2: (1,),
    3: (1, 2),
    4: (1,),
    5: (4,),
    6: (5,),
    7: (5, 6),
    8: (1, 3),
    9: (7, 6),
}
KIMS = {1, 5}  # the others may be the brand's


class Choice(StrEnum):
    """What a person can decide about a conversation."""

    RESOLVE = "resolve"
    UNDO = "undo"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    WAKE = "wake"
    PAUSE_FOR_CUSTOMER = "customer"
    PAUSE_FOR_OTHERS = "third_party"
    UNPAUSE = "unpause"


@dataclass(frozen=True)
class Said:
    """A message, posted in a minute and heard in a round."""

    id: int
    by_kim: bool
    parent: int | None
    minute: int
    heard: int


@dataclass(frozen=True)
class Decision:
    """What is decided at the end of a round about the conversation that holds a message."""

    round: int
    choice: Choice
    about: int


@dataclass(frozen=True)
class Life:
    """What happens to Kim and one channel."""

    said: tuple[Said, ...]
    decisions: tuple[Decision, ...]

    def heard_in(self, round_number: int) -> list[Said]:
        return [one for one in self.said if one.heard == round_number]

    def decided_in(self, round_number: int) -> list[Decision]:
        return [one for one in self.decisions if one.round == round_number]


@dataclass(frozen=True)
class Promised:
    """What a policy and its hours say from a round on: minutes open, and minutes promised."""

    opens: tuple[tuple[int, int], ...]
    first: int
    following: int
    resolution: int


def minute_of(round_number: int) -> int:
    return round_number * MINUTES_A_ROUND


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """One number decides each message and each decision: hypothesis has less to draw, and fewer
    ways in which to draw the same.
    """
    said = []
    for one, parents in PARENTS.items():
        number = draw(st.integers(0, 2**16))
        number, is_missing = divmod(number, 4)
        number, is_late = divmod(number, 3)
        number, writer = divmod(number, 2)
        number, parent = divmod(number, len(parents))
        round_number, minutes_before = divmod(number, MINUTES_A_ROUND)
        round_number %= ROUNDS
        posted = max(0, minute_of(round_number) - minutes_before * (5 if is_late == 0 else 0))
        if is_missing or one in KIMS:
            by_kim = one in KIMS or writer == 0
            said.append(Said(one, by_kim, parents[parent], posted, round_number))
    heard = {one.id for one in said}
    # A reply of the brand's whose parents are never heard belongs to nobody.
    kept = [one for one in said if one.by_kim or _has_customer(one, said)]
    decisions = []
    for round_number in range(ROUNDS):
        number = draw(st.integers(0, 2**12))
        number, decides = divmod(number, 2)
        number, choice = divmod(number, len(Choice))
        if decides and heard:
            about = sorted(heard)[number % len(heard)]
            decisions.append(Decision(round_number, list(Choice)[choice], about))
    return Life(tuple(kept), tuple(decisions))


def _has_customer(one: Said, said: list[Said]) -> bool:
    by_id = {other.id: other for other in said}
    while not one.by_kim:
        if one.parent not in by_id:
            return False
        one = by_id[one.parent]
    return True


SPANS = st.sampled_from(
    [((2, 9), (11, 200)), ((0, 5), (20, 70)), ((0, 200),), ((13, 26), (40, 90))]
)


@st.composite
def promises(draw: st.DrawFn) -> list[tuple[int, Promised]]:
    """What is promised, by the minute from which on; the first holds from the beginning of time."""
    changes = sorted(draw(st.sets(st.integers(1, ROUNDS * MINUTES_A_ROUND), max_size=2)))
    return [
        (
            since,
            Promised(
                draw(SPANS),
                2 * draw(st.integers(1, 6)),
                2 * draw(st.integers(1, 6)),
                2 * draw(st.integers(2, 30)),
            ),
        )
        for since in (-1440, *changes)
    ]
