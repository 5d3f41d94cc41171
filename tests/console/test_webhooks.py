"""Pages about webhooks: an admin's, and nobody else's."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.ledger.models import Event
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.operations.delivering import deliver_due, spread
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim, arrive
from tests.signing_in import window
from tests.stub_network import says, stub_network

pytestmark = pytest.mark.django_db

CRM = {"name": "CRM", "url": "https://crm.example/hook", "kinds": ["received", "sent"]}
DEEDS = ["test", "switch-on", "switch-off", "rotate", "end-rotation", "remove"]


@pytest.fixture
def ada(care: Team) -> User:
    return people.a_user("Ada Moreau", role="admin", team=care)


@pytest.fixture
def admin(ada: User, sign_in: SignIn) -> Client:
    """Ada's browser."""
    return sign_in(ada)


def added(admin: Client, **changes: object) -> Subscription:
    answer = admin.post("/settings/webhooks/new/", CRM | changes)
    assert answer.status_code == 302, answer.text
    return Subscription.objects.get()


def test_an_admin_has_a_program_told_and_changes_it(admin: Client, ada: User, care: Team) -> None:
    one = added(admin, name="  CRM <b>", teams=[care.pk])
    assert (one.name, one.kinds, one.created_by) == ("CRM <b>", ["received", "sent"], ada)
    page = admin.get(f"/settings/webhooks/{one.pk}/").text
    assert "CRM &lt;b&gt;" in page
    assert one.secret not in page
    assert one.secret in admin.post(f"/settings/webhooks/{one.pk}/secret/").text
    assert one.secret not in admin.get("/settings/webhooks/").text
    changed = CRM | {"kinds": ["sent"], "name": "CRM <b>"}
    assert admin.post(f"/settings/webhooks/{one.pk}/", changed).status_code == 302
    one.refresh_from_db()
    assert (one.kinds, list(one.teams.all())) == (["sent"], [])
    deeds = Event.objects.filter(kind__startswith="webhook").order_by("id")
    assert [(event.kind, event.by_id) for event in deeds] == [
        ("webhook_added", ada.pk),
        ("webhook_secret_shown", ada.pk),
        ("webhook_changed", ada.pk),
    ]
    assert deeds[2].data["changed"] == ["kinds", "teams"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "https://user:pass@crm.example"}, "before the @"),
        ({"url": "crm.example/hook"}, "whole address"),
        ({"url": ""}, "required"),
        ({"kinds": []}, "at least one kind"),
        ({"kinds": ["user_added"]}, "Select a valid choice"),
        ({"name": "x" * 81}, "at most 80"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    admin: Client, changes: dict[str, object], words: str
) -> None:
    answer = admin.post("/settings/webhooks/new/", CRM | changes)
    assert answer.status_code == 422
    assert words in answer.text
    assert not Subscription.objects.exists()


def test_an_admin_tests_rotates_switches_and_removes(admin: Client) -> None:
    def does(deed: str) -> None:
        assert admin.post(f"/settings/webhooks/{one.pk}/{deed}/").status_code == 302

    one = added(admin)
    first = one.secret
    for deed in ("test", "rotate", "end-rotation", "switch-off", "test", "switch-on"):
        does(deed)
    one.refresh_from_db()
    assert one.secret != first
    assert (one.previous_secret, one.is_on) == ("", True)
    does("remove")
    assert not Subscription.objects.exists()
    kinds = Event.objects.filter(kind__startswith="webhook").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "webhook_added",
        "webhook_tested",
        "webhook_secret_rotated",
        "webhook_old_secret_dropped",
        "webhook_switched_off",
        "webhook_switched_on",
        "webhook_removed",
    ]


def test_the_log_tells_how_it_went_and_tells_it_again(admin: Client, kim: Kim) -> None:
    with stub_network(says(500, b"<script>no</script>")) as endpoint:
        one = added(admin, url=endpoint.url)
        kim.writes(at=timezone.now())
        deliver_due()
        endpoint.answer = says(204, b"")
        dispatch = Dispatch.objects.get()
        entry = f"/settings/webhooks/{one.pk}/log/{dispatch.pk}/"
        page = admin.get(entry).text
        assert "&lt;script&gt;no&lt;/script&gt;" in page
        assert dispatch.webhook_id in page
        assert "tried again" in admin.get(f"/settings/webhooks/{one.pk}/log/").text
        assert admin.post(f"{entry}redeliver/").status_code == 302
        deliver_due()
    assert "taken" in admin.get(f"/settings/webhooks/{one.pk}/?state=taken").text
    assert "Nothing here" in admin.get(f"/settings/webhooks/{one.pk}/?state=given_up").text


def test_admins_see_on_every_page_that_a_webhook_failed(
    admin: Client, kim: Kim, desk: Client
) -> None:
    with stub_network(says(410)) as endpoint:
        one = added(admin, url=endpoint.url)
        kim.writes(at=timezone.now())
        deliver_due()
    told = admin.get("/notifications/").text
    assert told.count("was switched off. It said that it is gone (410).") == 1
    assert f'href="/settings/webhooks/{one.pk}/"' in told
    assert 'class="webhook unread"' in told
    news = admin.get("/notifications/news/", headers=HTMX).text
    assert "<bdi>CRM</bdi></a> was switched off" in news
    assert "switched off" not in desk.get("/notifications/").text
    for address in ("/inbox/mine/", "/dashboard/"):
        assert "Webhooks off <b>1</b>" in admin.get(address).text or 'class="failed"' in (
            admin.get(address).text
        )
    assert "Webhooks off" not in desk.get("/inbox/mine/").text
    User.objects.filter(role="admin").update(role="agent")
    assert "switched off" not in admin.get("/notifications/").text
    User.objects.filter(name="Ada Moreau").update(role="admin")
    admin.get(f"/settings/webhooks/{one.pk}/")
    assert 'class="webhook"' in admin.get("/notifications/").text, "looking at it is reading it"
    admin.post(f"/settings/webhooks/{one.pk}/switch-on/")
    admin.post(f"/settings/webhooks/{one.pk}/switch-off/")
    assert "Webhooks off" not in admin.get("/inbox/mine/").text


def test_what_is_risky_asks_for_the_password_first(admin: Client, ada: User) -> None:
    one = added(admin)
    browser, page = window(ada, is_confirmed=False), f"/settings/webhooks/{one.pk}/"
    for address in ("/settings/webhooks/new/", page, f"{page}secret/", f"{page}rotate/"):
        assert "reauthenticate" in browser.post(address, CRM)["location"]
    assert browser.get(page).status_code == 200
    asked = browser.post(f"{page}secret/")
    said = {"password": people.PASSWORD, "next": f"{page}secret/"}
    assert one.secret in browser.post(asked["location"], said).text
    assert one.secret == Subscription.objects.get().secret


def test_a_long_log_comes_page_by_page(
    admin: Client, kim: Kim, django_assert_max_num_queries: object
) -> None:
    one = added(admin)
    now = timezone.now()
    arrive(kim.channel, *(kim.says(f"number {n}", at=now) for n in range(60)), at=now)
    spread(at=timezone.now())
    address = f"/settings/webhooks/{one.pk}/"
    assert callable(django_assert_max_num_queries)
    with django_assert_max_num_queries(12):
        newest = admin.get(address).text
    [before] = re.findall(r"before=(\d+)", newest)
    older = admin.get(f"{address}?before={before}").text
    assert newest.count('<th scope="row">') == 50
    assert older.count('<th scope="row">') == 10
    assert admin.get(f"{address}?before=x&state=y").status_code == 200


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_to_everybody_else_the_pages_do_not_exist(
    admin: Client, kim: Kim, sign_in: SignIn, role: str, care: Team
) -> None:
    one = added(admin)
    kim.writes(at=timezone.now())
    spread(at=timezone.now())
    browser = sign_in(people.a_user("Otto Ops", role=role, team=care))
    known = Dispatch.objects.get().pk
    for number, entry in ((one.pk, known), (999, known), (one.pk, 999)):
        page = f"/settings/webhooks/{number}/"
        for address in (page, f"{page}log/", f"{page}log/{entry}/"):
            assert browser.get(address).status_code == 404
        for deed in DEEDS:
            assert browser.post(f"{page}{deed}/").status_code == 404
        assert browser.post(page, CRM).status_code == 404
        assert browser.post(f"{page}log/{entry}/redeliver/").status_code == 404
    for address in ("/settings/webhooks/", "/settings/webhooks/new/"):
        assert browser.get(address).status_code == 404
    assert Event.objects.filter(kind__startswith="webhook").count() == 1
    assert "/settings/webhooks/" not in browser.get("/settings/people/").text
    assert admin.get("/settings/webhooks/999/").status_code == 404
