"""Secrets that change while signatures come in."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.channels.models import Channel
from apps.intake.door import REMEMBERED
from tests.intake.test_webhook import a_post, body_of, hand_in, signed
from tests.people import a_channel

pytestmark = pytest.mark.django_db

OTHER_SECRET = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldA=="
BODY = body_of(a_post())


def replace_secret(channel: Channel) -> None:
    channel.webhook_secret = OTHER_SECRET
    channel.save(update_fields=["webhook_secret"])


def test_a_new_secret_holds_at_once() -> None:
    channel = a_channel()
    assert hand_in(channel, BODY) == 202
    replace_secret(channel)
    assert hand_in(channel, BODY, **signed(BODY, secret=OTHER_SECRET)) == 202


def test_a_secret_taken_away_is_refused_once_the_channel_was_read_again() -> None:
    channel = a_channel()
    assert hand_in(channel, BODY) == 202
    replace_secret(channel)
    assert hand_in(channel, BODY, **signed(BODY, secret=OTHER_SECRET)) == 202
    assert hand_in(channel, BODY) == 401


def test_a_secret_taken_away_is_refused_within_seconds() -> None:
    channel = a_channel()
    assert hand_in(channel, BODY) == 202
    replace_secret(channel)
    later = timezone.now() + REMEMBERED + timedelta(seconds=1)
    with time_machine.travel(later):
        assert hand_in(channel, BODY, **signed(BODY, at=later)) == 401
