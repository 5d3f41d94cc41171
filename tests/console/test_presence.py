"""Saying whether one is there, and seeing who else is."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import Presence, Team, User
from tests import people
from tests.console.conftest import HTMX

pytestmark = pytest.mark.django_db


def test_a_person_sets_themselves_away_and_the_rail_says_so(desk: Client, ana: User) -> None:
    answer = desk.post("/presence/", {"standing": "away"}, headers=HTMX)
    assert "You are away" in answer.text
    assert Presence.objects.get(user=ana).chosen == "away"


def test_a_standing_that_does_not_exist_is_refused(desk: Client, ana: User) -> None:
    assert desk.post("/presence/", {"standing": "gone"}).status_code == 400
    assert Presence.objects.get(user=ana).chosen == "on"


def test_opening_the_console_is_being_there(desk: Client, ana: User, now: datetime) -> None:
    Presence.objects.all().delete()
    desk.get("/inbox/mine/")
    assert User.objects.at_work(at=now + timedelta(seconds=1)).filter(id=ana.pk).exists()


def test_what_the_page_fetches_by_itself_is_not_being_there(desk: Client, ana: User) -> None:
    Presence.objects.all().delete()
    desk.get("/rail/", headers=HTMX)
    assert not Presence.objects.exists()


def test_a_touch_is_noted(desk: Client, ana: User) -> None:
    long_ago = people.NOON - timedelta(days=30)
    Presence.objects.update(seen_at=long_ago, away_at=long_ago)
    assert desk.post("/presence/seen/").status_code == 204
    assert Presence.objects.get(user=ana).seen_at > long_ago


def test_the_rail_shows_who_is_on_and_who_is_away_and_nobody_who_is_off(
    desk: Client, care: Team, now: datetime
) -> None:
    ben, chi = people.ben(care), people.a_user("Chi Okafor", team=care)
    Presence.objects.filter(user=ben).update(away_at=now - timedelta(minutes=1))
    Presence.objects.filter(user=chi).update(chosen="off")
    rail = desk.get("/rail/").text
    assert '<span class="dot away"></span><span class="one-line">Ben</span>' in rail
    assert '<span class="dot on"></span><span class="one-line">Ana</span>' in rail
    assert "Chi" not in rail
