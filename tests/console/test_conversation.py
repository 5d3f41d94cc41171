import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Draft, Message
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db


def address(message: Message, action: str = "") -> str:
    return f"/conversations/{message.conversation_id}/{action}"


def replies() -> list[Message]:
    return list(Message.objects.filter(direction="outbound", origin="desk"))


def test_a_conversation_tells_the_customers_whole_story(
    kim: Kim, desk: Client, now: datetime
) -> None:
    kim.writes("the first time", at=now - timedelta(days=9))
    asked = kim.writes("the second time 😩", at=now - timedelta(minutes=3))
    page = desk.get(address(asked)).text

    assert page.index("the first time") < page.index("the second time 😩")
    assert "customer since" in page
    assert "Assigned to Ana Bauer" in page


def test_htmx_gets_the_conversation_alone(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    part = desk.get(address(asked), headers=HTMX).text

    assert 'id="conversation"' in part
    assert "<html" not in part
    assert 'id="rows"' not in part


def test_going_back_gets_the_whole_page(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    page = desk.get(address(asked), headers={**HTMX, "HX-Request-Type": "full"}).text

    assert "<html" in page


def test_a_foreign_conversation_answers_exactly_like_an_unknown_one(desk: Client) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    foreign = desk.get(address(Kim(private).writes()))
    unknown = desk.get("/conversations/999999999/")

    assert foreign.status_code == unknown.status_code == 404
    assert _without_clock(foreign.text) == _without_clock(unknown.text)


@pytest.mark.parametrize(
    "action", ["reply", "note", "draft", "take", "assign", "resolve", "undo-resolve", "dismiss"]
)
def test_nobody_acts_on_what_they_may_not_read(desk: Client, action: str) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    asked = Kim(private).writes()

    assert desk.post(address(asked, f"{action}/"), {"text": "hi"}).status_code == 404
    assert not replies()


def test_another_teams_conversation_is_read_but_not_acted_on(desk: Client) -> None:
    shop = people.a_channel("@acme_shop", team=people.a_team("Shop"))
    asked = Kim(shop).writes()

    assert 'id="reply"' not in desk.get(address(asked)).text
    assert desk.post(address(asked, "reply/"), {"text": "hi"}, headers=HTMX).status_code == 422
    assert not replies()


def test_a_reply_is_queued_word_for_word(kim: Kim, desk: Client, ana: User) -> None:
    asked = kim.writes()
    answer = desk.post(
        address(asked, "reply/"),
        {"text": "Hi Kim,\r\nlooking ^AB ", "seen": asked.pk},
        headers=HTMX,
    )

    (reply,) = replies()
    assert reply.text == "Hi Kim,\nlooking ^AB "
    assert (reply.author, reply.state) == (ana, "queued")
    assert "Leaves in" in answer.text
    assert "desk:sent" in answer.headers["HX-Trigger"]


def test_a_form_sent_twice_is_one_reply(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    token = re.search(r'name="once" value="([0-9a-f]+)"', desk.get(address(asked)).text)
    assert token
    for _ in range(2):
        desk.post(address(asked, "reply/"), {"text": "hi", "once": token[1]}, headers=HTMX)

    assert len(replies()) == 1


def test_what_the_customer_wrote_meanwhile_is_shown_before_anything_is_sent(
    kim: Kim, desk: Client, now: datetime
) -> None:
    asked = kim.writes("it is broken", at=now - timedelta(minutes=5))
    later = kim.writes("never mind, it works", at=now, parent_id=asked.external_id)
    answer = desk.post(
        address(asked, "reply/"), {"text": "I am sorry", "seen": asked.pk}, headers=HTMX
    )

    assert answer.status_code == 409
    assert "never mind, it works" in answer.text
    assert f'name="seen" value="{later.pk}"' in answer.text
    assert 'hx-target="#composer"' not in answer.text  # the text stays in the browser's field
    assert not replies()


def test_a_reply_that_is_too_long_says_by_how_much(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    limit = kim.channel.connector.text_limit or 0
    answer = desk.post(address(asked, "reply/"), {"text": "a" * (limit + 7)}, headers=HTMX)

    assert answer.status_code == 422
    assert "Shorten it by 7" in answer.text


def test_without_javascript_a_refused_reply_comes_back_as_the_draft(
    kim: Kim, desk: Client, now: datetime
) -> None:
    asked = kim.writes(at=now - timedelta(minutes=5))
    kim.writes("one more thing", at=now, parent_id=asked.external_id)
    answer = desk.post(
        address(asked, "reply/"), {"text": "my careful words", "seen": asked.pk}, follow=True
    )

    assert answer.redirect_chain == [(address(asked), 302)]
    assert "my careful words</textarea>" in answer.text
    assert "wrote again since you looked" in answer.text


def test_a_reply_taken_back_returns_to_the_composer(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    desk.post(address(asked, "reply/"), {"text": "too early"}, headers=HTMX)
    answer = desk.post(f"/messages/{replies()[0].pk}/undo/", headers=HTMX)

    assert "too early</textarea>" in answer.text
    assert replies()[0].state == "undone"


def test_only_its_author_decides_about_a_reply(
    kim: Kim, desk: Client, sign_in: SignIn, care: object
) -> None:
    asked = kim.writes()
    desk.post(address(asked, "reply/"), {"text": "mine"}, headers=HTMX)
    ben = sign_in(people.ben())
    for action in ("undo", "send-now", "discard"):
        answer = ben.post(f"/messages/{replies()[0].pk}/{action}/", headers=HTMX)
        assert answer.status_code == 404

    assert replies()[0].state == "queued"


def test_a_draft_is_kept_and_shown_again(kim: Kim, desk: Client, ana: User) -> None:
    asked = kim.writes()
    assert desk.post(address(asked, "draft/"), {"text": "half a sen"}).status_code == 204
    assert "half a sen</textarea>" in desk.get(address(asked)).text

    desk.post(address(asked, "draft/"), {"text": ""})
    assert not Draft.objects.exists()


def test_a_note_stays_in_the_house(kim: Kim, desk: Client) -> None:
    asked = kim.writes()
    answer = desk.post(address(asked, "note/"), {"text": "prefers mornings"}, headers=HTMX)

    assert "prefers mornings" in answer.text
    assert not replies()


def test_resolving_while_somebody_waits_takes_a_reason(kim: Kim, desk: Client) -> None:
    asked = kim.writes("thanks!")
    refused = desk.post(address(asked, "resolve/"), headers=HTMX)
    assert refused.status_code == 422
    assert "is waiting for an answer" in refused.text

    desk.post(address(asked, "resolve/"), {"reason": "Spam or abuse"}, headers=HTMX)
    assert Conversation.objects.get().state == "resolved"
    assert "no reply needed: Spam or abuse" in desk.get(address(asked)).text

    desk.post(address(asked, "undo-resolve/"), headers=HTMX)
    assert Conversation.objects.get().state == "open"


def test_taking_what_a_colleague_took_says_who_was_faster(
    kim: Kim, desk: Client, care: object
) -> None:
    asked = kim.writes()
    Conversation.objects.update(assignee=people.ben())
    answer = desk.post(address(asked, "take/"), headers=HTMX)

    assert answer.status_code == 409
    assert "Ben Wood took this conversation a moment ago." in answer.text


def test_a_conversation_is_handed_on_and_put_back(kim: Kim, desk: Client, care: object) -> None:
    asked = kim.writes()
    ben = people.ben()
    desk.post(address(asked, "assign/"), {"to": ben.pk}, headers=HTMX)
    assert Conversation.objects.get().assignee == ben

    desk.post(address(asked, "assign/"), {"to": ""}, headers=HTMX)
    assert Conversation.objects.get().assignee is None


def test_customers_words_are_never_markup(kim: Kim, desk: Client) -> None:
    asked = kim.writes("<script>alert(1)</script><hx-partial hx-target='body'>x</hx-partial>")
    for page in (desk.get(address(asked)), desk.get(address(asked), headers=HTMX)):
        assert "<script>alert" not in page.text
        assert "<hx-partial hx-target='body'" not in page.text


def test_a_long_story_takes_as_many_queries_as_a_short_one(
    brand_channel: Channel,
    kim: Kim,
    desk: Client,
    now: datetime,
    many_write: Callable[[int], None],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    kim.writes(at=now - timedelta(days=20))
    asked = kim.writes(at=now - timedelta(days=10))
    desk.get(address(asked), headers=HTMX)  # whoever was given it opens it
    with django_assert_num_queries(11):
        desk.get(address(asked), headers=HTMX)
    for n in range(30):
        kim.writes(at=now - timedelta(days=11, minutes=n))
        kim.writes(at=now - timedelta(days=9, minutes=n), parent_id=asked.external_id)
    with django_assert_num_queries(11):
        desk.get(address(asked), headers=HTMX)


def test_a_late_message_says_how_late_it_reached_us(kim: Kim, desk: Client, now: datetime) -> None:
    message = kim.says("sent long ago", at=now - timedelta(minutes=10))
    people.arrive(kim.channel, message, at=now)
    asked = Message.objects.get(external_id=message.external_id)

    assert "reached us 10 m 00 later" in desk.get(address(asked)).text


def _without_clock(html: str) -> str:
    return re.sub(r'data-now="[^"]*"', "", html)
