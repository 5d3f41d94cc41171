"""Tags, priority and flags on the pages: naming them, giving them, seeing them."""

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apps.agents.models import User
from apps.conversations.models import Conversation
from apps.labels.models import Flag, Label, Tag
from apps.labels.operations import save_label
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.console.test_browser import anas, complaints
from tests.people import NOON, Kim, conversation_of

__all__ = ["anas", "complaints"]
pytestmark = pytest.mark.django_db(transaction=True)


def named(name: str, kind: type[Label] = Tag, colour: str = "teal") -> Label:
    return save_label(kind=kind, name=name, colour=colour, by=None, at=NOON)


@pytest.fixture
def talk(kim: Kim) -> Conversation:
    return conversation_of(kim.writes())


def test_a_manager_names_renames_and_retires(sign_in: SignIn, mia: User) -> None:
    manager = sign_in(mia)
    page = manager.post("/settings/labels/flag/new/", {"name": "VIP", "colour": "purple"})
    flag = Flag.objects.get(key="vip")
    assert page.status_code == 302
    for name, status, said in (("", 422, "required"), ("vip 2", 302, ""), ("x" * 41, 422, "40")):
        answer = manager.post(f"/settings/labels/flag/{flag.pk}/", {"name": name, "colour": "red"})
        assert answer.status_code == status
        assert said in answer.text
    again = manager.post("/settings/labels/flag/new/", {"name": "VIP 2", "colour": "red"})
    assert again.status_code == 422
    assert "There is a flag named vip 2 already" in again.text
    manager.post(f"/settings/labels/flag/{flag.pk}/retire/")
    assert "retired, 0 customers" in manager.get("/settings/labels/").text
    manager.post(f"/settings/labels/flag/{flag.pk}/restore/")
    assert not Flag.objects.get().is_retired


def test_agents_read_them_and_name_none(desk: Client) -> None:
    tag = named("<b>Refund</b> 🚚")
    page = desk.get("/settings/labels/").text
    assert "&lt;b&gt;Refund&lt;/b&gt; 🚚" in page
    assert "<form class=" not in page
    for address in ("new/", f"{tag.pk}/", f"{tag.pk}/retire/", f"{tag.pk}/restore/"):
        answer = desk.post(f"/settings/labels/tag/{address}", {"name": "x", "colour": "red"})
        assert answer.status_code == 404


def test_what_is_said_of_a_conversation_shows_in_list_head_brief_and_story(
    desk: Client, talk: Conversation
) -> None:
    tag, flag = named("Delivery"), named("Please be careful", Flag)
    address = f"/conversations/{talk.pk}/"
    assert desk.post(f"{address}tag/", {"add": tag.pk}).status_code == 302
    assert desk.post(f"{address}priority/", {"priority": "urgent"}, headers=HTMX).status_code == 200
    desk.post(f"{address}flag/", {"add": flag.pk})
    row = desk.get("/inbox/everyone/").text
    for said in ('data-colour="teal"', "Delivery", "Please be careful", "Urgent"):
        assert said in row
    page = desk.get(address).text
    assert page.count("Please be careful</bdi>") == 4, (
        "in the row, the head, the brief and its menu"
    )
    for told in (
        "Ana Bauer tagged it Delivery",
        "set the priority to urgent; it was normal",
        "Ana Bauer flagged the customer: Please be careful",
    ):
        assert told in page
    customer = desk.get(f"/customers/{talk.identity.customer_id}/").text
    assert "Please be careful" in customer
    assert f'action="{address}flag/"' in customer
    desk.post(f"{address}tag/", {"remove": tag.pk})
    assert not talk.tags.exists()


def test_a_colleague_of_another_team_reads_the_marks_and_changes_none(
    sign_in: SignIn, talk: Conversation
) -> None:
    stranger = sign_in(people.ben(people.a_team("Sales")))
    tag = named("Delivery")
    page = stranger.get(f"/conversations/{talk.pk}/").text
    assert "tag-menu" not in page
    answer = stranger.post(f"/conversations/{talk.pk}/tag/", {"add": tag.pk}, headers=HTMX)
    assert answer.status_code == 422
    assert "Another team" in answer.text
    assert stranger.post(f"/conversations/{talk.pk}/tag/", {"add": 10**9}).status_code == 404
    assert stranger.post("/conversations/999999/tag/", {"add": tag.pk}).status_code == 404


def test_tagging_by_keyboard_stays_open_and_keeps_what_is_typed(
    anas: Page, talk: Conversation
) -> None:
    for name in ("Billing", "Delivery", "Refund"):
        named(name)
    anas.reload()
    anas.keyboard.press("j")
    expect(anas.locator("#conversation h2")).to_have_text("Kim Lee")
    anas.keyboard.press("t")
    anas.keyboard.type("ref")
    expect(anas.locator("#tag-menu .pick:visible")).to_have_count(1)
    anas.keyboard.press("Enter")
    expect(anas.locator("#head > .marks > .mark")).to_have_text(["Refund"])
    expect(anas.locator("#tag-filter")).to_be_focused()
    expect(anas.locator("#tag-filter")).to_have_value("ref")
    anas.keyboard.type("zzz")
    expect(anas.locator("#tag-menu .none")).to_be_visible()
    anas.keyboard.press("ControlOrMeta+a")
    anas.keyboard.press("Delete")
    anas.keyboard.press("ArrowDown")
    anas.keyboard.press("Enter")
    expect(anas.locator("#head > .marks > .mark")).to_have_text(["Billing", "Refund"])
    anas.keyboard.press("Escape")
    expect(anas.locator("#tag-menu .pick").first).to_be_hidden()
    anas.keyboard.press("p")
    anas.keyboard.press("h")
    expect(anas.locator("#priority-menu > summary")).to_contain_text("High")
    expect(anas.locator(".row .mark.priority")).to_have_text("High")
