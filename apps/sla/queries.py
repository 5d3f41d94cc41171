"""What the desk promises, read for people and for the arithmetic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from django.db.models import QuerySet

from apps.common import sets
from apps.sla.models import BusinessHoursVersion, Policy, PolicyVersion
from apps.sla.promises import Book, Hours, Terms

BEGINNING = datetime.min.replace(tzinfo=UTC)


def current_hours() -> QuerySet[BusinessHoursVersion]:
    """The newest version under each name, by name."""
    newest = BusinessHoursVersion.objects.order_by("business_hours_id", "-version").distinct(
        "business_hours_id"
    )
    return (
        BusinessHoursVersion.objects.filter(id__in=newest.values("id"))
        .select_related("business_hours", "saved_by")
        .order_by("business_hours__name")
    )


def present_policies() -> list[PolicyVersion]:
    """Return the present version of every policy that isn't retired, in the order of the list."""
    newest = (
        PolicyVersion.objects.select_related(
            "channel__team", "team", "tag", "flag", "business_hours"
        )
        .order_by("policy_id", "-version")
        .distinct("policy_id")
    )
    return sorted(
        (one for one in newest if not one.is_retired), key=lambda one: (one.place, one.policy_id)
    )


def newest_version() -> PolicyVersion | None:
    """Return what was decided last about any policy; who has seen it has seen the list as it is."""
    return PolicyVersion.objects.select_related("saved_by").order_by("id").last()


def versions_of(policy: Policy) -> QuerySet[PolicyVersion]:
    """Return all that was ever saved of a policy, newest first."""
    return (
        PolicyVersion.objects.filter(policy=policy)
        .select_related("channel__team", "team", "tag", "flag", "business_hours", "saved_by")
        .order_by("-version")
    )


def book_as_if(policies: Sequence[PolicyVersion]) -> Book:
    """Make a book in which exactly these had held from the beginning of time, in this order.

    Of their hours, the present version had.
    """
    hours = {
        hours_id: [replace(versions[-1], saved_at=BEGINNING)]
        for hours_id, versions in _hours(_hours_of(policies)).items()
    }
    return Book(
        [
            [replace(_terms(one, hours), place=place, saved_at=BEGINNING)]
            for place, one in enumerate(policies)
        ]
    )


def ask_for_policies() -> sets.Sent:
    """Ask which book is in force; `book` reads the answer, when it is needed.

    Versions only ever come, so what was read holds while there are no more of them.
    """
    return sets.send(
        """
        SELECT count(*), max(id) FROM sla_policyversion
        UNION ALL SELECT count(*), max(id) FROM sla_businesshoursversion
        """
    )


def book(asked: sets.Sent | None = None) -> Book:
    """Return all versions of all policies and of their hours, as of when they were asked for."""
    return _book(*(asked or ask_for_policies()).rows())


@lru_cache(maxsize=1)
def _book(*_versions: tuple[int, int | None]) -> Book:
    return book_of(PolicyVersion.objects.order_by("policy_id", "version"))


def book_of(versions: Iterable[PolicyVersion]) -> Book:
    """Make a book of these versions; each policy's come together and in order."""
    read = list(versions)
    hours = _hours(_hours_of(read))
    policies: dict[int, list[Terms]] = defaultdict(list)
    for version in read:
        policies[version.policy_id].append(_terms(version, hours))
    return Book(list(policies.values()))


def _hours_of(versions: Iterable[PolicyVersion]) -> set[int]:
    return {one.business_hours_id for one in versions if one.business_hours_id}


def _hours(wanted: set[int]) -> Mapping[int, Sequence[Hours]]:
    found: dict[int, list[Hours]] = defaultdict(list)
    if wanted:
        versions = BusinessHoursVersion.objects.filter(business_hours__in=wanted)
        for one in versions.order_by("business_hours_id", "version"):
            found[one.business_hours_id].append(Hours(one.pk, one.saved_at, one.calendar()))
    return found


def _terms(version: PolicyVersion, hours: Mapping[int, Sequence[Hours]]) -> Terms:
    return Terms(
        policy_id=version.policy_id or 0,
        version_id=version.pk or 0,
        saved_at=version.saved_at,
        place=version.place,
        is_retired=version.is_retired,
        channel_id=version.channel_id,
        team_id=version.team_id,
        surface=version.surface,
        priority=version.priority,
        tag_id=version.tag_id,
        flag_id=version.flag_id,
        seconds={kind: 60 * target for kind, target in version.targets.items() if target},
        warn_percent=version.warn_percent,
        hours=hours[version.business_hours_id] if version.business_hours_id else (),
    )
