"""The list of promises on the pages: read by all, decided by managers and admins."""

import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.labels.models import Flag
from apps.labels.operations import save_label
from apps.ledger.models import Event
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from apps.sla.queries import present_policies
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.console.test_browser import complaints
from tests.people import Kim, conversation_of

__all__ = ["complaints"]
pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/settings/policies/"


@pytest.fixture
def ada() -> User:
    return people.a_user("Ada Min", role="admin")


@pytest.fixture
def admin(ada: User, sign_in: SignIn) -> Client:
    return sign_in(ada)


@pytest.fixture
def three(now: datetime) -> list[PolicyVersion]:
    """Direct messages, then everybody, then mentions, which are never reached."""
    at = now - timedelta(days=3)
    said = [
        PolicyVersion(name="Direct <b>", surface="direct", first_response_minutes=5),
        PolicyVersion(name="Everybody", first_response_minutes=90, resolution_minutes=2880),
        PolicyVersion(name="Mentions", surface="mention", next_response_minutes=30),
    ]
    return [save_policy(said=one, by=None, at=at) for one in said]


def entered(seen: PolicyVersion | None, **changes: object) -> dict[str, object]:
    usual = {"name": "Fast", "first_response_minutes": 15, "warn_percent": 80, "rank": 1}
    return {**usual, "seen": seen.pk if seen else 0, **changes}


def names() -> list[str]:
    return [one.name for one in present_policies()]


def test_agents_read_the_list_in_its_order_and_decide_nothing(
    desk: Client, three: list[PolicyVersion]
) -> None:
    page = " ".join(desk.get(LIST).text.split())
    places = [page.index(words) for words in ("Direct &lt;b&gt;", "Everybody", "Mentions")]
    assert places == sorted(places)
    assert page.count('class="otherwise"') == 3
    assert 'resolution <b class="num">2 d</b>' in page
    assert "Never reached: <bdi>Everybody</bdi> stands above it" in page
    assert "New policy" not in page
    assert "Move" not in page.replace("Move it up", "")
    for address in ("new/", "1/move/", f"{three[0].policy_id}/"):
        assert desk.post(f"{LIST}{address}", entered(three[-1])).status_code in {404, 302}
    assert names() == ["Direct <b>", "Everybody", "Mentions"]


def test_a_manager_reads_all_and_decides_for_their_teams(
    sign_in: SignIn, mia: User, care: Team, three: list[PolicyVersion]
) -> None:
    manager = sign_in(mia)
    refused = manager.post(f"{LIST}new/", entered(three[-1]))
    assert refused.status_code == 422
    assert "choose one of your teams or channels, or ask an admin" in refused.text
    assert manager.post(f"{LIST}new/", entered(three[-1], team=care.pk)).status_code == 302
    assert names() == ["Fast", "Direct <b>", "Everybody", "Mentions"]
    shown = manager.get(f"{LIST}{three[1].policy_id}/").text
    assert "the first version" in shown
    assert 'name="first_response_minutes"' not in shown


def test_what_a_private_channel_is_promised_is_unknown_to_other_teams(
    desk: Client, now: datetime
) -> None:
    private = people.a_channel("@secret", team=people.a_team("Sales"), is_private=True)
    said = PolicyVersion(name="Hidden", channel=private, first_response_minutes=5)
    version = save_policy(said=said, by=None, at=now)
    assert "Hidden" not in desk.get(LIST).text
    for address in (f"{version.policy_id}/", f"{version.policy_id}/versions/1/", "999/"):
        assert desk.get(LIST + address).status_code == 404


def test_every_saving_is_a_version_that_says_what_it_changed(
    admin: Client, ada: User, three: list[PolicyVersion]
) -> None:
    direct = three[0]
    address = f"{LIST}{direct.policy_id}/"
    saved = admin.post(
        address,
        entered(three[-1], name="Direct", surface="direct", resolution_minutes=60, rank=2),
    )
    assert saved.status_code == 302
    assert names() == ["Everybody", "Direct", "Mentions"]
    page = " ".join(admin.get(address).text.split())
    assert (
        "name: Direct &lt;b&gt; → Direct · first response: 5 min → 15 min ·"
        " resolution: no promise → 1 h · moved down" in page
    )
    assert "by Ada Min" in page
    assert Event.objects.get(kind="policy_saved", by_id=ada.pk).data == {
        "policy": direct.policy_id,
        "version": 2,
    }
    first = admin.get(f"{address}versions/1/").text
    assert "first response" in first
    assert "5 min" in first
    assert admin.get(f"{address}versions/3/").status_code == 404


def test_who_comes_second_sees_what_changed_and_keeps_what_they_typed(
    admin: Client, three: list[PolicyVersion], mia: User, care: Team, now: datetime
) -> None:
    before = three[-1]
    theirs = PolicyVersion(name="Theirs", team=care, first_response_minutes=7)
    newest = save_policy(said=theirs, by=mia, at=now)
    answer = admin.post(f"{LIST}new/", entered(before, name="Mine", first_response_minutes=33))
    assert answer.status_code == 422
    assert "Mia Lindt saved Theirs while you were at it" in answer.text
    assert 'value="33"' in answer.text
    assert f'name="seen" value="{newest.pk}"' in answer.text
    moved = admin.post(
        f"{LIST}{three[1].policy_id}/move/", {"direction": "up", "seen": before.pk}, headers=HTMX
    )
    assert "Mia Lindt saved Theirs" in moved.text
    assert "Mine" not in names()
    assert admin.post(f"{LIST}new/", entered(newest, name="Mine")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first_response_minutes": ""}, "give at least one target in minutes"),
        ({"first_response_minutes": 0}, "greater than or equal to 1"),
        ({"next_response_minutes": 43_201}, "less than or equal to 43200"),
        ({"warn_percent": 100}, "less than or equal to 99"),
        ({"name": ""}, "required"),
        ({"rank": 9}, "not one of the available choices"),
        ({"channel": 10**9}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(
    admin: Client, changes: dict[str, object], said: str
) -> None:
    for button in ({}, {"preview": "1"}):
        answer = admin.post(f"{LIST}new/", entered(None) | changes | button)
        assert answer.status_code == 422
        assert said in answer.text
    assert names() == []


def test_a_preview_shows_last_month_and_the_list_and_saves_nothing(
    admin: Client, three: list[PolicyVersion], kim: Kim, now: datetime
) -> None:
    asked = kim.writes(at=now - timedelta(minutes=40))
    answer = admin.post(f"{LIST}new/", entered(three[-1], preview="1"))
    page = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
    assert "All 2 waits that opened." in page
    assert "First response, as it was 0 0 0 1 0 –" in page
    assert "under this list 0 0 1 0 0 0.0 %" in page
    assert f"Kim Lee #{conversation_of(asked).pk}" in page
    assert "not due yet due" in page
    assert "Fast for everybody first response 15 min" in page
    assert "never reached: Fast fits everything it fits" in page
    assert names() == ["Direct <b>", "Everybody", "Mentions"]


def test_a_conversation_and_a_figure_lead_to_the_versions_that_judge(
    desk: Client, kim: Kim, now: datetime
) -> None:
    at = now - timedelta(days=9)
    definition = {"zone": "UTC", "week": "24/7"}
    save_business_hours(name="Always", definition=definition, by=None, at=at)
    said = PolicyVersion(
        name="Quick", first_response_minutes=15, business_hours=BusinessHours.objects.get()
    )
    version = save_policy(said=said, by=None, at=at)
    asked = kim.writes(at=now - timedelta(minutes=3))
    policy_page = f"{LIST}{version.policy_id}/versions/1/"
    hours_page = f"/hours/{version.business_hours_id}/versions/1/"
    behind = "/dashboard/conversations/?kind=first_response&standing=running"
    for address in (f"/conversations/{conversation_of(asked).pk}/", behind):
        page = desk.get(address).text
        assert f'href="{policy_page}" dir="auto">Quick, version 1</a>' in page
        assert f'href="{hours_page}" dir="auto">Always, version 1</a>' in page
    assert "Round the clock" in desk.get(hours_page).text
    assert "Quick" in desk.get(policy_page).text
    assert desk.get(hours_page.replace("/1/", "/7/")).status_code == 404


def test_policies_are_moved_by_keyboard_and_retired(
    page: Page,
    live_server: LiveServer,
    ada: User,
    sign_in: SignIn,
    three: list[PolicyVersion],
    complaints: list[str],
    brand_channel: Channel,
) -> None:
    save_label(kind=Flag, name="VIP", colour="purple", by=None, at=three[0].saved_at)
    cookie = sign_in(ada).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}{LIST}")
    heads = page.locator(".policies h2 a")
    page.locator(f"#up-{three[2].policy_id}").focus()
    page.keyboard.press("Enter")
    expect(heads).to_have_text(["Direct <b>", "Mentions", "Everybody"])
    expect(page.locator(f"#up-{three[2].policy_id}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(heads).to_have_text(["Mentions", "Direct <b>", "Everybody"])
    expect(page.locator(".policies .notice")).to_have_count(0)
    heads.nth(2).click()
    page.get_by_label("Customer flag").select_option(label="VIP")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview .order > li[aria-current]")).to_contain_text("VIP")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(f"#policy-{three[1].policy_id} .mark")).to_have_text("VIP")
    heads.nth(0).click()
    page.get_by_role("button", name="Retire it").click()
    expect(heads).to_have_text(["Direct <b>", "Everybody"])
    assert complaints == []
