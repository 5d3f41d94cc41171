"""Who works at the desk: people are taken in."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import Membership, Shift, Team, User
from apps.agents.operations.being_there import note_seen
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record


@transaction.atomic
def add_user(
    *,
    email: str,
    name: str,
    password: str | None,
    role: str,
    teams: Sequence[Team] = (),
    by: User | None,
    at: datetime,
) -> User:
    """Take in a person who can sign in from now on; DeskError says what to correct.

    Without a password they come in by the desk's sign-in service alone.

    Who has teams is on shift until further notice, and counts as there from now, so that work
    reaches them; where they don't come, silence makes them away.
    """
    if User.objects.filter(email__iexact=email).exists():
        raise DeskError(f"{email} already signs in here: choose another address.")
    plain_name = " ".join(name.split())
    user = User(
        email=User.objects.normalize_email(email),
        name=plain_name,
        role=role,
        initials=_initials(plain_name),
    )
    user.set_password(password)
    try:
        user.full_clean()
        if password is not None:
            validate_password(password, user)
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    user.save()
    Membership.objects.bulk_create([Membership(user=user, team=team) for team in teams])
    if teams:
        Shift.objects.create(user=user, starts_at=at)
        note_seen(user=user, at=at)
    entry = Entry(
        kind="user_added",
        by_id=by.pk if by else None,
        user_id=user.pk,
        data={"role": role, "teams": [team.pk for team in teams]},
    )
    record([entry], at=at)
    return user


def _initials(name: str) -> str:
    """Return what signs their replies: the first letters of the first and the last name."""
    words = name.split()
    letters = words[0][0] + words[-1][0] if len(words) > 1 else name[:2]
    return letters.upper()[:4]
