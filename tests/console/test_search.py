from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.words import found_in
from apps.console.highlighting import excerpt
from apps.conversations.models import Message, Unsearched
from apps.conversations.operations import noting, replying
from apps.conversations.operations.holding_words import hold_words
from apps.conversations.queries import searching
from apps.conversations.queries.searching import Query, Said
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db


def found(text: str, user: User, **narrowed: object) -> list[str]:
    query = Query(text, **narrowed)  # type: ignore[arg-type]
    return [message.text for message in searching.messages(query, user=user).messages]


SAID = [
    "My ROUTER drops every evening",
    "the router is fine, every drop counts",
    "Le café de l’École est fermé",
    "配達が遅いです",
    "order 88-1204 please 😩",
    "it's broken, isn’t it?",
    "الخدمة مقطوعة منذ الصباح",
]


def test_words_phrases_beginnings_and_every_script_are_found_newest_first(
    brand_channel: Channel, ana: User, now: datetime
) -> None:
    people.arrive(
        brand_channel,
        *(
            Kim(brand_channel, author_id=f"w{n}").says(text, at=now + timedelta(minutes=n))
            for n, text in enumerate(SAID)
        ),
        at=now,
    )
    _all_are_found(ana)
    assert hold_words() == len(SAID)
    assert not Unsearched.objects.exists()
    _all_are_found(ana)


def _all_are_found(ana: User) -> None:
    assert found("router", ana) == [SAID[1], SAID[0]]
    assert found("router drops", ana) == [SAID[0]]
    assert found('"drops every"', ana) == [SAID[0]]
    assert found('"every drops"', ana) == []
    assert found("drop*", ana) == [SAID[1], SAID[0]]
    assert found("CAFE ecole", ana) == [SAID[2]]
    assert found("遅い", ana) == [SAID[3]]
    assert found("い遅", ana) == []
    assert found("88-1204", ana) == [SAID[4]]
    assert found("😩", ana) == [SAID[4]]
    assert found("router 😩", ana) == []
    assert found("isn't", ana) == [SAID[5]]
    assert found("الصباح", ana) == [SAID[6]]


HOSTILE = ["", "  ", "'", '"', "\\", "a' | 'b", ":* & !", "(", "~13:0", "'~13:0'", "@kim:*", "%"]


def test_whatever_is_typed_is_words_to_look_for_and_never_a_query(
    brand_channel: Channel, desk: Client, now: datetime
) -> None:
    Kim(brand_channel).writes(at=now)
    for _ in ("not held yet", "held"):
        for hostile in (*HOSTILE, "x" * 200):
            assert desk.get("/search/", {"q": hostile}, headers=HTMX).status_code == 200, hostile
        hold_words()
    assert desk.get("/search/", {"q": "x" * 201}).status_code == 400
    assert desk.get("/search/", {"q": "x", "before": "x"}).status_code == 400


def test_only_what_a_person_may_read_is_found(
    kim: Kim, ana: User, sign_in: SignIn, now: datetime
) -> None:
    private = people.a_channel("@vip", team=people.a_team("Private"), is_private=True)
    Kim(private, author_id="secret", name="Secret Person").writes("a secret router", at=now)
    shop = people.a_channel("@acme_shop", team=people.a_team("Shop"))
    Kim(shop, author_id="open").writes("an open router", at=now)
    insider = people.ben(people.a_team("Private"))
    for _ in ("not held yet", "held"):
        assert found("router", ana) == ["an open router"]
        assert found("secret", insider) == ["a secret router"]
        hold_words()
    assert searching.people(Query("secret"), user=ana) == []
    assert [i.name for i in searching.people(Query("secr"), user=insider)] == ["Secret Person"]
    answer = sign_in(ana).get("/search/", {"q": "secret"}).text
    assert "Secret Person" not in answer
    assert "Nothing found" in answer


def test_notes_replies_and_corrections_are_searched_and_what_was_taken_back_is_not(
    kim: Kim, ana: User, now: datetime
) -> None:
    message = kim.writes("hello", at=now)
    conversation = people.conversation_of(message)
    noting.note(conversation=conversation, text="prefers mornings", by=ana, at=now)
    replying.reply(conversation=conversation, text="good morning", by=ana, session_key="s", at=now)
    hold_words()
    assert found("mornings", ana) == ["prefers mornings"]
    assert found("morn*", ana, said=Said.NOTES) == ["prefers mornings"]
    assert found("morn*", ana, said=Said.US) == ["good morning"]
    sent = Message.objects.get(direction="outbound")
    replying.undo(message=sent, by=ana, at=now)
    assert found("morning", ana) == []

    corrected = kim.says(
        "goodbye", at=now, external_id=message.external_id, edited_at=now + timedelta(minutes=1)
    )
    people.arrive(kim.channel, corrected, at=now + timedelta(minutes=1))
    assert found("goodbye", ana) == ["goodbye"]
    hold_words()
    assert found("goodbye", ana) == ["goodbye"]
    assert found("hello", ana) == []


def test_customers_are_found_by_any_beginning_of_their_name_or_handle(
    kim: Kim, ana: User, now: datetime
) -> None:
    message = kim.writes(at=now)
    Kim(kim.channel, author_id="omar_n", name="Omar Nasser").writes(at=now)
    hold_words()
    for text in ("kim", "le", "kim le", "Lee"):
        assert [i.name for i in searching.people(Query(text), user=ana)] == ["Kim Lee"], text
    assert [i.name for i in searching.people(Query("@omar"), user=ana)] == ["Omar Nasser"]
    assert searching.people(Query("k"), user=ana) == []
    assert message.identity is not None
    message.identity.customer.name = "Kimberly Leigh"
    message.identity.customer.save()
    assert [i.name for i in searching.people(Query("kimberly"), user=ana)] == ["Kim Lee"]


def test_pages_of_hits_follow_on_and_open_at_the_message(
    many_write: Callable[[int], None],
    desk: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    many_write(70)
    hold_words()
    seen: list[str] = []
    address = "/search/?q=message"
    for _ in range(3):
        page = desk.get(address, headers=HTMX).text
        seen += [piece.split('"')[0] for piece in page.split('id="hit-')[1:]]
        if "before=" not in page:
            break
        more = page.split('hx-get="/search/?q=message&amp;before=')[1].split('"')[0]
        address = f"/search/?q=message&before={more}"
    assert len(seen) == len(set(seen)) == 70
    assert f"&amp;at={seen[-1]}#m-{seen[-1]}" in page
    with django_assert_max_num_queries(12):
        desk.get("/search/?q=message", headers=HTMX)
    opened = page.split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert 'id="hit-' in desk.get(opened).text


def test_what_is_found_is_marked_and_nothing_else_is_markup() -> None:
    assert excerpt("<b>Router</b> &amp; röuter", ["router"]) == (
        "&lt;b&gt;<mark>Router</mark>&lt;/b&gt; &amp;amp; <mark>röuter</mark>"
    )
    long = excerpt("word " * 200 + "needle" + " word" * 200, ["needle"])
    assert long.startswith("…word")
    assert "<mark>needle</mark>" in long
    assert len(long) < 300
    assert found_in("配達が遅いです", ["遅い"]) == [(3, 5)]
    assert found_in("routers reroute route", ["route"]) == [(16, 21)]
    assert found_in("routers route", ["rout*"]) == [(0, 4), (8, 12)]
    assert found_in("say “drops,  every” day", ["drops every"]) == [(5, 18)]


def test_a_number_leads_to_its_conversation(kim: Kim, desk: Client, now: datetime) -> None:
    number = kim.writes(at=now).conversation_id
    assert f'id="row-{number}"' in desk.get("/search/", {"q": f"#{number}"}).text
    assert "Nothing found" in desk.get("/search/", {"q": "#999999"}).text
