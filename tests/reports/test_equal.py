from random import Random
from statistics import quantiles

import pytest

from apps.reports.equal import FEWEST, Unequal, unequal
from apps.reports.figures import Figures


def _group(label: str, waits: list[float], *, running: int = 0) -> Figures:
    tenths = quantiles(waits, n=10, method="inclusive")
    return Figures(
        key=label, label=label, count=len(waits), running=running, p50=tenths[4], p90=tenths[8]
    )


def _waits(chance: Random, number: int, *, median: float = 600) -> list[float]:
    """Times as people take them: many short, some very long."""
    return [median * chance.lognormvariate(0, 1.2) for _ in range(number)]


def _told(groups: dict[str, list[float]]) -> list[Unequal]:
    everybody = _group("All", [wait for waits in groups.values() for wait in waits])
    return unequal([_group(label, waits) for label, waits in groups.items()], everybody)


@pytest.mark.parametrize("size", [FEWEST, 100, 1_000])
def test_groups_that_fare_alike_are_warned_of_by_chance_less_than_once_in_hundreds(
    size: int,
) -> None:
    chance = Random(size)
    groups = [
        {str(one): _waits(chance, size) for one in range(8)} | {"en": _waits(chance, 2_000)}
        for _ in range(12)
    ]
    assert sum(len(_told(one)) for one in groups) == 0


def test_a_group_that_waits_twice_as_long_is_warned_of_and_by_how_much() -> None:
    chance = Random(7)
    groups = {"en": _waits(chance, 4_000), "ar": _waits(chance, 300, median=1_500)}
    [one] = _told(groups)
    assert one.line.label == "ar"
    assert one.times == pytest.approx(2.3, abs=0.4)
    assert one.fewer is None


def test_nothing_is_said_of_a_few_however_long_they_waited() -> None:
    chance = Random(7)
    few = _waits(chance, FEWEST - 1, median=60_000)
    assert _told({"en": _waits(chance, 4_000), "ja": few}) == []


def test_what_is_sure_but_too_little_to_matter_is_not_warned_of() -> None:
    chance = Random(7)
    quick = {"en": _waits(chance, 40_000, median=30), "de": _waits(chance, 40_000, median=45)}
    assert _told(quick) == []


def test_a_group_that_is_answered_less_often_is_warned_of_if_it_is_large_enough() -> None:
    answered = _group("All", [600.0] * 900, running=20)
    many, few = _group("es", [600.0] * 80, running=20), _group("fr", [600.0] * 10, running=2)
    [one] = unequal([many, few], answered)
    assert one.line is many
    assert one.times is None
    assert one.fewer == pytest.approx(900 / 920 - 0.8)
