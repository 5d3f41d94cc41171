import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import User
from apps.channels.models import Channel
from apps.common.counting import counted_together
from apps.conversations.models import Conversation
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Place, Queue, Section
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db


def rows(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="row-(\d+)"', html)]


def test_agents_begin_in_their_queue_and_managers_on_the_dashboard(
    desk: Client, mia: User, sign_in: SignIn
) -> None:
    assert desk.get("/").headers["Location"] == "/inbox/mine/"
    assert sign_in(mia).get("/").headers["Location"] == "/dashboard/"


def test_who_waits_longest_comes_first_and_the_answered_follow_newest_first(
    brand_channel: Channel, ana: User, now: datetime
) -> None:
    waiting = [
        Kim(brand_channel, author_id=f"w{n}").writes(at=now - timedelta(minutes=n)).conversation_id
        for n in (5, 30, 10)
    ]
    answered = []
    for n in (50, 40):
        asked = Kim(brand_channel, author_id=f"a{n}").writes(at=now - timedelta(minutes=n))
        reply = people.brand_says(
            brand_channel,
            "done",
            at=now - timedelta(minutes=n - 1),
            parent_id=asked.external_id,
        )
        people.arrive(brand_channel, reply, at=now)
        answered.append(asked.conversation_id)

    shown = [row.conversation.pk for row in inbox.page(ana, Asked(Queue.EVERYONE), at=now).rows]

    assert shown == [waiting[1], waiting[2], waiting[0], answered[1], answered[0]]


def test_each_queue_shows_its_own(kim: Kim, ana: User, desk: Client) -> None:
    mine = kim.writes().conversation_id
    nobodys = Kim(kim.channel, author_id="omar").writes().conversation_id
    Conversation.objects.exclude(id=mine or 0).update(assignee=None, assigned_at=None)

    assert rows(desk.get("/inbox/mine/").text) == [mine]
    assert rows(desk.get("/inbox/unassigned/").text) == [nobodys]
    assert sorted(rows(desk.get("/inbox/everyone/").text)) == [mine, nobodys]


def test_another_teams_queue_is_not_shown(desk: Client, ana: User) -> None:
    shop = people.a_channel("@acme_shop", team=people.a_team("Shop"))
    Kim(shop).writes()

    assert rows(desk.get("/inbox/everyone/").text) == []
    assert "No open conversations" in desk.get("/inbox/everyone/").text


def test_pages_of_fifty_show_everyone_exactly_once(
    many_write: Callable[[int], None], desk: Client
) -> None:
    many_write(120)
    seen: list[int] = []
    address = "/inbox/everyone/"

    for _ in range(5):
        page = desk.get(address).text
        seen += rows(page)
        more = re.search(r'id="more" class="more" href="([^"]+)"', page)
        if more is None:
            break
        assert len(rows(page)) == 50
        address = more[1]

    assert len(seen) == len(set(seen)) == 120


def test_a_refresh_renews_as_many_rows_as_are_shown(
    many_write: Callable[[int], None], desk: Client
) -> None:
    many_write(120)
    renewed = desk.get("/inbox/everyone/rows/?shown=100&open=1", headers=HTMX).text

    assert len(rows(renewed)) == 100
    assert "<html" not in renewed


def test_a_queue_of_more_than_99_says_so_and_is_not_counted_further(
    many_write: Callable[[int], None], desk: Client, ana: User, now: datetime
) -> None:
    many_write(99)
    assert "Everyone <b>99</b>" in desk.get("/rail/").text.replace("</svg>", "")
    many_write(120)
    assert "Everyone <b>99+</b>" in desk.get("/rail/").text.replace("</svg>", "")
    lists = {"everyone": Asked(Queue.EVERYONE)}
    assert counted_together(inbox.to_count(ana, lists, at=now)) == {"everyone": inbox.MOST_COUNTED}


def test_what_a_person_has_in_hand_in_another_team_stands_in_their_queues_alone(
    ana: User, now: datetime
) -> None:
    shop = people.a_channel("@acme_shop", team=people.a_team("Shop"))
    hers, other = (Kim(shop, author_id=who).writes(at=now).conversation_id for who in ("a", "b"))
    Conversation.objects.filter(id=hers or 0).update(assignee=ana, assigned_at=now)

    for queue in (Queue.MINE, Queue.EVERYONE):
        assert [row.conversation.pk for row in inbox.page(ana, Asked(queue), at=now).rows] == [hers]
    assert inbox.page(ana, Asked(Queue.UNASSIGNED), at=now).rows == []
    lists = {str(queue): Asked(queue) for queue in (Queue.MINE, Queue.UNASSIGNED, Queue.EVERYONE)}
    counts = counted_together(inbox.to_count(ana, lists, at=now))
    assert counts == {"mine": 1, "unassigned": 0, "everyone": 1}
    assert other is not None


@pytest.mark.parametrize(
    "query",
    [
        "after=nowhere",
        "after=waiting-1-x",
        "after=waiting-9999999999999999999999-1",
        "shown=many",
        "open=x",
    ],
)
def test_an_address_that_names_no_place_is_a_bad_request(desk: Client, query: str) -> None:
    assert desk.get(f"/inbox/mine/?{query}").status_code == 400


def test_a_place_survives_its_way_through_an_address(now: datetime) -> None:
    place = Place(Section.ANSWERED, now, 42)
    assert Place.parse(str(place)) == place


def test_an_unknown_queue_is_not_found(desk: Client) -> None:
    assert desk.get("/inbox/theirs/").status_code == 404


def test_the_rail_counts_who_needs_attention_and_shows_who_is_on(
    kim: Kim, desk: Client, ana: User
) -> None:
    kim.writes()
    rail = desk.get("/rail/?queue=mine", headers=HTMX).text

    assert re.search(r"Mine <b>1</b>", rail)
    assert f"1 of {ana.capacity}" in rail
