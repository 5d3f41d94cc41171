"""A resolution pauses while it waits on somebody else; response times never do."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sla.episodes import Episode, Kind, Moment, Promise, Step, episodes, id_order
from apps.sla.hours import Calendar, due_at, open_time, put_off
from tests.people import NOON, minutes

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = Calendar.from_dict(
    {"zone": "UTC", "week": {"mon": [["12:02", "12:05"], ["12:08", "12:40"]]}}
)
ALWAYS = Calendar.from_dict(
    {"zone": "UTC", "week": {day: [["00:00", "24:00"]] for day in WEEKDAYS}}
)


def at(minute: float, step: Step, paused_for: str = "") -> Moment:
    order = id_order(f"{minute}") if step is Step.ASKED else (2, int(minute * 10), "")
    return Moment(NOON + minutes(minute), step, order, paused_for=paused_for)


def promise_at(_kind: Kind, opening: Moment) -> Promise:
    return Promise(opening.at + minutes(10), opening.at + minutes(5), 1, None)


def resolution(*timeline: Moment) -> Episode:
    found = episodes(timeline, promise_at)
    return [episode for episode in found if episode.kind is Kind.RESOLUTION][-1]


def test_a_pause_moves_what_is_due_by_its_length_and_its_time_stands_beside() -> None:
    one = resolution(
        at(0, Step.ASKED),
        at(2, Step.PAUSED, "customer"),
        at(32, Step.UNPAUSED),
        at(39, Step.RESOLVED),
    )
    assert one.paused == minutes(30)
    assert one.promise == Promise(NOON + minutes(40), NOON + minutes(35), 1, None)
    assert (one.started_at, one.stopped_at) == (NOON, NOON + minutes(39))


def test_while_it_is_paused_nothing_comes_due() -> None:
    one = resolution(at(0, Step.ASKED), at(2, Step.PAUSED, "third_party"))
    assert one.promise == Promise(None, None, 1, None)
    assert (one.paused_at, one.paused_for, one.paused) == (
        NOON + minutes(2),
        "third_party",
        timedelta(),
    )


def test_what_was_due_before_a_pause_stays_late() -> None:
    one = resolution(at(0, Step.ASKED), at(11, Step.PAUSED, "customer"), at(50, Step.RESOLVED))
    assert one.promise == promise_at(Kind.RESOLUTION, at(0, Step.ASKED))


def test_any_message_of_the_customer_ends_a_pause_at_its_posting() -> None:
    one = resolution(
        at(0, Step.ASKED), at(2, Step.PAUSED, "customer"), at(7, Step.ASKED), at(9, Step.UNPAUSED)
    )
    assert (one.paused, one.paused_at) == (minutes(5), None)


def test_a_resolve_ends_a_pause_and_a_new_contact_knows_nothing_of_it() -> None:
    moments = [at(0, Step.ASKED), at(2, Step.PAUSED, "customer"), at(50, Step.RESOLVED)]
    closed = resolution(*moments)
    assert (closed.paused, closed.stopped_at) == (minutes(48), NOON + minutes(50))
    assert closed.promise == Promise(NOON + minutes(58), NOON + minutes(53), 1, None)
    assert resolution(*moments, at(55, Step.ASKED)).paused == timedelta()


def test_paused_again_it_only_waits_on_somebody_else() -> None:
    one = resolution(
        at(0, Step.ASKED), at(2, Step.PAUSED, "customer"), at(4, Step.PAUSED, "third_party")
    )
    assert (one.paused_at, one.paused_for) == (NOON + minutes(2), "third_party")


def test_response_times_never_pause() -> None:
    moments = [at(0, Step.ASKED), at(2, Step.PAUSED, "customer"), at(8, Step.ANSWERED)]
    paused, unpaused = (
        [e for e in episodes(timeline, promise_at) if e.kind is Kind.FIRST_RESPONSE]
        for timeline in (moments, [moments[0], moments[2]])
    )
    assert paused == unpaused
    assert paused[0].paused == timedelta()


@pytest.mark.parametrize("hours", [OFFICE, ALWAYS])
@given(
    marks=st.lists(st.integers(0, 3600), min_size=5, max_size=5).map(sorted),
    promised=st.integers(1, 3000),
)
def test_what_is_promised_is_used_up_by_exactly_the_open_time_outside_of_the_pauses(
    hours: Calendar, marks: list[int], promised: int
) -> None:
    start, *ends = (NOON + timedelta(seconds=mark, microseconds=7) for mark in marks)
    pauses = list(zip(ends[::2], ends[1::2], strict=True))
    due = due_at(start, promised, hours)
    for paused_at, until in pauses:
        due = put_off(due, paused_at, until, hours) if due > paused_at else due

    def used_by(instant: datetime) -> timedelta:
        spans = [(start, instant), *((a, min(b, instant)) for a, b in pauses if a < instant)]
        whole, *paused = (open_time(*span, hours) for span in spans)
        return whole - sum(paused, timedelta())

    assert used_by(due) == timedelta(seconds=promised)
    assert used_by(due - timedelta(microseconds=1)) < timedelta(seconds=promised)


@given(timeline=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(list(Step))), max_size=25))
def test_pauses_lie_within_their_contact_and_never_touch_a_response(
    timeline: list[tuple[int, Step]],
) -> None:
    moments = [
        Moment(NOON + minutes(minute), step, id_order(str(n)), n)
        for n, (minute, step) in enumerate(timeline)
    ]
    for one in episodes(moments):
        inside = [one.started_at, *(instant for pause in one.pauses for instant in pause)]
        inside += [one.paused_at] if one.paused_at else []
        inside += [one.stopped_at] if one.stopped_at else []
        assert all(a <= b for a, b in pairwise(inside))
        assert one.paused == sum((b - a for a, b in one.pauses), timedelta())
        assert one.kind is Kind.RESOLUTION or not (one.pauses or one.paused_at)
