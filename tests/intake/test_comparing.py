"""What a network told and the desk missed is found by asking, and counted from when it was said."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.channels.models import Channel
from apps.conversations.models import Clock, Message
from apps.intake import operations as intake
from apps.intake.comparing import EVERY, compare, compare_due
from apps.intake.models import Comparison, Delivery, Gap
from apps.reports.coverage import coverage
from apps.square import operations as square
from apps.square.models import Notice, Person
from tests import people
from tests.people import SECRET, minutes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def told(brand: Person) -> None:
    """Square tells somebody who never passes it on."""
    square.subscribe(person=brand, url="http://127.0.0.1:9/hooks", secret=SECRET)


def _say(text: str, *, at: datetime) -> str:
    kim = square.join(handle="kim_lee", name="Kim Lee", at=at)
    return square.post(author=kim, text=text, at=at).external_id


def test_a_lost_message_is_found_and_counted_from_when_it_was_said(
    told: None, channel: Channel, now: datetime
) -> None:
    manager = people.mia(channel.team)
    heard = _say("@acme heard", at=now - minutes(50))
    lost = _say("@acme lost", at=now - minutes(40))
    gone = _say("@acme gone again", at=now - minutes(30))
    _say("@acme still on its way", at=now - minutes(1))
    post = Notice.objects.get(post_id=gone).post
    square.delete(post=post, by=post.author, at=now - minutes(20))
    intake.keep(channel=channel, body=bytes(Notice.objects.get(post_id=heard).body), at=now)
    intake.drain()

    assert compare(channel=channel, at=now) == 1
    assert compare(channel=channel, at=now) == 0
    gap = Gap.objects.get()
    assert (gap.external_id, gap.posted_at) == (lost, now - minutes(40))
    [before] = coverage(user=manager, at=now).channels
    assert (before.found, before.missing) == (1, 1)

    intake.drain()
    found = Message.objects.get(external_id=lost)
    wait = Clock.objects.get(conversation=found.conversation, kind=Clock.Kind.FIRST_RESPONSE)
    assert wait.started_at == now - minutes(40)
    after = coverage(user=manager, at=timezone.now())
    assert (after.channels[0].missing, Comparison.objects.get().listed) == (0, 3)
    assert {one.message.pk: one.is_found for one in after.late}[found.pk]


def test_what_waits_to_be_taken_in_is_no_gap(told: None, channel: Channel, now: datetime) -> None:
    post = _say("@acme hello", at=now - minutes(9))
    intake.keep(channel=channel, body=bytes(Notice.objects.get(post_id=post).body), at=now)
    assert compare(channel=channel, at=now) == 0
    assert Delivery.objects.count() == 1


def test_a_network_that_does_not_answer_is_said_so_and_asked_again_later(
    channel: Channel, now: datetime
) -> None:
    Channel.objects.update(token="not the brand's")
    assert compare_due(at=now) == 0
    refused = Comparison.objects.get()
    assert "token" in refused.error
    assert refused.at is None
    assert compare_due(at=now + EVERY - timedelta(seconds=1)) == 0
    assert Comparison.objects.get().tried_at == now


def test_square_lists_only_to_the_brand_and_says_what_is_wrong_with_a_question(
    brand: Person,
) -> None:
    token = {"authorization": f"Bearer {square.issue_token(person=brand)}"}
    address, asked = "/square/api/notices", "?since=2026-03-01T00:00:00%2B00:00"
    assert Client().get(address + asked).status_code == 401
    assert Client(headers=token).get(address + asked).json() == {"notices": [], "next": None}
    for wrong in ("", "?since=yesterday", "?since=2026-03-01T00:00:00", f"{asked}&after=x"):
        assert Client(headers=token).get(address + wrong).status_code == 422
