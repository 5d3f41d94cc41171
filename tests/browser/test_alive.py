"""The whole way: a customer writes, an agent answers by name, the dashboard counts the seconds."""

import re
import time
from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Running
from tests.weighing import weigh

pytestmark = pytest.mark.alone

SOON = 2_000


def test_a_customer_writes_ana_answers_by_keyboard_and_the_dashboard_counts_the_seconds(
    running_desk: Running, visitor: Page, sign_in: Callable[[str], Page]
) -> None:
    ana = sign_in("ana@acme.example")
    ana.goto("/inbox/mine/")
    expect(ana.locator("body")).to_have_attribute("data-live", "live", timeout=10_000)

    visitor.get_by_label("Handle").fill("kim_lee")
    visitor.get_by_label("Name").fill("Kim Lee")
    visitor.locator("textarea").first.fill("@acme my router drops every evening 😩")
    visitor.locator("textarea").first.press("Control+Enter")
    row = ana.locator(".row", has_text="my router drops every evening")
    expect(row).to_be_visible(timeout=SOON)

    ana.keyboard.press("j")
    expect(ana.locator("#reply-text")).to_be_visible()
    ana.keyboard.press("r")
    ana.keyboard.type("Hi Kim, two drops in a week is maddening. I am on it")
    ana.keyboard.press("Control+Enter")
    expect(ana.locator("#flow")).to_contain_text("Undo")
    ana.keyboard.press("Control+Enter")
    answer = visitor.get_by_text("two drops in a week is maddening")
    left_at = time.monotonic()
    expect(answer).to_be_visible(timeout=SOON)
    assert time.monotonic() - left_at < SOON / 1000

    mia = sign_in("mia@acme.example")
    mia.goto("/dashboard/")
    seconds = _seconds_between_post_and_answer(running_desk)
    card = mia.locator("section", has=mia.get_by_role("heading", name="First response"))
    card.locator(".figures a", has_text="answered").click()
    expect(mia.locator("tbody tr")).to_have_count(1)
    exact = f"{seconds:,.3f}".rstrip("0").rstrip(".")
    expect(mia.locator("tbody tr").get_by_role("cell", name=exact, exact=True)).to_be_visible()
    expect(mia.locator("tbody tr")).to_contain_text("Ana Bauer")


def test_the_first_page_weighs_at_most_300_kilobytes_on_the_wire(
    running_desk: Running, sign_in: Callable[[str], Page]
) -> None:
    ana = sign_in("ana@acme.example")
    weight = weigh(ana, f"{running_desk.url}/inbox/everyone/")
    assert {"html", "css", "js", "font"} <= weight.bytes_by_kind.keys()
    assert weight.kilobytes <= 300, weight.bytes_by_kind


def test_two_agents_at_once_never_both_get_a_conversation(
    running_desk: Running, visitor: Page, sign_in: Callable[[str], Page]
) -> None:
    ben, chi = sign_in("ben@acme.example"), sign_in("chi@acme.example")
    visitor.get_by_label("Handle").fill("omar")
    visitor.get_by_label("Name").fill("Omar Nasser")
    visitor.locator("textarea").first.fill("@acme where is my order?")
    visitor.locator("textarea").first.press("Control+Enter")
    with psycopg.connect(running_desk.told["database"]) as connection:
        conversation = _released(connection)
    for page in (ben, chi):
        page.goto(f"/conversations/{conversation}/?queue=unassigned")
        expect(page.locator("#take")).to_be_visible()
    ben.keyboard.press("m")
    chi.keyboard.press("m")
    expect(ben.locator("#take")).to_have_count(0)
    expect(chi.locator("#take")).to_have_count(0)
    with psycopg.connect(running_desk.told["database"]) as connection:
        taken = connection.execute(
            "SELECT count(*) FROM ledger_event WHERE kind = 'assigned' AND by_id IS NOT NULL"
            " AND conversation_id = %s",
            [conversation],
        ).fetchone()
    assert taken == (1,)


def test_offline_and_back_nothing_typed_is_lost_and_nothing_said_is_missed(
    running_desk: Running, visitor: Page, sign_in: Callable[[str], Page]
) -> None:
    visitor.get_by_label("Handle").fill("ida")
    visitor.get_by_label("Name").fill("Ida New")
    visitor.locator("textarea").first.fill("@acme is it down?")
    visitor.locator("textarea").first.press("Control+Enter")
    ben, chi = sign_in("ben@acme.example"), sign_in("chi@acme.example")
    for page in (ben, chi):
        page.goto("/inbox/everyone/")
        expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=10_000)
    row = ben.locator(".row", has_text="is it down?")
    row.click()
    expect(ben.locator("#head h2")).to_have_text("Ida New")
    mark = chi.locator(".row", has_text="is it down?").locator(".there")
    expect(mark).to_contain_text("Ben has it open", timeout=10_000)
    ben.keyboard.press("r")
    ben.keyboard.type("half a")
    expect(mark).to_contain_text("Ben is writing", timeout=10_000)

    ben.context.set_offline(True)
    expect(ben.locator(".live-note.polling")).to_be_visible()
    ben.keyboard.type(" sentence")
    expect(ben.locator("#draft-state")).to_contain_text("kept in this browser", timeout=10_000)
    visitor.locator(".post", has_text="is it down?").get_by_role("link", name="Reply").click()
    visitor.locator("textarea").first.fill("hello? anybody?")
    visitor.locator("textarea").first.press("Control+Enter")
    expect(chi.locator(".row", has_text="hello? anybody?")).to_be_visible(timeout=10_000)
    assert "anybody" not in ben.locator("#story").inner_text()

    ben.context.set_offline(False)
    expect(ben.locator("#story")).to_contain_text("hello? anybody?", timeout=10_000)
    expect(row.or_(ben.locator(".row", has_text="hello? anybody?"))).to_be_visible()
    expect(ben.locator(".live-note.polling")).to_be_hidden()
    expect(ben.locator("#draft-state")).to_contain_text("Draft saved", timeout=10_000)
    expect(ben.locator("#reply-text")).to_be_focused()
    typed = ben.locator("#reply-text")
    expect(typed).to_have_value(re.compile("^half a sentence"))
    assert typed.evaluate("area => area.selectionStart") == len("half a sentence")


def _released(connection: psycopg.Connection) -> int:
    """The conversation nobody can be given, since nobody but Ana has room and she is off."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        found = connection.execute(
            "SELECT conversation.id FROM conversations_conversation conversation"
            " JOIN customers_identity identity ON identity.id = conversation.identity_id"
            " WHERE identity.name = 'Omar Nasser'"
        ).fetchone()
        connection.commit()
        if found:
            connection.execute("UPDATE agents_user SET capacity = 0 WHERE email LIKE 'ana@%'")
            connection.execute(
                "UPDATE conversations_conversation SET assignee_id = NULL, assigned_at = NULL"
                " WHERE id = %s",
                [found[0]],
            )
            connection.commit()
            return int(found[0])
        time.sleep(0.05)
    raise AssertionError("the message never arrived")


def _seconds_between_post_and_answer(running_desk: Running) -> float:
    with psycopg.connect(running_desk.told["database"]) as connection:
        rows: list[tuple[datetime]] = connection.execute(
            "SELECT created_at FROM square_post ORDER BY id"
        ).fetchall()
    [asked], [answered] = rows
    return (answered - asked).total_seconds()
