"""Shifts, planned by whoever manages their people. What has passed stays as it was."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.agents.models import Shift, Team, User
from apps.agents.operations.being_there import tell_colleagues
from apps.agents.spans import WEEK, Span
from apps.common.errors import DeskError
from apps.ledger.recording import Entry, record


@transaction.atomic
def plan(*, user: User, spans: Sequence[Span], by: User, at: datetime) -> None:
    """Have somebody on at these times; what overlaps or touches becomes one shift."""
    person = _locked(user, by=by)
    for span in spans:
        if span.ends_at is not None and span.ends_at <= at:
            raise DeskError("That time has passed. Plan from now on.")
        _add(person, span)
    _record("shift_planned", person, spans, by=by, at=at)


@transaction.atomic
def move(*, shift: Shift, to: Span, by: User, at: datetime) -> None:
    """Give a shift other times. One that has begun keeps its beginning, and may end now."""
    person = _locked(shift.user, by=by)
    present = _still_ahead(shift, at=at)
    if present.starts_at <= at:
        if to.starts_at != present.starts_at:
            raise DeskError("This shift has begun: only its end can change.")
        if to.ends_at is not None and to.ends_at <= at:
            to = Span(present.starts_at, at)
    elif to.ends_at is not None and to.ends_at <= at:
        raise DeskError("That time has passed. Plan from now on.")
    if to.ends_at is not None and to.ends_at <= to.starts_at:
        raise DeskError("A shift ends after it begins. Choose a later end.")
    present.delete()
    _add(person, to)
    _record("shift_moved", person, [to], by=by, at=at)


@transaction.atomic
def take_out(*, shift: Shift, by: User, at: datetime) -> None:
    """Take a shift out of the plan; one that has begun ends now."""
    person = _locked(shift.user, by=by)
    present = _still_ahead(shift, at=at)
    if present.starts_at < at:
        present.ends_at = at
        present.save(update_fields=["ends_at"])
    else:
        present.delete()
    taken = Span(present.starts_at, present.ends_at)
    _record("shift_taken_out", person, [taken], by=by, at=at)


@transaction.atomic
def copy_last_week(*, team: Team, monday: date, zone: ZoneInfo, by: User, at: datetime) -> int:
    """Plan for the week of `monday` what the team's people did the week before; return how many.

    Left out are people the manager does not decide about, whoever is on until further notice, and
    what has passed already.
    """
    if not by.manages(team):
        raise DeskError(f"Only managers of {team.name} and admins plan its shifts.")
    people = User.objects.select_for_update(no_key=True).filter(teams=team, is_active=True)
    begin = datetime.combine(monday, time(), zone)
    copied = 0
    for person in people.order_by("id"):
        if not by.manages_person(person) or person.shifts.filter(ends_at__isnull=True).exists():
            continue
        theirs = person.shifts.filter(
            starts_at__gte=datetime.combine(monday - WEEK, time(), zone), starts_at__lt=begin
        )
        spans = [Span(s.starts_at, s.ends_at).a_week_later(zone) for s in theirs.order_by("id")]
        ahead = [span for span in spans if span.ends_at is not None and span.ends_at > at]
        for span in ahead:
            _add(person, span)
        if ahead:
            _record("shift_planned", person, ahead, by=by, at=at)
        copied += len(ahead)
    return copied


def _locked(user: User, *, by: User) -> User:
    """The person, so that two who plan at once make one plan."""
    person: User = User.objects.select_for_update(no_key=True).get(id=user.pk)
    if not by.manages_person(person):
        raise DeskError(f"Only {person.first_name}'s managers and admins plan their shifts.")
    if not person.is_active:
        raise DeskError(f"{person.name} no longer works here.")
    return person


def _still_ahead(shift: Shift, *, at: datetime) -> Shift:
    present = Shift.objects.filter(id=shift.pk).first()
    if present is None:
        raise DeskError("Somebody changed this shift a moment ago. Look at the plan again.")
    if present.ends_at is not None and present.ends_at <= at:
        raise DeskError("This shift is over, and stays as it was.")
    return present


def _add(person: User, span: Span) -> None:
    meeting = person.shifts.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=span.starts_at))
    if span.ends_at is not None:
        meeting = meeting.filter(starts_at__lte=span.ends_at)
    found = list(meeting.order_by("starts_at", "id"))
    for shift in found:
        if shift.ends_at is None and shift.starts_at <= span.starts_at:
            since = timezone.localtime(shift.starts_at)
            raise DeskError(
                f"{person.first_name} is on until further notice since {since:%-d %B %Y}."
                " Give that shift an end first."
            )
    starts = [shift.starts_at for shift in found] + [span.starts_at]
    ends = [shift.ends_at for shift in found] + [span.ends_at]
    until = [end for end in ends if end is not None]
    Shift.objects.filter(id__in=[shift.pk for shift in found]).delete()
    Shift.objects.create(
        user=person,
        starts_at=min(starts),
        ends_at=max(until) if len(until) == len(ends) else None,
    )


def _record(kind: str, person: User, spans: Sequence[Span], *, by: User, at: datetime) -> None:
    said = [
        [span.starts_at.isoformat(), span.ends_at.isoformat() if span.ends_at else None]
        for span in spans
    ]
    entry = Entry(kind=kind, by_id=by.pk, user_id=person.pk, data={"shifts": said}, quiet=True)
    record([entry], at=at)
    tell_colleagues([person.pk])
