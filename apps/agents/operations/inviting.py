"""People are invited, and come in once: by the link of a letter, or by the sign-in service."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.agents.models import Invitation, InvitationQuerySet, Team, User
from apps.agents.operations.joining import add_user
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record

NOT_YET = ["letter_at", "accepted_at", "withdrawn_at"]
USED_UP = (
    "This invitation opens nothing any more: it was used, taken back, sent again or is too old. "
    "Ask whoever invited you for a new one."
)


def invite(
    *, email: str, role: str, teams: Sequence[Team], by: User, at: datetime
) -> tuple[Invitation, str]:
    """Invite an address; returns the invitation and the key of its link, told only now."""
    _must_be_allowed(by, role=role, teams=teams)
    if User.objects.filter(email__iexact=email).exists():
        raise DeskError(f"{email} already signs in here: look under People.")
    key = _new_key()
    invitation = Invitation(
        email=User.objects.normalize_email(email),
        role=role,
        key_sha256=fingerprint(key),
        invited_by=by,
        invited_at=at,
        expires_at=at + timedelta(days=settings.INVITATION_DAYS),
    )
    try:
        invitation.clean_fields(exclude=NOT_YET)
        with transaction.atomic():
            invitation.save()
            invitation.teams.set(teams)
            _record("user_invited", invitation, by=by, at=at, teams=[team.pk for team in teams])
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    except IntegrityError as error:
        raise DeskError(f"{email} is invited already: send that invitation again.") from error
    return invitation, key


@transaction.atomic
def renew(*, invitation: Invitation, by: User, at: datetime) -> str:
    """Give an open invitation a new link and its full time again; the old link ends."""
    present = _locked(invitation)
    _must_be_allowed(by, role=present.role, teams=list(present.teams.all()))
    key = _new_key()
    present.key_sha256 = fingerprint(key)
    present.invited_by, present.invited_at = by, at
    present.expires_at = at + timedelta(days=settings.INVITATION_DAYS)
    present.letter_at = None
    present.save()
    _record("invitation_renewed", present, by=by, at=at)
    return key


@transaction.atomic
def withdraw(*, invitation: Invitation, by: User, at: datetime) -> None:
    """Take an open invitation back: its link opens nothing any more."""
    present = _locked(invitation)
    if not (by.is_admin or present.invited_by_id == by.pk):
        raise DeskError("Only whoever invited them and admins take that back.")
    present.withdrawn_at = at
    present.save(update_fields=["withdrawn_at"])
    _record("invitation_withdrawn", present, by=by, at=at)


def opened_by(key: str, *, at: datetime) -> Invitation:
    """Return what this link opens at that instant; DeskError if it opens nothing."""
    found = _waiting(at).filter(key_sha256=fingerprint(key)).first()
    return _still_good(found)


def waiting_for(email: str, *, at: datetime) -> Invitation | None:
    """Return the open invitation of an address that somebody proved to be theirs, if any."""
    found = _waiting(at).filter(email__iexact=email).first()
    return None if found is None else _still_good(found)


@transaction.atomic
def accept(*, invitation: Invitation, name: str, password: str | None, at: datetime) -> User:
    """Take in whoever was invited; of two who try at once, one. DeskError says what to correct."""
    present = (
        _waiting(at)
        .select_for_update(of=("self",))
        .filter(id=invitation.pk, key_sha256=invitation.key_sha256)
        .first()
    )
    present = _still_good(present)
    user = add_user(
        email=present.email,
        name=name,
        password=password,
        role=present.role,
        teams=list(present.teams.all()),
        by=present.invited_by,
        at=at,
    )
    present.accepted_at = at
    present.save(update_fields=["accepted_at"])
    _record("invitation_accepted", present, by=user, at=at, user_id=user.pk)
    return user


def fingerprint(key: str) -> str:
    """Return what is kept of a link's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _waiting(at: datetime) -> InvitationQuerySet:
    return Invitation.objects.open().filter(expires_at__gt=at).select_related("invited_by")


def _still_good(found: Invitation | None) -> Invitation:
    """Whoever invited must still work here, and be one who may: else their word is void."""
    if found is None or not found.invited_by.may_invite(
        role=found.role, teams=list(found.teams.all())
    ):
        raise DeskError(USED_UP)
    return found


def _locked(invitation: Invitation) -> Invitation:
    present = Invitation.objects.open().select_for_update().filter(id=invitation.pk).first()
    if present is None:
        raise DeskError("That invitation was accepted or taken back meanwhile.")
    return present


def _must_be_allowed(by: User, *, role: str, teams: Sequence[Team]) -> None:
    if not by.may_invite(role=role, teams=teams):
        raise DeskError("Managers invite agents into their own teams; admins invite everybody.")


def _record(
    kind: str,
    invitation: Invitation,
    *,
    by: User,
    at: datetime,
    user_id: int | None = None,
    **data: object,
) -> None:
    said = {"invitation": invitation.pk, "role": invitation.role, **data}
    record([Entry(kind=kind, by_id=by.pk, user_id=user_id, data=said, quiet=True)], at=at)
