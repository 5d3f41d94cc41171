"""People leave, and may come back; their sessions end with them."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, QuerySet

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.ledger.recording import Entry, record


@transaction.atomic
def deactivate(*, user: User, by: User, at: datetime) -> None:
    """Let somebody go: they can't sign in any more; what they said and did stays theirs.

    Their row is locked first, so that no router gives them anything after this. Their sessions
    end, so that none of them lives on if they come back. Nobody lets themselves go, so a desk
    keeps an admin.
    """
    if not by.manages_person(user) or user.pk == by.pk:
        raise DeskError(f"You can't let {user.name} go: ask an admin, or another one.")
    rows = User.objects.select_for_update(no_key=True).order_by("id")
    people = {person.pk: person for person in rows.filter(id__in=[user.pk, by.pk])}
    if not (people[by.pk].is_active and people[by.pk].manages_person(people[user.pk])):
        raise DeskError("You were let go yourself meanwhile, or decide less than you did.")
    present = people[user.pk]
    if not present.is_active:
        return
    present.is_active = False
    present.save(update_fields=["is_active"])
    end_all_sessions(present)
    record([Entry(kind="user_deactivated", by_id=by.pk, user_id=user.pk)], at=at)


@transaction.atomic
def bring_back(*, user: User, by: User, at: datetime) -> None:
    """Let somebody sign in again, with the role, teams and password they had."""
    if not by.manages_person(user):
        raise DeskError(f"You can't bring {user.name} back: ask an admin.")
    present = User.objects.select_for_update(no_key=True).get(id=user.pk)
    if present.is_active:
        return
    present.is_active = True
    present.save(update_fields=["is_active"])
    record([Entry(kind="user_brought_back", by_id=by.pk, user_id=user.pk)], at=at)


@transaction.atomic
def sign_out_everywhere(*, user: User, by: User, at: datetime) -> None:
    """End every session of somebody, who may sign in again."""
    if not by.is_admin:
        raise DeskError("Only admins sign others out.")
    end_all_sessions(user)
    _record_signed_out(user, by=by, at=at)


@transaction.atomic
def end_session(*, session: UserSession, by: User, at: datetime) -> None:
    """Sign out in one place of one's own."""
    _end(UserSession.objects.filter(id=session.pk, user=by))
    _record_signed_out(by, by=by, at=at)


@transaction.atomic
def end_other_sessions(*, but: str, by: User, at: datetime) -> None:
    """Sign out everywhere but in the session of that key."""
    _end(UserSession.objects.filter(user=by).exclude(session_key=but))
    _record_signed_out(by, by=by, at=at)


def end_all_sessions(user: User) -> None:
    """End every session of somebody, known or not; open pages and streams notice in seconds."""
    User.objects.filter(id=user.pk).update(session_round=F("session_round") + 1)
    _end(UserSession.objects.filter(user=user))


def _end(known: QuerySet[UserSession]) -> None:
    keys = list(known.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    known.delete()


def _record_signed_out(user: User, *, by: User, at: datetime) -> None:
    record([Entry(kind="signed_out", by_id=by.pk, user_id=user.pk, quiet=True)], at=at)
