"""Breakdowns whose lines are those of a finer one, added up: one look serves both."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from apps.channels.models import Channel
from apps.reports.questions import By, Key, Question

FINER = {By.HOUR: By.HOUR_OF_WEEK, By.NETWORK: By.CHANNEL}

Line = TypeVar("Line")


def added_up(
    question: Question,
    by: By,
    lines: Mapping[Key, Line],
    together: Callable[[list[Line]], Line],
) -> dict[Key, Line]:
    """Add the lines of the finer breakdown up to those of this one."""
    key_of = _key_of(by, question)
    groups: dict[Key, list[Line]] = defaultdict(list)
    for key, line in lines.items():
        groups[key_of(key)].append(line)
    return {key: together(some) for key, some in groups.items()}


def _key_of(by: By, question: Question) -> Callable[[Any], Key]:
    if by is By.HOUR:
        return lambda hour_of_week: int(hour_of_week % 24)
    return question.once("networks", _networks).__getitem__


def _networks() -> dict[Key, str]:
    return dict(Channel.objects.values_list("id", "network"))
