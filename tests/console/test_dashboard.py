import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.agents.models import User
from apps.channels.models import Channel
from tests import people
from tests.console.conftest import SignIn
from tests.people import Kim

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(brand_channel: Channel, ana: User, now: datetime) -> list[int]:
    """Three waits of yesterday, answered by Ana after so many seconds; one still running."""
    waits = [61, 312, 4000]
    yesterday = now - timedelta(days=1, hours=3)
    for n, seconds in enumerate(waits):
        asked = Kim(brand_channel, author_id=f"k{n}", name=f"Kim {n}").writes(at=yesterday)
        reply = people.brand_says(
            brand_channel,
            f"done {ana.signature}",
            at=yesterday + timedelta(seconds=seconds),
            parent_id=asked.external_id,
        )
        people.arrive(brand_channel, reply, at=now)
    Kim(brand_channel, author_id="omar", name="Omar").writes(at=yesterday)
    return waits


@pytest.fixture
def manager(mia: User, sign_in: SignIn) -> Client:
    return sign_in(mia)


def figures(html: str) -> dict[str, tuple[str, str]]:
    """The figures of the first card: what each says and where it leads."""
    card = html.split('class="card"')[1]
    found = re.findall(r'<a href="([^"]+)"><b>([^<]+)</b>([^<,]+)[^<]*</a>', card)
    return {name: (value, link.replace("&amp;", "&")) for link, value, name in found}


def test_every_figure_opens_as_many_conversations_as_it_counts(
    answered: list[int], manager: Client
) -> None:
    shown = figures(manager.get("/dashboard/").text)
    assert shown["answered"][0] == "3"
    assert shown["still running"][0] == "1"
    assert shown["median"][0] == "5 m 12"

    for name in ("answered", "still running"):
        value, link = shown[name]
        page = manager.get(link).text
        assert f'<span class="num">{value}</span>' in page
        assert page.count('<th scope="row">') == int(value)


def test_the_list_behind_a_figure_shows_exact_seconds_longest_first(
    answered: list[int], manager: Client
) -> None:
    page = manager.get(figures(manager.get("/dashboard/").text)["answered"][1]).text
    seconds = re.findall(r"</td><td>([\d,.]+)</td>", page)

    assert seconds == ["4,000", "312", "61"]


def test_figures_by_channel_and_person_open_their_own(
    answered: list[int], manager: Client, brand_channel: Channel, ana: User
) -> None:
    page = manager.get("/dashboard/").text
    for of in (f"channel={brand_channel.pk}", f"agent={ana.pk}"):
        link = re.search(rf'href="([^"]*standing=answered[^"]*{of})"', page)
        assert link
        assert '<span class="num">3</span>' in manager.get(link[1].replace("&amp;", "&")).text


def test_more_than_a_page_goes_on_without_losing_any(
    brand_channel: Channel, now: datetime, manager: Client
) -> None:
    people.arrive(
        brand_channel,
        *(
            Kim(brand_channel, author_id=f"c{n}").says("hi", at=now - timedelta(hours=1))
            for n in range(60)
        ),
        at=now,
    )
    link: str | None = figures(manager.get("/dashboard/").text)["still running"][1]
    seen: list[str] = []
    while link:
        page = manager.get(link).text
        seen += re.findall(r'href="(/conversations/\d+/)"', page)
        more = re.search(r'class="more" href="(\?[^"]+)"', page)
        link = "/dashboard/conversations/" + more[1].replace("&amp;", "&") if more else None

    assert len(seen) == len(set(seen)) == 60


def test_a_range_that_runs_backwards_says_what_to_do(manager: Client) -> None:
    page = manager.get("/dashboard/?first=2026-03-02&last=2026-03-01").text
    assert "swap them" in page


def test_days_without_a_wait_say_so(manager: Client) -> None:
    assert "No waits began in these days" in manager.get("/dashboard/").text


def test_an_agent_sees_only_their_own_line(
    answered: list[int], desk: Client, sign_in: SignIn, care: object
) -> None:
    ben = sign_in(people.ben())
    assert "Ana Bauer</th>" in desk.get("/dashboard/").text
    assert "Ana Bauer</th>" not in ben.get("/dashboard/").text


def test_the_tiles_say_who_waits_longest(answered: list[int], manager: Client) -> None:
    tiles = manager.get("/dashboard/now/").text
    assert "Omar" in tiles
    assert "<b>1</b>" in tiles


def test_an_address_that_names_no_figure_is_a_bad_request(manager: Client) -> None:
    assert manager.get("/dashboard/conversations/?kind=guess&standing=x").status_code == 400
