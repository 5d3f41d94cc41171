"""Managers name tags and flags: each name once, whatever its case; retired, never deleted."""

from collections.abc import Callable

import pytest

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.labels.models import Flag, Label, Tag
from apps.labels.operations import restore_label, retire_label, save_label
from apps.ledger.models import Event
from tests.people import NOON, ana, mia

pytestmark = pytest.mark.django_db


def a_label(name: str = "Billing", kind: type[Label] = Tag, **fields: str) -> Label:
    return save_label(kind=kind, name=name, colour=fields.get("colour", "red"), by=None, at=NOON)


@pytest.mark.parametrize("name", ["billing", " BILLING ", "Ｂilling"])
def test_a_name_is_given_once_whatever_its_case_and_form(name: str) -> None:
    a_label("Billing")
    with pytest.raises(Conflict, match="There is a tag named Billing already"):
        a_label(name)
    a_label(name, kind=Flag)


def test_a_retired_one_keeps_its_name_and_comes_back() -> None:
    manager, tag = mia(), a_label("Straße")
    retire_label(label=tag, by=manager, at=NOON)
    retire_label(label=tag, by=manager, at=NOON)
    with pytest.raises(Conflict, match="a retired one: restore it"):
        a_label("STRASSE")
    restore_label(label=tag, by=manager, at=NOON)
    assert not Tag.objects.get().is_retired
    assert list(Event.objects.order_by("id").values_list("kind", "by_id")) == [
        ("tag_saved", None),
        ("tag_retired", manager.pk),
        ("tag_restored", manager.pk),
    ]


def test_renaming_and_recolouring_are_recorded_and_the_same_again_is_not() -> None:
    tag = a_label("Billing")
    for colour in ("blue", "blue"):
        save_label(kind=Tag, label=tag, name="billing", colour=colour, by=mia_once(), at=NOON)
    tag.refresh_from_db()
    assert (tag.name, tag.colour) == ("billing", "blue")
    assert Event.objects.filter(kind="tag_saved").count() == 2


@pytest.mark.parametrize(
    ("name", "colour", "sentence"),
    [("  ", "red", "blank"), ("x" * 41, "red", "40 characters"), ("Fine", "gold", "gold")],
)
def test_what_cannot_be_is_refused_in_words(name: str, colour: str, sentence: str) -> None:
    with pytest.raises(DeskError, match=sentence):
        a_label(name, colour=colour)
    assert not Tag.objects.exists()


def test_flags_are_a_small_set() -> None:
    for number in range(20):
        a_label(f"flag {number}", kind=Flag)
    with pytest.raises(DeskError, match="retire one first"):
        a_label("one more", kind=Flag)


@pytest.mark.parametrize(
    "decide",
    [
        lambda label, by: save_label(kind=Tag, name="New", colour="red", by=by, at=NOON),
        lambda label, by: retire_label(label=label, by=by, at=NOON),
        lambda label, by: restore_label(label=label, by=by, at=NOON),
    ],
)
def test_agents_name_none(decide: Callable[[Label, User], object]) -> None:
    tag = a_label()
    with pytest.raises(DeskError, match="Only managers and admins"):
        decide(tag, ana())


def mia_once() -> User:
    return User.objects.filter(role="manager").first() or mia()
