"""Saving what the desk promises by."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError, sentence
from apps.ledger.recording import Entry, record
from apps.sla.hours import elapsed
from apps.sla.models import BusinessHours, BusinessHoursVersion
from apps.sla.models.policy import LONGEST_MINUTES
from apps.sla.public_days import public_days
from apps.sla.week import CalendarError, read_dates, read_week, read_zone

REACH = timedelta(days=20 * 365)
ENTERED = frozenset({"zone", "week", "country", "subdivision", "own_days"})


@transaction.atomic
def save_business_hours(
    *,
    name: str,
    definition: Mapping[str, object],
    seen: int | None = None,
    by: User | None,
    at: datetime,
) -> BusinessHoursVersion:
    """Save opening hours under a name: its next version, unless nothing differs from the last.

    `definition` has zone, week, and if wanted country, subdivision and own_days, the desk's own
    closed days. CalendarError says what to correct and in which field. `seen` is the version
    that the person had before them, 0 for none: who would undo a colleague's saving unseen gets a
    Conflict.
    """
    if by is not None and not by.leads:
        raise DeskError("Only managers and admins decide when the desk is open.")
    complete = _complete(definition, at=at)
    _check_reach(complete, at=at)
    business_hours = _named(name)
    last = business_hours.versions.order_by("version").last()
    if seen is not None and last is not None and last.version != seen:
        raise Conflict(_what_changed(last, seen))
    if last is not None and last.definition == complete:
        return last
    saved = BusinessHoursVersion.objects.create(
        business_hours=business_hours,
        version=last.version + 1 if last else 1,
        saved_at=at,
        saved_by=by,
        definition=complete,
    )
    entry = Entry(
        kind="business_hours_saved",
        by_id=by.pk if by else None,
        data={"business_hours": business_hours.pk, "version": saved.version},
        quiet=True,
    )
    record([entry], at=at)
    return saved


def _complete(definition: Mapping[str, object], *, at: datetime) -> dict[str, object]:
    """Check what was entered, and add the public holidays known today."""
    unknown = sorted(definition.keys() - ENTERED)
    if unknown:
        raise CalendarError(f"Opening hours have {', '.join(sorted(ENTERED))}, no {unknown[0]}.")
    read_week(definition.get("week", {}))
    own_days = sorted(read_dates("own_days", definition.get("own_days", ())))
    complete: dict[str, object] = {
        "zone": read_zone(definition.get("zone")),
        "week": definition["week"],
        "country": definition.get("country", ""),
        "subdivision": definition.get("subdivision", ""),
        "own_days": [str(day) for day in own_days],
        "public_days": [],
    }
    if complete["country"]:
        days, first, last = public_days(
            str(complete["country"]), str(complete["subdivision"]), around=at.year
        )
        complete |= {
            "public_days": [str(day) for day in days],
            "public_from": first,
            "public_to": last,
        }
    elif complete["subdivision"]:
        raise CalendarError("Choose the country of this region, or no region.", field="subdivision")
    return complete


def _check_reach(complete: dict[str, object], *, at: datetime) -> None:
    """Refuse hours by which the longest promise would not come due in this working life.

    Each arriving message asks when it is due: hours open a minute a week would cost seconds a
    message, and hours whose days are all closed for decades never open for anybody who waits.
    """
    calendar = BusinessHoursVersion(definition=complete).calendar()
    minutes = elapsed(at, at + REACH, calendar) // 60
    if minutes < LONGEST_MINUTES:
        raise CalendarError(
            f"These hours open for {minutes // 60} hours in the next {REACH.days // 365} years:"
            " open for at least an hour a week, and close fewer days.",
            field="week",
        )


def _what_changed(last: BusinessHoursVersion, seen: int) -> str:
    name = last.business_hours.name
    if seen == 0:
        return f"There are hours named {name} already: change those, or choose another name."
    who = last.saved_by.name if last.saved_by else "Somebody"
    return f"{who} saved {name} while you were at it: look at theirs in another tab first."


def _named(name: str) -> BusinessHours:
    """Return the row of that name, locked against others who save it; made if there is none."""
    plain_name = " ".join(name.split())
    fresh = BusinessHours(name=plain_name)
    try:
        fresh.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise CalendarError(sentence(error), field="name") from error
    BusinessHours.objects.bulk_create([fresh], ignore_conflicts=True)
    return BusinessHours.objects.select_for_update().get(name=plain_name)
