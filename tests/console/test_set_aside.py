from datetime import datetime

import pytest
from django.test import Client

from apps.channels.models import Channel
from apps.intake.models import Delivery, SetAside
from tests import people
from tests.console.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(brand_channel: Channel, now: datetime) -> SetAside:
    body = b'{"items": [{"id": "\xff<script>alert(1)</script>"}]}'
    delivery = Delivery.objects.create(
        channel=brand_channel, body=body, received_at=now, drained_at=now
    )
    return SetAside.objects.create(
        delivery=delivery, position=0, reason="unreadable", error="no <b>author</b>", at=now
    )


def test_what_was_set_aside_is_shown_with_its_reason_and_body_as_text(
    item: SetAside, desk: Client
) -> None:
    page = desk.get("/set-aside/").text

    assert "no &lt;b&gt;author&lt;/b&gt;" in page
    assert "�&lt;script&gt;alert(1)" in page
    assert 'href="/set-aside/"' in desk.get("/inbox/mine/").text


def test_retry_says_how_it_went(item: SetAside, desk: Client) -> None:
    answer = desk.post(f"/set-aside/{item.pk}/retry/", follow=True)
    assert answer.redirect_chain == [("/set-aside/", 302)]
    assert "taken in again" in answer.text or "Taken in." in answer.text


def test_another_team_neither_sees_nor_retries_it(
    item: SetAside, sign_in: SignIn, care: object
) -> None:
    other = sign_in(people.a_user("Eva Berg", team=people.a_team("Shop")))

    assert "Nothing is set aside" in other.get("/set-aside/").text
    assert other.post(f"/set-aside/{item.pk}/retry/").status_code == 404


def test_the_rail_keeps_quiet_when_nothing_is_set_aside(desk: Client) -> None:
    assert 'href="/set-aside/"' not in desk.get("/inbox/mine/").text
