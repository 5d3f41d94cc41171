"""The five legs of a wait add up to it exactly, whatever marks there are."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from apps.sla.legs import Leg, Marks, clamped, legs
from tests.people import NOON, minutes

MARK = st.none() | st.integers(-30, 90).map(lambda minute: NOON + minutes(minute))


def test_each_leg_ends_where_the_next_begins() -> None:
    marks = Marks(*(NOON + minutes(minute) for minute in (1, 3, 7, 20)))
    found = legs(marks, started_at=NOON, stopped_at=NOON + minutes(21))
    assert [length / minutes(1) for length in found.values()] == [1, 2, 4, 13, 1]


def test_a_missing_mark_gives_its_leg_no_length() -> None:
    marks = Marks(NOON + minutes(1), None, None, NOON + minutes(20))
    found = legs(marks, started_at=NOON, stopped_at=NOON + minutes(21))
    assert found[Leg.QUEUE] == found[Leg.READ] == timedelta()
    assert found[Leg.WRITE] == minutes(19)


@given(marks=st.tuples(MARK, MARK, MARK, MARK), length=st.integers(0, 60))
def test_legs_add_up_to_the_wait_and_marks_never_go_back(
    marks: tuple[datetime | None, ...], length: int
) -> None:
    stopped_at = NOON + minutes(length)
    found = legs(Marks(*marks), started_at=NOON, stopped_at=stopped_at)
    held = clamped(Marks(*marks), started_at=NOON, stopped_at=stopped_at)
    assert sum(found.values(), timedelta()) == stopped_at - NOON
    assert all(one >= timedelta() for one in found.values())
    assert all(a <= b for a, b in pairwise([NOON, *held, stopped_at]))
