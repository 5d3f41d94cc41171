"""A desk started again at another port keeps its practice network."""

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.channels.models import Channel
from apps.square.models import Subscription
from socialdesk.demo.cast import BRANDS
from socialdesk.demo.square import connect, follow_the_desk
from tests.people import a_team

pytestmark = pytest.mark.django_db


def test_square_and_the_desk_find_each_other_at_the_new_port() -> None:
    with override_settings(DESK_URL="http://127.0.0.1:8000"):
        connect(BRANDS[0], a_team(), at=timezone.now())
    with override_settings(DESK_URL="http://127.0.0.1:8100"):
        follow_the_desk()
    channel = Channel.objects.get()
    assert channel.base_url == "http://127.0.0.1:8100/square"
    subscription = Subscription.objects.get()
    assert subscription.url == f"http://127.0.0.1:8100/hooks/{channel.pk}/"
    assert subscription.secret == channel.webhook_secret


def test_an_account_on_a_square_elsewhere_stays_where_it_is() -> None:
    with override_settings(DESK_URL="http://127.0.0.1:8000"):
        connect(BRANDS[0], a_team(), at=timezone.now())
    Channel.objects.update(base_url="https://elsewhere.example/square")
    follow_the_desk()
    assert Channel.objects.get().base_url == "https://elsewhere.example/square"
