"""What managers and admins decide about the desk, by the API: as in the console, and no more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.agents.models import Team, User
from apps.agents.programs import MANAGE
from apps.customers.models import Customer, Match
from apps.ledger.models import Event
from tests import people
from tests.api.conftest import LetIn, Program
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(care: Team, let_in: LetIn) -> Program:
    return let_in(people.mia(care), "read", "write", MANAGE)


@pytest.fixture
def admin(care: Team, let_in: LetIn) -> Program:
    ada = people.a_user("Ada Moreau", role="admin", team=care)
    return let_in(ada, "read", "write", MANAGE)


def made(answer: Any) -> Any:
    assert answer.status_code == 201, answer.content
    assert answer["etag"]
    assert answer["location"].endswith(f"/{answer.json()['id']}/")
    return answer.json()


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_desk_s_words(manager: Program, crm: Program) -> None:
    tag = made(manager.post("tags/", {"name": "billing", "colour": "red"}))
    address = f"tags/{tag['id']}/"
    assert done(manager.send("patch", address, {"name": "invoices"}))["colour"] == "red"
    assert done(manager.post(f"{address}retire/"))["is_retired"] is True
    assert done(manager.post(f"{address}restore/"))["is_retired"] is False
    assert manager.post("tags/", {"name": "Invoices"}).status_code == 409
    assert crm.post("tags/", {"name": "mine"}).status_code == 403
    assert crm.get("tags/?is_retired=false").json()["results"][0]["name"] == "invoices"


def test_an_agent_s_program_manages_no_more_than_the_agent(
    ana: User, care: Team, let_in: LetIn
) -> None:
    program = let_in(ana, "read", MANAGE)
    assert program.post("tags/", {"name": "mine"}).status_code == 422
    assert program.send("patch", f"teams/{care.pk}/", {"mode": "pull"}).status_code == 422
    assert program.get("webhooks/").status_code == 404
    assert program.get("webhooks/").content == program.get("nowhere/").content


def test_people_teams_shifts_and_channels(
    manager: Program, ana: User, care: Team, kim: Kim, now: datetime
) -> None:
    changed = done(manager.send("patch", f"users/{ana.pk}/", {"capacity": 3, "skills": ["it"]}))
    assert (changed["capacity"], changed["skills"], changed["languages"]) == (3, ["it"], [])
    team = done(
        manager.send("patch", f"teams/{care.pk}/", {"mode": "pull", "return_minutes": None})
    )
    assert (team["mode"], team["return_minutes"], team["name"]) == ("pull", None, "Care")
    weights = {"weights": {"fax": 2}}
    assert manager.send("patch", f"teams/{care.pk}/", weights).status_code == 400
    channel = f"channels/{kim.channel.pk}/"
    assert done(manager.send("patch", channel, {"skills": ["it"]}))["skills"] == ["it"]

    assert manager.send("patch", channel, {"handle": "@new"}).status_code == 422

    ana.shifts.all().delete()
    begins = now.replace(microsecond=0) + timedelta(days=1)
    span = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=8)).isoformat()}
    shift = made(manager.post("shifts/", {"user": ana.pk, **span}))
    later = span | {"ends_at": (begins + timedelta(hours=9)).isoformat()}
    assert manager.post(f"shifts/{shift['id']}/move/", later).status_code == 204
    [moved] = manager.get(f"shifts/?user={ana.pk}").json()["results"]
    assert datetime.fromisoformat(moved["ends_at"]) == begins + timedelta(hours=9)
    assert manager.send("delete", f"shifts/{moved['id']}/").status_code == 204
    assert not ana.shifts.exists()
    copy = {"team": care.pk, "monday": "2026-11-24"}
    assert manager.post("shifts/copy/", copy).status_code == 422
    assert done(manager.post("shifts/copy/", copy | {"monday": "2026-11-23"})) == {"copied": 0}
    assert done(manager.post(f"users/{ana.pk}/let-go/"))["is_active"] is False
    assert Event.objects.filter(kind="user_deactivated", user_id=ana.pk).count() == 1


def test_teams_come_and_go_and_people_come_back(
    admin: Program, manager: Program, ana: User
) -> None:
    team = made(admin.post("teams/", {"name": "Night"}))
    assert manager.post("teams/", {"name": "Day"}).status_code == 422
    assert admin.send("delete", f"teams/{team['id']}/").status_code == 204
    assert done(admin.post(f"users/{ana.pk}/sign-out/"))["is_active"] is True
    assert manager.post(f"users/{ana.pk}/sign-out/").status_code == 422
    done(admin.post(f"users/{ana.pk}/let-go/"))
    assert done(admin.post(f"users/{ana.pk}/bring-back/"))["is_active"] is True


def test_channels_are_connected_changed_and_paused(
    admin: Program, manager: Program, care: Team
) -> None:
    account = {"network": "generic", "account_id": "fax", "handle": "Fax", "team": care.pk}
    fax = made(admin.post("channels/", account))
    assert manager.post("channels/", account | {"account_id": "2"}).status_code == 422
    assert admin.post("channels/", account | {"network": "fax"}).status_code == 400
    address = f"channels/{fax['id']}/"
    assert done(admin.send("patch", address, {"is_private": True}))["is_private"] is True
    assert done(admin.post(f"{address}pause/"))["paused_at"]
    assert done(admin.post(f"{address}go-on/"))["paused_at"] is None
    done(admin.post(f"{address}rotate/"))
    assert admin.post(f"{address}rotate/").status_code == 422
    done(admin.post(f"{address}end-rotation/"))


def test_oneself(crm: Program, ana: User) -> None:
    assert done(crm.get("users/me/"))["email"] == ana.email
    assert done(crm.send("patch", "users/me/", {"undo_seconds": 20}))["undo_seconds"] == 20
    assert crm.send("patch", "users/me/", {"initials": "a b"}).status_code == 400
    assert crm.post("users/me/presence/", {"standing": "off"}).status_code == 403


def test_hours_and_policies_in_their_order(manager: Program, admin: Program, care: Team) -> None:
    week = {"zone": "Europe/Berlin", "week": {"mon": [["09:00", "17:00"]]}}
    hours = made(admin.post("hours/", {"name": "Office", **week}))
    assert admin.post("hours/", {"name": "Office", **week}).status_code == 409
    changed = done(admin.send("patch", f"hours/{hours['id']}/", {"own_days": ["2026-12-24"]}))
    assert (changed["version"], changed["week"]) == (2, week["week"])
    assert len(done(admin.get(f"hours/{hours['id']}/versions/"))["results"]) == 2
    refused = admin.send("patch", f"hours/{hours['id']}/", {"zone": "Mars"})
    assert refused.status_code == 422

    vip = {"name": "All", "first_response_minutes": 60, "business_hours": hours["id"]}
    everybody = made(admin.post("policies/", vip))
    fast = {"name": "Care", "team": care.pk, "first_response_minutes": 5, "rank": 1}
    ours = made(manager.post("policies/", fast))
    assert [one["rank"] for one in (ours, admin.get(f"policies/{everybody['id']}/").json())] == [
        1,
        2,
    ]
    slower = done(manager.send("patch", f"policies/{ours['id']}/", {"first_response_minutes": 9}))
    assert (slower["version"], slower["first_response_minutes"], slower["team"]) == (2, 9, care.pk)
    assert manager.send("patch", f"policies/{everybody['id']}/", {"name": "x"}).status_code == 422
    assert done(manager.post(f"policies/{ours['id']}/move/", {"rank": 2}))["rank"] == 2
    assert done(manager.post(f"policies/{ours['id']}/retire/"))["rank"] is None
    listed = admin.get("policies/").json()["results"]
    assert [one["id"] for one in listed] == [everybody["id"]]
    assert len(done(admin.get(f"policies/{ours['id']}/versions/"))["results"]) == 4


def test_a_lost_update_is_refused_everywhere(manager: Program, admin: Program, care: Team) -> None:
    tag = made(manager.post("tags/", {"name": "billing"}))
    policy = made(admin.post("policies/", {"name": "All", "first_response_minutes": 60}))
    hours = made(admin.post("hours/", {"name": "Office", "zone": "Europe/Berlin", "week": "24/7"}))
    changes: list[tuple[str, dict[str, object], dict[str, object]]] = [
        (f"tags/{tag['id']}/", {"colour": "red"}, {"colour": "blue"}),
        (f"teams/{care.pk}/", {"mode": "pull"}, {"mode": "push"}),
        (f"policies/{policy['id']}/", {"warn_percent": 50}, {"warn_percent": 60}),
        (f"hours/{hours['id']}/", {"own_days": ["2026-12-24"]}, {"own_days": []}),
    ]
    for address, one, other in changes:
        seen = admin.get(address)["etag"]
        assert admin.send("patch", address, one, if_match=seen).status_code == 200, address
        assert admin.send("patch", address, other, if_match=seen).status_code == 412, address
        fresh = f'"other", {admin.get(address)["etag"]}'
        assert admin.send("patch", address, other, if_match=fresh).status_code == 200, address


def test_webhooks_are_for_admins(admin: Program, manager: Program, let_in: LetIn) -> None:
    wanted = {"name": "CRM", "url": "https://crm.example/hook", "kinds": ["sent", "received"]}
    webhook = made(admin.post("webhooks/", wanted))
    address = f"webhooks/{webhook['id']}/"
    assert "secret" not in webhook
    secret = done(admin.get(f"{address}secret/"))["secret"]
    assert secret.startswith("whsec_")
    assert done(admin.send("patch", address, {"kinds": ["sent"]}))["kinds"] == ["sent"]
    done(admin.post(f"{address}rotate/"))
    rotated = done(admin.get(f"{address}secret/"))
    assert (rotated["previous"], rotated["secret"] != secret) == (secret, True)
    done(admin.post(f"{address}end-rotation/"))
    done(admin.post(f"{address}test/"))
    assert done(admin.post(f"{address}switch-off/"))["is_on"] is False
    assert admin.post(f"{address}test/").status_code == 422
    assert done(admin.post(f"{address}switch-on/"))["is_on"] is True
    assert done(admin.get(f"{address}log/"))["results"] == []
    assert admin.post(f"{address}log/1/redeliver/").status_code == 404
    assert manager.get(address).status_code == 404
    reader = let_in(User.objects.get(role="admin"), "read")
    assert reader.get(address).status_code == 200
    assert reader.get(f"{address}secret/").status_code == 403
    assert admin.post("webhooks/", wanted | {"url": "ftp://crm.example/"}).status_code == 422
    assert admin.send("delete", address).status_code == 204


def test_views_snippets_and_notifications(manager: Program, crm: Program, care: Team) -> None:
    view = {"name": "Old", "queue": "everyone", "given": {"over": "30"}, "team": care.pk}
    kept = made(manager.post("views/", view))
    assert done(crm.get(f"views/{kept['id']}/"))["given"] == {"over": "30"}
    assert crm.send("patch", f"views/{kept['id']}/", {"name": "x"}).status_code == 422
    assert done(manager.send("patch", f"views/{kept['id']}/", {"name": "Older"}))["team"] == care.pk
    assert manager.post("views/", view | {"given": {"over": "ages"}}).status_code == 400
    assert manager.send("delete", f"views/{kept['id']}/").status_code == 204
    fact = {"name": "address", "text": "Acme, Main Street 1, 10115 Berlin", "team": care.pk}
    snippet = made(manager.post("snippets/", fact))
    assert manager.post("snippets/", fact).status_code == 422
    changed = manager.send("patch", f"snippets/{snippet['id']}/", {"language": "de"})
    assert done(changed)["text"] == fact["text"]
    assert manager.send("delete", f"snippets/{snippet['id']}/").status_code == 204
    assert done(crm.post("notifications/read/")) == {"read": 0}


def test_customers_identities_and_promises(
    crm: Program, kim: Kim, ana: User, now: datetime
) -> None:
    here = conversation_of(kim.writes("order 48213 is lost", at=now))
    there = conversation_of(Kim(kim.channel, author_id="kim2").writes(at=now))
    customer = f"customers/{here.identity.customer_id}/"
    assert done(crm.send("patch", customer, {"name": "Kim"}))["name"] == "Kim"
    pair = {"one": here.identity_id, "other": there.identity_id, "reason": "She said so."}
    match = made(crm.post("matches/", pair))
    assert match["state"] == "confirmed"
    assert crm.post("matches/", pair).status_code == 409
    assert len(done(crm.get(customer))["identities"]) == 2
    address = f"matches/{match['id']}/"
    assert done(crm.post(f"{address}part/", {"reason": "No."}))["state"] == "parted"
    assert Customer.objects.filter(identities__isnull=False).count() == 2
    proposed = Match.objects.create(
        left=here.identity, right=there.identity, state="proposed", proposed_at=now
    )
    assert done(crm.post(f"matches/{proposed.pk}/reject/"))["state"] == "rejected"
    assert crm.post(f"matches/{proposed.pk}/confirm/").status_code == 409
    of_customer = crm.get(f"matches/?customer={here.identity.customer_id}").json()["results"]
    assert {one["id"] for one in of_customer} == {match["id"], proposed.pk}

    note = crm.post(f"conversations/{here.pk}/notes/", {"text": "I call back tomorrow"}).json()
    assert crm.post(f"messages/{note['id']}/pin/").status_code == 200
    assert crm.post(f"messages/{note['id']}/unpin/").status_code == 200
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    words = {"message": note["id"], "words": "call back tomorrow", "due_at": due}
    promise = made(crm.post("promises/", words))
    assert promise["customer"] == here.identity.customer_id
    assert crm.post("promises/", words).status_code == 409
    kept = done(crm.post(f"promises/{promise['id']}/settle/", {"state": "kept"}))
    assert (kept["state"], kept["settled_by"]) == ("kept", ana.pk)
    assert crm.get("promises/?state=open").json()["results"] == []


def test_many_at_once_next_in_line_and_search(
    crm: Program, kim: Kim, ana: User, now: datetime
) -> None:
    ana.capacity = 0
    ana.save()
    one, other = (
        conversation_of(Kim(kim.channel, author_id=f"c{n}").writes("a broken router", at=now))
        for n in range(2)
    )
    assert done(crm.post("conversations/take-next/"))["id"] == one.pk
    assert done(crm.post("conversations/keep/")) == {"kept": 0}
    many = {"conversations": [one.pk, other.pk, 999], "decision": "resolve"}
    outcome = done(crm.post("conversations/decide/", many | {"no_reply_needed": "spam"}))
    assert outcome["decided"] == [one.pk, other.pk]
    assert outcome["refused"] == [{"conversation": 999, "detail": "There is no such conversation."}]
    assert crm.post("conversations/decide/", many | {"decision": "snooze"}).status_code == 400
    assert crm.post("conversations/take-next/").status_code == 422
    found = done(crm.get("search/?q=broken"))
    assert len(found["messages"]) == 2
    assert found["next_before"] is None
    assert len(done(crm.get("search/?q=broken&said=note"))["messages"]) == 0
    assert crm.get("search/").status_code == 400
