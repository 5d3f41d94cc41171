"""Whatever an admin decides under Settings is an event of the ledger, and says by whom."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from apps.ledger.models import Event
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests.access.scene import Scene, set_scene
from tests.access.test_matrix import ROUTES
from tests.signing_in import window

pytestmark = pytest.mark.django_db

SETTINGS = ("settings/", "hours/", "shifts/")
WEEK = dict.fromkeys(("tue", "wed", "thu", "fri", "sat", "sun"), "")
HOURS = WEEK | {"name": "New", "seen": "0", "zone": "UTC", "mon": "09:00-17:00"}
NEWEST = str(10**9)
POLICY = {
    "name": "New",
    "seen": NEWEST,
    "rank": "1",
    "first_response_minutes": "7",
    "warn_percent": "80",
}
WEBHOOK: dict[str, Any] = {"name": "BI", "url": "https://bi.example/hook", "kinds": ["received"]}
TEAM = {
    "name": "Care",
    "mode": "pull",
    "languages": "en",
    **{f"weight_{one}": "1" for one in ("mention", "comment", "direct", "found", "follow")},
}
CHANNEL = {"handle": "@new", "base_url": "https://square.example"}


def said(scene: Scene) -> dict[str, dict[str, Any]]:
    """What an admin sends to each address that decides something, so that it does."""
    team = scene.own["team_id"]
    tomorrow = timezone.localtime() + timedelta(days=1)
    return {
        "channel": CHANNEL | {"team": team, "token": "t"},
        "channel_deed": {},
        "channel_secret": {},
        "copy_week": {},
        "delete_snippet": {},
        "drop_factor": {},
        "drop_team": {},
        "export_audit": {},
        "hours": HOURS | {"name": "Office", "seen": "1", "mon": "10:00-17:00"},
        "invite": {"email": "new@acme.example", "role": "admin"},
        "label": {"name": "Renamed", "colour": "pink"},
        "let_go": {},
        "move_policy": {"direction": "down", "seen": NEWEST},
        "new_channel": CHANNEL
        | {"team": team, "network": "square", "account_id": "9", "token": "t"},
        "new_hours": HOURS,
        "new_label": {"name": "New", "colour": "pink"},
        "new_policy": POLICY,
        "new_program": {"name": "BI", "owner": scene.ana.pk, "scopes": ["read"]},
        "program": {"name": "BI", "owner": scene.ana.pk, "scopes": ["read"]},
        "renew_program_secret": {},
        "remove_program": {},
        "new_snippet": {"name": "new", "text": "A fact."},
        "new_team": {"name": "New"},
        "new_webhook": WEBHOOK,
        "person": {"capacity": "3", "languages": "", "skills": ""},
        "place": {"role": "manager"},
        "policy": POLICY,
        "redeliver": {},
        "remove_shift": {},
        "renew": {},
        "restore_label": {},
        "retire_label": {},
        "retire_policy": {"seen": NEWEST},
        "return_person": {},
        "shift": {"starts_at": "2026-01-01T09:00", "ends_at": f"{tomorrow:%Y-%m-%dT%H:%M}"},
        "shifts": {
            "person": scene.mia.pk,
            "day": f"{tomorrow:%Y-%m-%d}",
            "begins": "09:00",
            "ends": "17:00",
            "weeks": "1",
        },
        "sign_out_person": {},
        "snippet": {"name": "new", "text": "Another fact.", "team": team},
        "team": TEAM,
        "webhook_deed": {},
        "webhook_page": WEBHOOK,
        "webhook_secret": {},
        "withdraw": {},
    }


# Nothing to decide in this scene: there is nobody to bring back, and nothing to restore.
NOTHING_TO_DO = {
    "return_person",
    "restore_label",
    "copy_week",
    "drop_team",
    "redeliver",
    "drop_factor",
}


def test_every_deed_under_settings_is_an_event() -> None:
    scene = set_scene(timezone.now())
    save_policy(
        said=PolicyVersion(name="Slow", next_response_minutes=60), by=scene.ada, at=timezone.now()
    )
    scene.mia.shifts.all().delete()  # whoever is always on has nothing planned
    browser, values, sent = window(scene.ada), {**scene.desk, **scene.own}, said(scene)
    silent = []
    for route in ROUTES:
        if not route.path.startswith(SETTINGS):
            continue
        address = reverse(route.name, kwargs={one: values[one] for one in route.names})
        before = Event.objects.filter(by_id=scene.ada.pk).count()
        with transaction.atomic():
            answer = browser.post(address, sent.get(route.name, {}))
            told = Event.objects.filter(by_id=scene.ada.pk).count() - before
            transaction.set_rollback(True)
        if answer.status_code == 405:
            continue
        assert route.name in sent, f"{route.name} decides something: add what is sent to it above"
        if not told and route.name not in NOTHING_TO_DO:
            silent.append(f"{route.name}: {answer.status_code}")
    assert not silent, "\n".join(silent)
