"""What somebody decides for themselves."""

from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from apps.conversations.models import Message
from apps.ledger.models import Event
from tests.console.conftest import SignIn
from tests.console.test_conversation import address
from tests.people import Kim, a_user

pytestmark = pytest.mark.django_db

SAID = {
    "name": "Ana  Maria Bauer ",
    "initials": "AMB",
    "languages": "de, pt-BR",
    "undo_seconds": "25",
    "theme": "dark",
    "console": ["breach", "mention"],
    "mail": ["breach"],
}


def test_people_decide_about_themselves(ana: User, desk: Client) -> None:
    assert desk.get("/me/").status_code == 200
    page = desk.post("/me/", SAID, follow=True)
    assert "Saved." in page.text
    assert 'data-theme="dark"' in page.text
    ana.refresh_from_db()
    assert (ana.name, ana.signature, ana.languages) == ("Ana Maria Bauer", "^AMB", ["de", "pt-BR"])
    assert (ana.undo_seconds, ana.theme) == (25, "dark")
    assert (ana.muted_kinds, ana.mailed_kinds) == (["warning", "pledge"], ["breach", "webhook"])
    assert len(Event.objects.get(kind="user_changed", by_id=ana.pk).data["changed"]) == 7

    desk.post("/me/", SAID | {"undo_seconds": "", "theme": "", "mail": []})
    ana.refresh_from_db()
    assert (ana.undo_seconds, ana.theme, ana.mailed_kinds) == (None, "", ["webhook"])
    settings_page = desk.get("/me/").text
    assert "data-theme=" not in settings_page
    assert 'value="webhook"' not in settings_page, (
        "what only admins are told is not an agent's to decide"
    )


def test_admins_decide_whether_letters_tell_of_webhooks(sign_in: SignIn) -> None:
    ada = a_user("Ada Moreau", role="admin")
    browser = sign_in(ada)
    assert 'name="mail" value="webhook" aria-label' in browser.get("/me/").text
    browser.post("/me/", SAID)
    ada.refresh_from_db()
    assert (ada.muted_kinds, ada.mailed_kinds) == (["warning", "pledge", "webhook"], ["breach"])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": " "}, "This field is required."),
        ({"initials": "A B"}, "Take one to four letters or digits, as in AB."),
        ({"initials": "^^"}, "Take one to four letters or digits, as in AB."),
        ({"undo_seconds": "31"}, "less than or equal to 30"),
        ({"undo_seconds": "-1"}, "greater than or equal to 0"),
        ({"languages": "German!"}, "Write languages by their tags"),
        ({"theme": "pink"}, "pink"),
        ({"mail": ["everything"]}, ""),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_changes(
    ana: User, desk: Client, wrong: dict[str, object], sentence: str
) -> None:
    refused = desk.post("/me/", SAID | wrong)
    assert refused.status_code == 422
    assert sentence in refused.text
    ana.refresh_from_db()
    assert (ana.name, ana.undo_seconds) == ("Ana Bauer", None)


def test_the_undo_time_is_ones_own(kim: Kim, ana: User, desk: Client, now: datetime) -> None:
    desk.post("/me/", SAID | {"undo_seconds": "0"})
    asked = kim.writes(at=now)
    desk.post(f"{address(asked)}reply/", {"text": "Hello Kim"})
    reply = Message.objects.get(direction="outbound")
    assert reply.not_before == reply.received_at


def test_nobody_sets_somebody_elses(mia: User, ana: User, sign_in: SignIn) -> None:
    sign_in(mia).post("/me/", SAID | {"name": "Mia L"})
    ana.refresh_from_db()
    assert ana.name == "Ana Bauer"
    assert sign_in(ana).post("/me/theme/", {"theme": "pink"}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_colours_follow_somebody_to_another_browser(
    browser: Browser, live_server: LiveServer, ana: User, sign_in: SignIn
) -> None:
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE_NAME]
    for number, shown in enumerate(("light", "dark")):
        context = browser.new_context(color_scheme="light", base_url=live_server.url)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.goto("/inbox/mine/")
        scheme = "getComputedStyle(document.documentElement).colorScheme"
        assert page.evaluate(scheme) == ("light dark" if shown == "light" else "dark")
        if number == 0:
            page.keyboard.press("g")
            page.keyboard.press("m")
            expect(page.get_by_role("heading", name="Your settings")).to_be_visible()
            with page.expect_response("**/me/theme/"):
                page.get_by_role("button", name="Light or dark").click()
        context.close()
