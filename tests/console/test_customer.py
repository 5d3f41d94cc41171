from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.customers.models import Customer
from tests import people
from tests.people import Kim

pytestmark = pytest.mark.django_db


def test_a_customers_page_lists_all_their_conversations(
    kim: Kim, desk: Client, now: datetime
) -> None:
    for days in range(60):
        kim.writes(f"subject {days}", at=now - timedelta(days=days))
    customer = Customer.objects.get()
    first = desk.get(f"/customers/{customer.pk}/").text
    assert "60 conversations" in first
    assert "Kim Lee" in first
    assert "subject 0<" in first
    assert "subject 55<" not in first

    last_shown = first.split('href="?before=')[1].split('"')[0]
    assert "subject 55<" in desk.get(f"/customers/{customer.pk}/?before={last_shown}").text


def test_a_customer_known_only_in_a_private_channel_is_unknown_elsewhere(desk: Client) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    Kim(private).writes()

    assert desk.get(f"/customers/{Customer.objects.get().pk}/").status_code == 404


def test_an_odd_place_to_go_on_from_is_a_bad_request(kim: Kim, desk: Client) -> None:
    kim.writes()
    assert desk.get(f"/customers/{Customer.objects.get().pk}/?before=x").status_code == 400
