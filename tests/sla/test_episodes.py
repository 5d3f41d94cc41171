"""Traps that other products fell into, and the property that order does not matter."""

import random
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sla.episodes import Episode, Kind, Moment, Step, episodes, id_order
from tests.people import NOON, minutes

STEPS = st.sampled_from(list(Step))
TIMELINES = st.lists(st.tuples(st.integers(0, 30), STEPS), max_size=25).map(
    lambda rows: [
        Moment(NOON + timedelta(minutes=minute), step, id_order(str(n)), n, n % 3)
        for n, (minute, step) in enumerate(rows)
    ]
)


def asked(at: datetime, n: int = 1) -> Moment:
    return Moment(at, Step.ASKED, id_order(str(n)), n)


def answered(at: datetime, n: int = 2) -> Moment:
    return Moment(at, Step.ANSWERED, id_order(str(n)), n, author_id=7)


def test_later_messages_join_the_wait_and_do_not_move_its_start() -> None:
    found = episodes([asked(NOON, 1), asked(NOON + minutes(1), 2), answered(NOON + minutes(2), 3)])
    assert [(e.kind, e.started_at) for e in found if e.kind is not Kind.RESOLUTION] == [
        (Kind.FIRST_RESPONSE, NOON)
    ]


def test_an_answer_after_the_resolve_opens_nothing() -> None:
    found = episodes(
        [asked(NOON), Moment(NOON + minutes(1), Step.RESOLVED), answered(NOON + minutes(2), 9)]
    )
    assert {e.contact for e in found} == {1}
    assert all(e.stopped_at == NOON + minutes(1) for e in found)


@pytest.mark.parametrize(
    ("ids", "order"),
    [(["10", "9", "a", "1b"], ["9", "10", "1b", "a"]), (["٣", "2"], ["2", "٣"])],
)
def test_numeric_ids_are_numbers_and_come_before_text(ids: list[str], order: list[str]) -> None:
    assert sorted(ids, key=id_order) == order


@given(timeline=TIMELINES, seed=st.integers(0, 2**32))
def test_order_of_arrival_never_matters(timeline: list[Moment], seed: int) -> None:
    unique = list({(m.at, m.order if m.message_id else m.step): m for m in timeline}.values())
    shuffled = unique[:]
    random.Random(seed).shuffle(shuffled)
    assert episodes(shuffled) == episodes(unique)


@given(timeline=TIMELINES)
def test_waits_never_overlap_and_only_the_last_may_run(timeline: list[Moment]) -> None:
    waits = [e for e in episodes(timeline) if e.kind is not Kind.RESOLUTION]
    for earlier, later in pairwise(waits):
        assert earlier.stopped_at is not None
        assert earlier.started_at <= earlier.stopped_at <= later.started_at


@given(timeline=TIMELINES)
def test_every_contact_begins_with_exactly_one_first_response(timeline: list[Moment]) -> None:
    found = episodes(timeline)
    contacts = {e.contact for e in found}
    firsts = [e.contact for e in found if e.kind is Kind.FIRST_RESPONSE]
    assert sorted(firsts) == sorted(contacts) == list(range(1, len(contacts) + 1))


@given(timeline=TIMELINES, cut=st.integers(0, 25))
def test_reading_on_from_the_stored_waits_ends_like_reading_everything(
    timeline: list[Moment], cut: int
) -> None:
    in_order = sorted(timeline, key=lambda moment: (moment.at, moment.order))
    before, after = in_order[:cut], in_order[cut:]
    stored = random.Random(cut).sample(episodes(before), len(episodes(before)))
    assert _rows(episodes(after, after=stored)) == _rows(episodes(timeline))


def _rows(found: list[Episode]) -> set[Episode]:
    assert len(set(found)) == len(found)
    return set(found)
