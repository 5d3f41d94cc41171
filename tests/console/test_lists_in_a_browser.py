"""The list in a real browser: what changes moves nothing a person reads, and all by keyboard."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from apps.agents.models import User
from apps.conversations.models import Conversation, SavedView
from apps.conversations.operations.holding_words import hold_words
from tests import people
from tests.console.conftest import SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anas(page: Page, live_server: LiveServer, ana: User, sign_in: SignIn) -> Iterator[Page]:
    """Ana's browser; at the end it must have nothing to complain about."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        is_meant = "/live" in str(message.location) or "status of 500" in message.text
        if message.type in {"error", "warning"} and not is_meant:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.set_default_timeout(15_000)
    expect.set_options(timeout=15_000)
    page.goto(f"{live_server.url}/inbox/everyone/")
    yield page
    page.context.close()
    assert complaints == []


def changed(page: Page, *conversations: int | None) -> None:
    """What live.js says when nudges came."""
    page.evaluate(
        "ids => document.body.dispatchEvent(new CustomEvent('desk:changed',"
        " {bubbles: true, detail: {events: [], conversations: ids}}))",
        list(conversations),
    )


def test_a_key_pressed_before_htmx_bound_the_page_waits_and_loads_no_other(
    kim: Kim, anas: Page, live_server: LiveServer, now: datetime
) -> None:
    asked = kim.writes("hello", at=now)
    anas.add_init_script(
        """const soon = window.setTimeout;
        const slow = () => (document.readyState === "complete" ? 0 : 1500);
        window.setTimeout = (work, after = 0, ...rest) => soon(work, after + slow(), ...rest);"""
    )
    anas.goto(f"{live_server.url}/inbox/everyone/")
    assert anas.locator("#rows .row[data-htmx-powered]").count() == 0
    anas.evaluate("window.here = 'still the same page'")
    anas.keyboard.press("j")
    expect(anas.locator(f'#conversation[data-id="{asked.conversation_id}"]')).to_be_visible()
    assert anas.evaluate("window.here") == "still the same page"


def test_what_changes_is_fetched_row_by_row_and_moves_nothing_that_is_read(
    kim: Kim, many_write: Callable[[int], None], anas: Page, now: datetime
) -> None:
    many_write(40)
    anas.reload()
    expect(anas.locator("#rows .row")).to_have_count(40)
    ids = [int(line.get_attribute("data-id") or 0) for line in anas.locator(".line").all()]
    asked: list[str] = []
    anas.on("request", lambda request: asked.append(request.url))

    third = anas.locator(f"#line-{ids[2]}")
    third.hover()
    place = third.bounding_box()
    Conversation.objects.filter(id__in=[ids[0], ids[2]]).update(state="resolved")
    first = Conversation.objects.get(id=ids[1]).messages.get()
    Kim(kim.channel, author_id="c1", name="Customer 1").writes(
        "written again", at=now, parent_id=first.external_id
    )
    changed(anas, ids[0], ids[1], ids[2], ids[39])
    expect(anas.locator(f"#line-{ids[1]}")).to_contain_text("written again")
    for gone in (anas.locator(f"#line-{ids[0]}"), third):
        expect(gone).to_have_class(re.compile("gone"))
    rows = [url for url in asked if "/rows/" in url]
    assert len(rows) == 1
    assert f"ids={ids[0]},{ids[1]},{ids[2]}&" in rows[0], "the one out of view waits"
    assert third.bounding_box() == place

    anas.locator("#search").hover()
    expect(third).to_have_count(0)
    anas.locator("#rows").evaluate("rows => rows.scrollTo(0, 900)")
    tenth = anas.locator(f"#line-{ids[14]}")
    before = tenth.bounding_box()
    long_ago = now - timedelta(hours=9)
    new = Kim(kim.channel, author_id="early", name="Early Bird").writes("hello?", at=long_ago)
    changed(anas, new.conversation_id)
    expect(anas.locator("#list-changed")).to_have_text("1 new above")
    assert tenth.bounding_box() == before
    anas.locator("#list-changed").click()
    expect(anas.locator("#rows .row .name").first).to_have_text("Early Bird")
    expect(anas.locator("#list-changed")).to_be_hidden()


def test_several_are_chosen_and_decided_about_by_keyboard(
    kim: Kim, ana: User, many_write: Callable[[int], None], anas: Page
) -> None:
    people.ben(ana.teams.get())
    many_write(4)
    before = dict(Conversation.objects.values_list("id", "assignee"))
    anas.reload()
    anas.wait_for_load_state("networkidle")
    for key in ("j", "x", "j", "x"):
        anas.keyboard.press(key)
    expect(anas.locator("#many [data-count]")).to_have_text("2 chosen")
    anas.keyboard.press("a")
    anas.keyboard.press("Tab")
    expect(anas.locator("#many button:focus")).to_contain_text("Ben Wood")
    anas.keyboard.press("Enter")
    expect(anas.locator("#toasts")).to_contain_text("Assigned 2.")
    expect(anas.locator("#many")).to_be_hidden()
    assert Conversation.objects.filter(assignee__name="Ben Wood").count() == 2
    anas.keyboard.press("u")
    expect(anas.locator("#toasts")).to_contain_text(re.compile("Gave [12] back."))
    assert dict(Conversation.objects.values_list("id", "assignee")) == before

    boxes = anas.locator(".tick input")
    boxes.nth(1).check(force=True)
    boxes.nth(3).click(modifiers=["Shift"], force=True)
    expect(anas.locator("#many [data-count]")).to_have_text("3 chosen")
    anas.keyboard.press("Escape")
    expect(anas.locator("#many")).to_be_hidden()
    for _ in range(2):
        anas.locator("#select").click()
    expect(anas.locator("#many [data-count]")).to_have_text("4 chosen")
    anas.keyboard.press("e")
    anas.keyboard.press("Space")
    anas.locator("#many").get_by_text("Resolve the chosen").click()
    expect(anas.locator("#toasts")).to_contain_text("Resolved 4.")
    expect(anas.locator("#rows .row")).to_have_count(0)
    anas.keyboard.press("u")
    expect(anas.locator("#rows .row")).to_have_count(4)


def test_searching_filtering_keeping_a_view_and_going_anywhere_by_keyboard(
    kim: Kim, anas: Page, now: datetime
) -> None:
    asked = kim.writes("my router drops every evening", at=now - timedelta(minutes=9))
    for number in range(12):
        kim.writes(f"and then {number}", at=now, parent_id=asked.external_id)
    Kim(kim.channel, author_id="omar", name="Omar Nasser").writes(
        "où est-ce?", at=now, language="fr"
    )
    hold_words()
    anas.reload()
    anas.keyboard.press("/")
    anas.keyboard.type('"router drops"')
    anas.keyboard.press("Enter")
    expect(anas.locator(".hit mark")).to_have_text("router drops")
    expect(anas).to_have_url(re.compile(r"/search/\?q="))
    anas.locator(".bar h2").click()
    anas.keyboard.press("j")
    message = anas.locator(f"#m-{asked.pk}")
    expect(message).to_have_class(re.compile("hit"))
    expect(message).to_be_in_viewport()

    anas.keyboard.press("Control+k")
    anas.keyboard.type("everyone")
    anas.keyboard.press("Enter")
    expect(anas).to_have_url(re.compile("/inbox/everyone/"))
    anas.wait_for_load_state("networkidle")
    anas.keyboard.press("Shift+F")
    anas.locator("#filters [name='language']").fill("fr")
    anas.keyboard.press("Enter")
    expect(anas.locator("#rows .row .name")).to_have_text(["Omar Nasser"])
    anas.keyboard.press("Shift+F")
    anas.locator("#filters [name='name']").fill("Français")
    anas.keyboard.press("Enter")
    expect(anas.locator(".go.saved[aria-current]")).to_contain_text("Français")
    view = SavedView.objects.get()
    expect(anas).to_have_url(re.compile(f"view={view.pk}$"))
    anas.locator(".chip.set").first.click()
    expect(anas.locator("#rows .row")).to_have_count(2)

    anas.keyboard.press("Control+k")
    anas.keyboard.type("oma")
    option = anas.locator("#palette [role='option']", has_text="Omar Nasser")
    expect(option).to_be_visible()
    option.click()
    expect(anas).to_have_url(re.compile("/customers/"))
    anas.wait_for_load_state("networkidle")
    anas.keyboard.press("Control+k")
    anas.keyboard.type(f"#{asked.conversation_id}")
    expect(anas.locator("#palette-number")).to_be_visible()
    while anas.locator("#palette-number[aria-selected='true']").count() == 0:
        anas.keyboard.press("ArrowDown")
    anas.keyboard.press("Enter")
    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")


def test_without_javascript_people_find_read_reply_assign_and_resolve(
    browser: Browser, live_server: LiveServer, kim: Kim, ana: User, sign_in: SignIn, now: datetime
) -> None:
    kim.writes("my router drops", at=now)
    people.ben(ana.teams.get())
    hold_words()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = sign_in(ana).cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    page.goto("/inbox/mine/")
    page.locator(".tick input").check(force=True)
    page.get_by_role("button", name="Do with the chosen").click()
    page.locator("summary", has_text="Assign").click()
    page.get_by_role("button", name="Back to the queue").click()
    expect(page.locator("#toasts")).to_contain_text("Assigned 1.")
    page.goto("/inbox/unassigned/")
    page.locator("#filter").click()
    page.locator("[name='language']").fill("xx")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#none")).to_contain_text("Nothing passes these filters")
    page.locator("#search").fill("router")
    page.keyboard.press("Enter")
    expect(page.locator(".hit mark")).to_have_text("router")
    page.locator("#rows .row").click()
    expect(page.locator(".message .text")).to_have_text("my router drops")
    page.fill("#reply-text", "I look into it")
    page.click("#send")
    expect(page.locator(".message.ours .text")).to_have_text("I look into it")
    page.locator("#assign-menu summary").click()
    page.locator("#assign-menu").get_by_text("Ben Wood").click()
    expect(page.locator("#assign-menu summary")).to_contain_text("Ben")
    page.locator(".sending").get_by_role("button", name="Undo").click()
    expect(page.locator("#reply-text")).to_have_value("I look into it")
    page.locator("#resolve-menu summary").click()
    page.get_by_role("button", name="Resolve without a reply").click()
    expect(page.locator("#head")).to_contain_text("Resolved")
    context.close()


def test_what_is_pressed_while_the_next_is_on_its_way_is_meant_for_that_one(
    many_write: Callable[[int], None], anas: Page
) -> None:
    many_write(3)
    anas.reload()
    expect(anas.locator("#rows .row")).to_have_count(3)
    first, second, third = (row.get_attribute("data-id") for row in anas.locator(".row").all())
    anas.keyboard.press("j")
    expect(anas.locator("#conversation")).to_have_attribute("data-id", first or "")

    held: list[Route] = []
    anas.route(re.compile(rf"/conversations/{second}/\?"), lambda route: held.append(route))
    anas.keyboard.press("j")
    for key in ("r", "e"):  # answer it; and what slips out of the hand decides nothing
        anas.keyboard.press(key)
    changed(anas)
    expect(anas.locator(f"#row-{second}")).to_have_attribute("aria-current", "true")
    expect(anas.locator("#reply-text")).not_to_be_focused()
    while not held:
        anas.wait_for_timeout(20)
    held[0].continue_()
    expect(anas.locator("#conversation")).to_have_attribute("data-id", second or "")
    expect(anas.locator("#reply-text")).to_be_focused()
    expect(anas.locator("#resolve-menu[open]")).to_have_count(0)

    anas.keyboard.press("Escape")
    anas.route(re.compile(rf"/conversations/{third}/\?"), lambda route: route.fulfill(status=500))
    anas.keyboard.press("j")
    expect(anas.locator("#toasts")).to_contain_text("The desk could not do that")
    expect(anas.locator(f"#row-{second}")).to_have_attribute("aria-current", "true")
    expect(anas.locator("#conversation")).to_have_attribute("data-id", second or "")
