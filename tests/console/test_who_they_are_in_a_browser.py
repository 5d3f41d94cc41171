"""Who a customer is and what they were promised, in a real browser: by keyboard alone, by mouse."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Message, Pledge
from apps.conversations.operations import noting
from apps.conversations.operations.matching import propose_matches
from apps.conversations.operations.reckoning import reckon
from apps.customers.models import Match
from tests import people
from tests.console.conftest import Open
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(kim: Kim, ana: User, now: datetime) -> Message:
    """Kim, who wrote from elsewhere too and gave the same address and an order number."""
    elsewhere = people.a_channel("@acme_help", team=ana.teams.get())
    hour = timedelta(hours=1)
    Kim(elsewhere, author_id="kl", name="K. Lee").writes(
        "I am kim@mail.example, order 88-1204", at=now - 3 * hour
    )
    first = kim.writes("my router drops, write to kim@mail.example please", at=now - 2 * hour)
    propose_matches(at=now)
    return first


def tab_to(page: Page, text: str, *, within: str = "body") -> None:
    """Press Tab until whatever says so has the focus: what a keyboard can't reach is not there."""
    has_it = """([text, within]) => {
        const one = document.activeElement;
        const said = one?.getAttribute('aria-label') ?? one?.textContent ?? '';
        return one !== document.body && one.closest(within) !== null && said.includes(text);
    }"""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(has_it, [text, within]):
            return
    raise AssertionError(f"Tab leads to nothing that says {text!r}")


def test_by_keyboard_a_promise_is_made_and_kept_and_two_handles_are_one_person_and_two_again(
    opens: Open, ana: User, asked: Message, now: datetime
) -> None:
    page = opens(ana, f"/conversations/{asked.conversation_id}/")
    keyboard = page.keyboard
    keyboard.press("n")
    keyboard.type("I call her in two hours")
    keyboard.press("Control+Enter")
    expect(page.locator(".message.note .text")).to_contain_text("in two hours")
    keyboard.press("Shift+P")
    expect(page.locator("#pledge input[name='due_at']")).to_be_focused()
    expect(page.locator("#pledge")).to_contain_text("guessed from")
    keyboard.press("Enter")
    expect(page.locator("#pledge")).to_be_hidden()
    expect(page.locator("#brief .pledges")).to_contain_text("I call her in two hours")
    expect(page.locator("#story")).to_contain_text("promised something by")
    tab_to(page, "Kept?", within="#brief")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.type("she was glad")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.locator("#brief .pledges .kept")).to_contain_text("she was glad")
    assert Pledge.objects.get().settled_by == ana

    expect(page.locator("#brief .proposal")).to_contain_text("kim@mail.example")
    tab_to(page, "Same person", within="#brief")
    keyboard.press("Enter")
    expect(page.locator("#brief .proposal")).to_have_count(0)
    expect(page.locator("#brief")).to_contain_text("@kl")
    assert Match.objects.get().decided_by == ana

    keyboard.press("r")
    keyboard.type("Could you send me your order number?")
    expect(page.locator("#told-already")).to_contain_text("88-1204")
    keyboard.press("Escape")
    tab_to(page, "K", within="#brief h2")
    keyboard.press("Enter")
    page.wait_for_url("**/customers/*/")
    tab_to(page, "Not one person after all")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.type("another Kim")
    keyboard.press("Enter")
    expect(page.locator(".matches")).to_contain_text("taken apart again")
    expect(page.locator(".matches")).to_contain_text("another Kim")


def test_by_mouse_words_become_a_promise_that_is_broken_and_a_handle_is_merged_by_hand(
    opens: Open, ana: User, brand_channel: Channel, asked: Message, now: datetime
) -> None:
    canned = "Thank you for the report, we are on it and will be back with you soon. ^BW"
    omar = Kim(brand_channel, author_id="omar", name="Omar Nasser").writes("hello?", at=now)
    said = people.brand_says(brand_channel, canned, at=now, parent_id=omar.external_id)
    people.arrive(brand_channel, said, at=now)
    reckon(at=now)
    kims = conversation_of(asked)
    noting.note(conversation=kims, text="A new router leaves tomorrow.", by=ana, at=now)
    page = opens(ana, f"/conversations/{kims.pk}/")
    note = page.locator(".message.note")
    note.locator(".text").click(click_count=3)
    note.hover()
    note.locator("[data-pledge]").click()
    expect(page.locator("#pledge textarea")).to_have_value("A new router leaves tomorrow.")
    page.locator("#pledge [name='due_at']").fill(f"{now + timedelta(days=3):%Y-%m-%dT12:00}")
    page.get_by_role("button", name="Promise", exact=True).click()
    expect(page.locator("#brief .pledges")).to_contain_text("by")
    page.get_by_text("Kept?").click()
    page.get_by_role("button", name="Broken").click()
    expect(page.locator("#brief .pledges .broken")).to_contain_text("A new router leaves")

    page.fill(
        "#reply-text", "Thank you for the report, we are on it and will be back with you soon."
    )
    expect(page.locator("#alike summary")).to_contain_text("100 % like a reply")
    page.locator("#alike summary").click()
    expect(page.locator("#alike .unused")).to_contain_text("kim@mail.example")

    page.locator("#brief .proposal").get_by_role("button", name="Somebody else").click()
    expect(page.locator("#brief .proposal")).to_have_count(0)
    page.locator("#brief h2 a").click()
    page.get_by_text("They write as somebody else too").click()
    page.get_by_label("Their other handle").fill("@kl")
    page.get_by_label("Why").last.fill("she told me on the phone")
    page.get_by_role("button", name="One person").click()
    expect(page.locator(".ids")).to_contain_text("@kl")
    expect(page.locator(".matches")).to_contain_text("she told me on the phone")


def test_on_a_phone_one_reads_who_it_is_answers_and_goes_back_to_the_list(
    opens: Open, ana: User, asked: Message
) -> None:
    page = opens(ana, "/inbox/everyone/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".row", has_text="my router drops").click()
    expect(page.locator("#story")).to_contain_text("my router drops")
    expect(page.locator("#rail")).to_be_hidden()
    page.get_by_title("About this customer").click()
    expect(page.locator("#brief")).to_be_in_viewport(ratio=0.9)
    expect(page.locator("#brief .proposal")).to_contain_text("kim@mail.example")
    page.locator("#brief").get_by_role("button", name="Close").click()
    expect(page.locator("#brief")).to_be_hidden()
    page.locator("#reply-text").fill("I look into it")
    page.locator("#send").click()
    expect(page.locator(".message.ours .sending")).to_contain_text("Leaves in")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label("Back to the list").click()
    expect(page.locator("#rows .row")).to_have_count(2)
    expect(page.locator("#rail")).to_be_visible()
