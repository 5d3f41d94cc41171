"""The demo desk, prepared once for this file and taken back at its end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations import timelines
from apps.conversations.models import Act, Clock, Conversation, ConversationTag, Message
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Queue
from apps.customers.models import Customer, CustomerFlag
from apps.ledger.models import Event
from apps.sla.episodes import episodes
from apps.square.models import Notice, Post
from apps.square.operations import post
from socialdesk.demo import prepare, sign_ins
from socialdesk.demo.cast import PASSWORD

NOW = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module", autouse=True)
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(PASSWORD_HASHERS=hashers):
            prepare(at=NOW, tell=lambda _: None)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _changes_nothing() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def waiting() -> Q:
    return Q(waiting_since__isnull=False)


def test_it_has_the_people_and_the_history_that_were_promised() -> None:
    assert Channel.objects.count() == 3
    assert User.objects.filter(role="agent").count() == 8
    assert User.objects.on_shift(at=NOW).count() == 10
    assert 190 <= Customer.objects.count() <= 220
    assert 700 <= Conversation.objects.count() <= 1200
    first = Message.objects.earliest("posted_at").posted_at
    assert first is not None
    assert NOW - timedelta(days=91) < first < NOW - timedelta(days=88)


def test_nothing_was_said_later_than_now() -> None:
    assert not Message.objects.filter(Q(posted_at__gt=NOW) | Q(received_at__gt=NOW)).exists()
    assert not Event.objects.filter(at__gt=NOW).exists()


def test_everything_reached_the_desk_seconds_after_it_was_written() -> None:
    late = Message.objects.exclude(direction="note").exclude(
        received_at__range=(F("posted_at"), F("posted_at") + timedelta(seconds=6))
    )
    assert not late.exists()


def test_no_act_was_invented() -> None:
    assert not Act.objects.exists()
    assert not Message.objects.filter(direction="outbound", origin="desk").exists()


def test_answers_are_credited_by_their_signatures() -> None:
    answers = Message.objects.filter(direction="outbound", conversation__isnull=False)
    for answer in answers.select_related("author"):
        assert answer.author is not None
        assert answer.text.endswith(f" {answer.author.signature}")


def test_every_clock_is_what_its_timeline_says() -> None:
    fields = ("kind", "contact", "position", "started_at", "stopped_at", "stop")
    for conversation in Conversation.objects.prefetch_related("clocks"):
        stored = {tuple(getattr(c, f) for f in fields) for c in conversation.clocks.all()}
        derived = episodes(timelines.timeline(conversation.pk))
        assert stored == {tuple(getattr(e, f) for f in fields) for e in derived}


def test_whoever_waits_does_so_by_their_clock() -> None:
    running = Clock.objects.filter(
        stopped_at__isnull=True, kind__in=["first_response", "next_response"]
    ).values_list("conversation_id", "started_at")
    assert dict(running) == dict(
        Conversation.objects.filter(waiting()).values_list("id", "waiting_since")
    )


def test_nobody_has_more_than_they_can_take() -> None:
    loads = User.objects.annotate(load=Count("conversations", Q(conversations__state="open")))
    assert not loads.filter(load__gt=F("capacity")).exists()


def test_the_scene_is_a_desk_at_work() -> None:
    is_open = Conversation.objects.open()
    assert 20 <= is_open.filter(waiting()).count() <= 40
    assert is_open.filter(waiting(), assignee__isnull=True).count() >= 2
    assert is_open.filter(waiting_since__lt=NOW - timedelta(hours=2)).count() <= 4
    assert is_open.exclude(waiting()).count() >= 20


@pytest.mark.parametrize(
    ("email", "queue"),
    [
        ("ana@acme.example", Queue.MINE),
        ("ana@acme.example", Queue.UNASSIGNED),
        ("ana@acme.example", Queue.EVERYONE),
        ("mia@acme.example", Queue.UNASSIGNED),
        ("mia@acme.example", Queue.EVERYONE),
    ],
)
def test_every_queue_has_something_to_do(email: str, queue: Queue) -> None:
    assert inbox.page(User.objects.get(email=email), Asked(queue), at=timezone.now()).rows


def test_an_answer_to_any_open_conversation_has_its_post_on_square() -> None:
    for conversation in Conversation.objects.open().select_related("channel"):
        newest = conversation.messages.filter(direction="inbound").latest("posted_at")
        there = _on_square(newest)
        assert (there.text, there.created_at) == (newest.text, newest.posted_at)


def test_a_customer_who_writes_on_is_told_to_the_desk_and_nobody_was_before() -> None:
    assert not Notice.objects.exists()
    conversation = Conversation.objects.open().latest("last_message_at")
    there = _on_square(conversation.messages.filter(direction="inbound").latest("posted_at"))
    post(author=there.author, text="and one more thing", parent=there, at=NOW)
    assert Notice.objects.get().subscription.url.endswith(f"/hooks/{conversation.channel_id}/")


def _on_square(message: Message) -> Post:
    assert message.external_id is not None
    return Post.objects.get(id=message.external_id)


def test_the_outage_stands_out_and_answers_get_faster() -> None:
    firsts = Clock.objects.filter(kind="first_response")
    a_day = Count("id")
    days = firsts.values("started_at__date").annotate(number=a_day).order_by("-number")
    busiest, *others = [day for day in days if day["started_at__date"] != NOW.date()]
    assert 18 <= (NOW.date() - busiest["started_at__date"]).days <= 26
    assert busiest["number"] > 2 * others[0]["number"]
    assert _median(firsts.filter(started_at__lt=NOW - timedelta(days=60))) > 1.3 * _median(
        firsts.filter(started_at__gt=NOW - timedelta(days=15))
    )


def _median(answered: QuerySet[Clock]) -> float:
    waits = answered.filter(stop="reply").values_list("customer_seconds", flat=True)
    return float(median(waits))


def test_people_come_back_over_months_and_to_several_brands() -> None:
    talks = Customer.objects.annotate(
        conversations=Count("identities__conversations"),
        brands=Count("identities__conversations__channel", distinct=True),
    )
    assert talks.filter(conversations__gte=2).count() > 100
    assert talks.filter(brands__gte=2).count() > 50
    assert Conversation.objects.filter(contact__gte=2).count() > 20


def test_texts_come_in_many_languages_shapes_and_hardly_ever_twice() -> None:
    inbound = Message.objects.filter(direction="inbound")
    languages = set(inbound.values_list("language", flat=True))
    assert {"en", "de", "es", "pt-BR", "fr", "ar", "he", "ja", "hi", "pl", "tr"} <= languages
    texts = list(inbound.values_list("text", flat=True))
    assert any(len(text) >= 475 for text in texts)
    assert any(re.search(r"\S{85}", text) for text in texts)
    assert any("\N{ZERO WIDTH JOINER}" in text for text in texts)
    assert any(text.isupper() and len(text) > 40 for text in texts)
    latest = list(
        Message.objects.filter(direction="inbound", surface="mention")
        .order_by("-posted_at")
        .values_list("text", flat=True)[:50]
    )
    assert len(set(latest)) >= 48


def test_some_were_dismissed_with_a_reason_and_some_noted() -> None:
    assert Event.objects.filter(kind="dismissed").exclude(data__reason="").count() > 5
    assert Message.objects.filter(direction="note").count() > 5
    resolved = Event.objects.filter(kind="resolved", data__has_key="reason")
    assert resolved.count() > 20


def test_a_second_demo_is_refused_with_a_sentence() -> None:
    with pytest.raises(CommandError, match="people work in this one"):
        call_command("demo")


def test_it_tells_how_to_sign_in_while_that_holds() -> None:
    assert [(name, role) for name, role, _, _ in sign_ins()] == [
        ("Ana Bauer", "agent"),
        ("Mia Lindt", "manager"),
        ("Ada Moreau", "admin"),
    ]
    ana = User.objects.get(email="ana@acme.example")
    assert ana.check_password(PASSWORD)
    ana.set_password("something else")
    ana.save()
    assert [name for name, *_ in sign_ins()] == ["Mia Lindt", "Ada Moreau"]


def test_it_promises_labels_and_keeps_most_of_what_it_promised() -> None:
    judged = Clock.objects.filter(kind="first_response", due_at__isnull=False, stop="reply")
    kept = judged.filter(stopped_at__lte=F("due_at")).count()
    assert 0.6 < kept / judged.count() < 0.97
    assert Clock.objects.filter(due_at__lt=NOW, stopped_at__isnull=True).exists()
    assert ConversationTag.objects.values("tag").distinct().count() == 5
    assert CustomerFlag.objects.count() == 2
