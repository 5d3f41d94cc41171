"""While somebody writes: hints, drafts on other devices, who else is there, facts and names."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.conversations.models import Draft, Message, Snippet
from apps.conversations.operations.reckoning import reckon
from apps.conversations.splitting import CUT
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db

CANNED = "Hi Kim, please send us a direct message with your address, then we look into it. ^BW"


def _address(message: Message, rest: str) -> str:
    return f"/conversations/{message.conversation_id}/{rest}"


def test_a_draft_like_earlier_replies_says_so_with_the_likest(
    kim: Kim, brand_channel: Channel, desk: Client, now: datetime
) -> None:
    asked = kim.writes("it drops, my order is 88-1204", at=now - timedelta(minutes=9))
    said = people.brand_says(
        brand_channel, CANNED, at=now - timedelta(minutes=5), parent_id=asked.external_id
    )
    people.arrive(brand_channel, said, at=now)
    reckon(at=now)
    answer = desk.post(_address(asked, "hints/"), {"text": CANNED.replace("Kim", "Omar")})
    assert '<b class="num">100 %</b> like a reply of this desk this week' in answer.text
    assert "please send us a direct message" in answer.text
    assert '<bdi class="clip">88-1204</bdi>' in answer.text
    spoken = desk.post(_address(asked, "hints/"), {"text": f"{CANNED} (88-1204)"})
    assert "Not spoken of yet" not in spoken.text
    own = desk.post(_address(asked, "hints/"), {"text": "Two drops in a week: I swap it today."})
    assert own.text.strip() == ""


def test_a_draft_is_told_to_the_other_device_and_to_nobody_else(
    kim: Kim, desk: Client, mia: User, sign_in: SignIn
) -> None:
    asked = kim.writes()
    assert desk.post(_address(asked, "draft/"), {"text": "half", "page": "7"}).status_code == 204
    assert json.loads(desk.get(_address(asked, "draft/")).text) == {"text": "half"}
    assert json.loads(sign_in(mia).get(_address(asked, "draft/")).text) == {"text": ""}


def test_what_the_page_asks_by_itself_leads_nobody_away_once_signed_out(kim: Kim) -> None:
    asked = kim.writes()
    for where in ("draft/", "hints/", "together/"):
        answer = Client().post(_address(asked, where), headers={**HTMX, "Desk-Background": "yes"})
        assert answer.status_code == 401
        assert "HX-Redirect" not in answer.headers


def test_who_reads_and_who_writes_is_seen_until_they_leave(
    kim: Kim, desk: Client, mia: User, sign_in: SignIn
) -> None:
    asked, mias = kim.writes(), sign_in(mia)
    where = _address(asked, "together/")
    assert desk.post(where, {"doing": "reading"}).text.strip() == ""
    assert "<b>Ana</b> has this open" in mias.post(where, {"doing": "writing"}).text
    assert "<b>Mia</b> is writing…" in desk.post(where, {"doing": "reading"}).text
    assert "<b>Mia</b> has this open" not in desk.post(where, {"doing": "reading"}).text
    mias.post(where, {"doing": "gone"})
    assert desk.post(where, {"doing": "gone"}).text.strip() == ""
    assert desk.post(where, {"doing": "dancing"}).status_code == 400


def test_what_is_foreign_is_as_unknown_as_what_is_not_there(
    desk: Client, sign_in: SignIn, mia: User, care: Team
) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    asked = Kim(private).writes()
    for where in ("hints/", "together/", "draft/", "split/"):
        assert desk.post(_address(asked, where), {"text": "x"}).status_code == 404
    for where in ("snippets/", "draft/"):
        assert desk.get(_address(asked, where)).status_code == 404
    theirs = Snippet.objects.create(team=private.team, name="vip", text="a fact")
    for client in (desk, sign_in(mia)):
        assert client.get(f"/settings/snippets/{theirs.pk}/").status_code == 404
        assert ";vip" not in client.get("/settings/snippets/").text
    assert desk.get("/settings/snippets/new/").status_code == 404


def test_too_long_a_draft_is_cut_into_parts_also_without_javascript(
    kim: Kim, desk: Client, ana: User
) -> None:
    asked = kim.writes()
    answer = desk.post(
        _address(asked, "split/"), {"text": "A sentence about it. " * 30}, follow=True
    )
    draft = Draft.objects.get(user=ana).text
    assert CUT in draft
    assert draft.endswith("2/2")
    assert "2/2</textarea>" in answer.text


def test_where_nothing_can_be_answered_the_reason_stands_there_and_notes_are_kept(
    kim: Kim, desk: Client
) -> None:
    asked = kim.writes()
    Message.objects.filter(id=asked.pk).update(deleted_at=timezone.now())
    page = desk.get(_address(asked, ""))
    assert "Square takes no reply to a deleted post." in page.text
    assert 'id="reply-text"' not in page.text
    assert 'id="note-text"' in page.text


def test_a_manager_adds_a_fact_and_an_agent_finds_it_while_writing(
    kim: Kim, desk: Client, mia: User, sign_in: SignIn, care: Team
) -> None:
    mias = sign_in(mia)
    new = {"name": "returns", "language": "", "text": "12 Long Road, Leeds", "team": care.pk}
    refused = mias.post("/settings/snippets/new/", new | {"text": "Hi Kim, 12 Long Road"})
    assert refused.status_code == 422
    assert "begins with a greeting" in refused.text
    saved = mias.post("/settings/snippets/new/", new, follow=True)
    assert "It is inserted by ;returns." in saved.text
    asked = kim.writes()
    assert 'data-insert="12 Long Road, Leeds"' in desk.get(_address(asked, "snippets/")).text
    assert ";returns" in desk.get("/settings/snippets/").text
    snippet = Snippet.objects.get()
    assert mias.post(f"/settings/snippets/{snippet.pk}/", new | {"name": "x y"}).status_code == 422
    mias.post(f"/settings/snippets/{snippet.pk}/delete/")
    assert "No facts yet" in desk.get(_address(asked, "snippets/")).text
