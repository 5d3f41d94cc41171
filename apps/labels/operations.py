"""Managers name tags and flags, recolour them, and retire them."""

import unicodedata
from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import User
from apps.common import sets
from apps.common.errors import Conflict, DeskError, sentence
from apps.labels.models import Label
from apps.ledger.recording import Entry, record

L = TypeVar("L", bound=Label)


@transaction.atomic
def save_label(
    *,
    kind: type[L],
    name: str,
    colour: str,
    label: L | None = None,
    by: User | None,
    at: datetime,
) -> L:
    """Name a new tag or flag, or rename and recolour one. DeskError says what to correct."""
    _check_leads(kind, by)
    hold(kind)
    plain_name = " ".join(name.split())
    saved = kind() if label is None else kind._default_manager.get(pk=label.pk)
    before = (saved.name, saved.colour)
    saved.name, saved.colour, saved.key = plain_name, colour, key_of(plain_name)
    if label is not None and before == (saved.name, saved.colour):
        return saved
    if label is None:
        _check_room(kind)
    _check_name_is_free(saved)
    try:
        saved.full_clean(exclude=["key"])
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    saved.save()
    _record("saved", saved, by=by, at=at)
    return saved


@transaction.atomic
def retire_label(*, label: Label, by: User, at: datetime) -> None:
    """Offer it no more; what bears it keeps it until somebody takes it off."""
    _set_retired(label, is_retired=True, by=by, at=at)


@transaction.atomic
def restore_label(*, label: Label, by: User, at: datetime) -> None:
    """Offer a retired one again."""
    _set_retired(label, is_retired=False, by=by, at=at)


def hold(kind: type[Label]) -> None:
    """Nobody else names one until this transaction ends; giving them out goes on."""
    sets.execute("SELECT pg_advisory_xact_lock(hashtextextended(%b::text, 0))", kind.NOUN)


def key_of(name: str) -> str:
    """Return the name as two names are compared: forms and case folded."""
    return unicodedata.normalize("NFKC", name).casefold()


def _set_retired(label: Label, *, is_retired: bool, by: User, at: datetime) -> None:
    kind = type(label)
    _check_leads(kind, by)
    hold(kind)
    present = kind._default_manager.get(pk=label.pk)
    if present.is_retired == is_retired:
        return
    if not is_retired:
        _check_room(kind)
    present.is_retired = is_retired
    present.save(update_fields=["is_retired"])
    _record("retired" if is_retired else "restored", present, by=by, at=at)


def _check_leads(kind: type[Label], by: User | None) -> None:
    if by is not None and not by.leads:
        raise DeskError(f"Only managers and admins name {kind.NOUN}s: ask one of them.")


def _check_room(kind: type[Label]) -> None:
    if kind._default_manager.filter(is_retired=False).count() >= kind.MOST_PRESENT:
        raise DeskError(
            f"There are {kind.MOST_PRESENT} {kind.NOUN}s, more than anybody chooses from well:"
            " retire one first."
        )


def _check_name_is_free(label: Label) -> None:
    other = type(label)._default_manager.filter(key=label.key).exclude(pk=label.pk).first()
    if other is None:
        return
    what = f"There is a {label.NOUN} named {other.name} already"
    if other.is_retired:
        raise Conflict(f"{what}, a retired one: restore it, or choose another name.")
    raise Conflict(f"{what}: choose another name.")


def _record(what: str, label: Label, *, by: User | None, at: datetime) -> None:
    entry = Entry(
        kind=f"{label.NOUN}_{what}",
        by_id=by.pk if by else None,
        data={label.NOUN: label.pk, "name": label.name, "colour": label.colour},
        quiet=True,
    )
    record([entry], at=at)
