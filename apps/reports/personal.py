"""How personal the desk's replies are: how near each came to earlier ones, and promises kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet

from apps.conversations.models import Likeness, Pledge
from apps.conversations.sameness.sharing import NEAR
from apps.reports.counted import channels_of, key_of_person
from apps.reports.exactly import Percentile, by_group
from apps.reports.lines import lines_of
from apps.reports.questions import NOBODY, By, Key, Question

LEVELS = 5
"""How many steps of likeness are told apart, from nothing alike to the same words."""
ALIKE = Q(nearest__gte=NEAR)
"""They said nearly the same as another reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Replies sent in a range of days, of one person or of all.

    Of the `compared` ones, those with words to compare, `alike` said nearly the same as another of
    the 30 days before; half came no nearer than `nearest`, from 0 to 1. `levels` counts them by how
    near they came, in fifths. `kept` and `broken` are what was promised to customers in those days
    and is settled.
    """

    key: Key
    label: str
    compared: int = 0
    alike: int = 0
    nearest: float = 0.0
    levels: tuple[int, ...] = ()
    kept: int = 0
    broken: int = 0

    @property
    def alike_share(self) -> float | None:
        """The share that said nearly the same as another, 0 to 1."""
        return self.alike / self.compared if self.compared else None

    @property
    def kept_share(self) -> float | None:
        """The share of the settled promises that were kept, 0 to 1."""
        settled = self.kept + self.broken
        return self.kept / settled if settled else None


def is_asked(question: Question) -> bool:
    """Whether replies can be told apart by all that narrows the question."""
    filters = question.filters
    narrow = (filters.surface, filters.language, filters.tag_id, filters.hour, filters.hour_of_week)
    return all(one is None for one in narrow) and filters.agent_id != NOBODY


def personal(question: Question) -> Personal:
    """Measure the replies sent, and the promises made, in all."""
    told = replies(question).aggregate(**_measures())
    kept = pledges(question).aggregate(**_kept())
    return Personal(key=None, label="All", **_measured(told, kept))


def personal_by_agent(question: Question) -> list[Personal]:
    """One line for each person, by name, that add up to all; an agent who leads nobody sees their
    own, and all others' in one.
    """
    user = question.user
    told = by_group(
        replies(question)
        .values(group=key_of_person(user, "message__author_id"))
        .annotate(**_measures())
        .order_by()
    )
    kept = by_group(
        pledges(question)
        .values(group=key_of_person(user, "made_by_id"))
        .annotate(**_kept())
        .order_by()
    )
    return lines_of(
        {key: _measured(told.get(key, {}), kept.get(key, {})) for key in told.keys() | kept.keys()},
        question=question,
        by=By.AGENT,
        make=Personal,
        amount=lambda line: line.compared,
    )


def replies(question: Question) -> QuerySet[Likeness]:
    """Return how near the replies of the period came that had words to compare."""
    found = Likeness.objects.filter(
        channel__in=channels_of(question),
        said_at__gte=question.period.starts_at,
        said_at__lt=question.period.ends_at,
        nearest__isnull=False,
    )
    agent_id = question.filters.agent_id
    if agent_id is None:
        return found
    is_known = question.user.leads or agent_id == question.user.pk
    return found.filter(message__author=agent_id) if is_known else found.none()


def pledges(question: Question) -> QuerySet[Pledge]:
    """Return what was promised in the period, however it ended."""
    found = Pledge.objects.filter(
        message__channel__in=channels_of(question),
        made_at__gte=question.period.starts_at,
        made_at__lt=question.period.ends_at,
    )
    agent_id = question.filters.agent_id
    if agent_id is None:
        return found
    is_known = question.user.leads or agent_id == question.user.pk
    return found.filter(made_by=agent_id) if is_known else found.none()


def _measures() -> dict[str, Aggregate]:
    steps = {
        f"level_{level}": Count("pk", filter=_between(level / LEVELS, (level + 1) / LEVELS))
        for level in range(LEVELS)
    }
    return {
        "compared": Count("pk"),
        "alike": Count("pk", filter=ALIKE),
        "median": Percentile(0.5, "nearest", filter=Q()),
        **steps,
    }


def _between(low: float, high: float) -> Q:
    return Q(nearest__gte=low) & (Q() if high >= 1 else Q(nearest__lt=high))


def _kept() -> dict[str, Aggregate]:
    return {
        "kept": Count("pk", filter=Q(state=Pledge.State.KEPT)),
        "broken": Count("pk", filter=Q(state=Pledge.State.BROKEN)),
    }


def _measured(told: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "compared": told.get("compared", 0),
        "alike": told.get("alike", 0),
        "nearest": told.get("median") or 0.0,
        "levels": tuple(told.get(f"level_{level}", 0) for level in range(LEVELS)),
        "kept": kept.get("kept", 0),
        "broken": kept.get("broken", 0),
    }
