"""How personal replies are: how near to earlier ones, what they asked again, promises kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.conversations.models import Likeness, Pledge
from apps.conversations.sameness.sharing import NEAR
from apps.reports.counted import channels_of, key_of_person
from apps.reports.exactly import Percentile, by_group
from apps.reports.lines import lines_of
from apps.reports.periods import zone
from apps.reports.questions import NOBODY, By, Key, Question

ALIKE = Q(nearest__gte=NEAR)
"""They said nearly the same as another reply."""
ASKED_AGAIN = Q(asked_again=True)
"""They asked for what the customer had told before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Replies sent in a range of days, of one person or of all.

    Of the `compared` ones, those with words to compare, `alike` said nearly the same as another of
    the 30 days before; half came no nearer than `nearest`, from 0 to 1. Of the `looked_at` ones,
    those of a known author, `asked_again` asked for what the customer had told before, as far as
    that author may read. `kept` and `broken` are what was promised to customers in those days and
    is settled.
    """

    key: Key
    label: str
    compared: int = 0
    alike: int = 0
    nearest: float = 0.0
    looked_at: int = 0
    asked_again: int = 0
    kept: int = 0
    broken: int = 0

    @property
    def alike_share(self) -> float | None:
        """The share that said nearly the same as another, 0 to 1."""
        return self.alike / self.compared if self.compared else None

    @property
    def asked_again_share(self) -> float | None:
        """The share that asked for what the customer had told before, 0 to 1."""
        return self.asked_again / self.looked_at if self.looked_at else None

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
    sent = replies(question).values(group=key_of_person(user, "message__author_id"))
    promised = pledges(question).values(group=key_of_person(user, "made_by_id"))
    return _by(question, By.AGENT, sent, promised)


def personal_by_day(question: Question) -> list[Personal]:
    """One line for each day of the period: a reply's is when it was sent, a promise's when made."""
    sent = replies(question).values(group=TruncDate("said_at", tzinfo=zone()))
    promised = pledges(question).values(group=TruncDate("made_at", tzinfo=zone()))
    return _by(question, By.DAY, sent, promised)


def _by(
    question: Question, by: By, sent: QuerySet[Any, Any], promised: QuerySet[Any, Any]
) -> list[Personal]:
    told = by_group(sent.annotate(**_measures()).order_by())
    kept = by_group(promised.annotate(**_kept()).order_by())
    return lines_of(
        {key: _measured(told.get(key, {}), kept.get(key, {})) for key in told.keys() | kept.keys()},
        question=question,
        by=by,
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
    return {
        "compared": Count("pk"),
        "alike": Count("pk", filter=ALIKE),
        "median": Percentile(0.5, "nearest", filter=Q()),
        "looked_at": Count("asked_again"),
        "again": Count("pk", filter=ASKED_AGAIN),
    }


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
        "looked_at": told.get("looked_at", 0),
        "asked_again": told.get("again", 0),
        "kept": kept.get("kept", 0),
        "broken": kept.get("broken", 0),
    }
