"""What people sign in by: each change of it is an event, whoever makes it and wherever."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import User
from apps.common.errors import DeskError, sentence
from apps.ledger.recording import Entry, record

OF_ONES_OWN = frozenset(
    {
        "account_connected",
        "account_disconnected",
        "password_changed",
        "password_reset",
        "password_set",
        "recovery_codes_generated",
        "totp_activated",
        "totp_deactivated",
        "webauthn_added",
        "webauthn_removed",
    }
)
"""What somebody changes about how they sign in, as the letters about it are called."""


@transaction.atomic
def note_credentials(*, kind: str, user: User, at: datetime) -> None:
    """Note that somebody changed what they sign in by."""
    if kind in OF_ONES_OWN:
        record([Entry(kind=kind, by_id=user.pk, user_id=user.pk, quiet=True)], at=at)


@transaction.atomic
def give_password(*, user: User, password: str, at: datetime) -> None:
    """Let somebody sign in by another password; whoever used the old one is signed out.

    For whoever runs the desk's machine; DeskError says what to correct.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    record([Entry(kind="password_changed", user_id=user.pk, quiet=True)], at=at)
