import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.console.files import csv_lines
from apps.console.tables import Cell, Row, Table
from apps.console.views.table_files import TABLES
from apps.conversations.models import Clock
from apps.reports import choosing
from apps.reports.recounting import count_everything
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
    found = re.findall(r'<a href="([^"]+)"[^>]*><b>([^<]+)</b>([^<,]+)', card)
    return {name.strip(): (value, unescape(link)) for link, value, name in found}


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


def test_what_cannot_be_counted_while_one_waits_says_so_and_leads_to_days_that_can(
    answered: list[int], manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_everything(at=timezone.now())
    monkeypatch.setattr(choosing, "LOOKED_THROUGH", 2)  # three waits of one day, and none later
    said = "these days hold too many"
    assert said not in manager.get("/dashboard/?days=30").text

    narrowed = manager.get("/dashboard/?days=30&language=en").text
    assert narrowed.count(said) == 3  # by channel, where the time goes, when they write
    assert figures(narrowed)["answered"][0] == "0"
    two = manager.get("/dashboard/?days=30&language=en&surface=mention").text
    assert two.count(said) == 1
    assert "Where the time goes" not in two
    [link] = re.findall(rf'{said}. <a class="link" href="([^"]+)"', two)
    assert said not in manager.get("/dashboard/" + unescape(link)).text

    equal = manager.get("/dashboard/equal/?days=30&surface=mention").text
    assert equal.count(said) == 3
    assert "No group of at least" not in equal


def test_the_list_behind_a_figure_shows_exact_seconds_longest_first(
    answered: list[int], manager: Client
) -> None:
    page = manager.get(figures(manager.get("/dashboard/").text)["answered"][1]).text
    seconds = re.findall(r"</td><td>([\d,.]+)</td>", page)

    assert seconds == ["4,000", "312", "61"]


@pytest.mark.parametrize("by", ["channel", "team", "agent", "surface", "language", "network"])
def test_every_line_of_every_breakdown_opens_its_own(
    answered: list[int], manager: Client, by: str
) -> None:
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', table(manager, f"?by={by}", "lines"))
    opened = 0
    for row in rows:
        for link, shown in re.findall(
            r'<td[^>]*><a href="([^"]+standing=(?:answered|running)[^"]*)">(\d+)<', row
        ):
            page = manager.get(unescape(link)).text
            assert f'<span class="num">{shown}</span>' in page
            opened += 1
    assert opened >= 4


def table(client: Client, query: str, name: str) -> str:
    """One table of the dashboard, as the page has it."""
    page = client.get(f"/dashboard/{query}").text
    [found] = re.findall(rf'<table id="table-{name}".*?</table>', page, re.S)
    return str(found)


def file(client: Client, name: str, query: str = "") -> list[list[str]]:
    """The same table as a file has it."""
    answer = client.get(f"/dashboard/tables/{name}.csv{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


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


def test_an_agent_reads_their_own_figures_and_their_teams_sums(
    answered: list[int], desk: Client, sign_in: SignIn, ana: User
) -> None:
    ben = sign_in(people.ben())
    own, others = table(desk, "?by=agent", "lines"), table(ben, "?by=agent", "lines")
    assert "Ana Bauer" in own
    assert "Ana Bauer" not in others
    assert "Everyone else" in others
    assert figures(ben.get("/dashboard/").text)["answered"][0] == "3"
    asked = "/dashboard/conversations/?kind=first_response&standing=answered&days=30&agent="
    assert '<span class="num">3</span>' in desk.get(f"{asked}{ana.pk}").text
    assert '<span class="num">0</span>' in ben.get(f"{asked}{ana.pk}").text
    assert file(ben, "lines", "?by=agent")[1][0] == "Everyone else"


FIGURES = [
    "/dashboard/",
    "/dashboard/now/",
    "/dashboard/wall/",
    "/dashboard/equal/",
    "/dashboard/coverage/",
    "/dashboard/explained/",
    "/dashboard/conversations/?kind=first_response&standing=answered",
    "/dashboard/messages/?direction=inbound",
    "/dashboard/told/?told=compared",
    "/dashboard/wall/waiting/",
    "/dashboard/coverage/late/",
    *(f"/dashboard/tables/{name}.csv" for name in TABLES),
]


@pytest.mark.parametrize("address", FIGURES)
def test_no_figure_of_another_team_is_on_any_page(
    address: str, answered: list[int], brand_channel: Channel, sign_in: SignIn
) -> None:
    elsewhere = people.a_team("Elsewhere")
    reader = sign_in(people.a_user("Rita Read", role="manager", team=elsewhere))
    everything = sign_in(people.a_user("Ada Moreau", role="admin", team=elsewhere))
    more = "&" if "?" in address else "?"
    channel, ana = brand_channel, User.objects.get(name="Ana Bauer")
    for named in ("", f"channel={channel.pk}", f"team={channel.team_id}", f"agent={ana.pk}"):
        answer = reader.get(f"{address}{more}days=30&{named}")
        text = b"".join(answer).decode() if answer.streaming else answer.text
        assert answer.status_code == 200
        assert not re.search("Omar|Kim [012]|Ana Bauer|@acme", text)
    assert everything.get(address).status_code == 200
    assert Client().get(address).status_code == 302


def test_a_wait_of_another_team_is_explained_to_nobody_else(
    answered: list[int], manager: Client, sign_in: SignIn
) -> None:
    [wait] = Clock.objects.filter(kind="first_response", customer_seconds=312)
    reader = sign_in(people.a_user("Rita Read", role="manager", team=people.a_team("Elsewhere")))
    explained = manager.get(f"/dashboard/explained/?wait={wait.pk}").text
    assert "= 312 s" in explained
    assert "definition 1" in explained
    assert "it ends in the figure that is stored" in explained
    assert "Kim 1" in explained
    assert reader.get(f"/dashboard/explained/?wait={wait.pk}").status_code == 404
    assert reader.get("/dashboard/explained/?wait=999999").status_code == 404


def test_a_file_has_the_pages_figures_exactly_and_no_formula(
    answered: list[int], manager: Client, ana: User
) -> None:
    User.objects.filter(pk=ana.pk).update(name="=HYPERLINK(1)")
    heads, hers, nobody, everything = file(manager, "lines", "?by=agent")
    assert heads[:6] == [
        "Person",
        "Answered",
        "Share answered (share)",
        "Running",
        "No reply needed",
        "Median (s)",
    ]
    assert hers[:2] == ["'=HYPERLINK(1)", "3"]
    assert float(hers[5]) == 312
    assert (nobody[1], nobody[3]) == ("0", "1")
    assert everything[:4] == ["All", "3", "0.75", "1"]
    assert len(file(manager, "days", "?days=7")) == 8
    assert sum(int(row[1]) for row in file(manager, "volume")[1:]) == 4
    assert sum(int(n) for row in file(manager, "heat")[1:] for n in row[1:]) == 4


def test_a_page_shows_a_hundred_of_five_thousand_lines_and_the_file_all() -> None:
    rows = [Row(Cell(f"Tag {n}"), [Cell(f"{n}", n)]) for n in range(5_000)]
    large = Table("lines", ("Tag", "Answered"), rows, foot=Row(Cell("All"), []), most=100)
    page = render_to_string("console/trends/_table.html", {"table": large})
    assert page.count('<th scope="row">') == 101
    assert "and 4900 more" in page
    assert len(list(csv_lines(large.lines()))) == 1 + 1 + 5_000 + 1


def test_a_link_reproduces_the_view_and_what_narrows_it_can_be_taken_off(
    answered: list[int], manager: Client, brand_channel: Channel
) -> None:
    page = manager.get(
        f"/dashboard/?days=7&kind=next_response&by=team&channel={brand_channel.pk}"
    ).text
    [without] = re.findall(r'<a class="chip" href="([^"]+)" title="Take this off">', page)
    assert "channel" not in without
    assert "kind=next_response" in without
    assert "by=team" in without
    assert manager.get(f"/dashboard/{unescape(without)}").status_code == 200


def test_messages_behind_a_count_are_as_many_as_it_says(
    answered: list[int], manager: Client
) -> None:
    found = re.findall(r'<a href="([^"]+direction=[^"]+)">(\d+)<', table(manager, "", "volume"))
    directions = [re.findall(r"direction=(\w+)", link)[0] for link, _ in found]
    assert set(directions) == {"inbound", "outbound"}
    for link, shown in found:
        page = manager.get(unescape(link)).text
        assert f'<span class="num">{shown}</span>' in page
        assert page.count('<th scope="row">') == int(shown)


def test_the_tiles_say_who_waits_longest(answered: list[int], manager: Client) -> None:
    tiles = manager.get("/dashboard/now/").text
    assert "Omar" in tiles
    assert ">1</a></b>" in tiles


def test_an_address_that_names_no_figure_is_a_bad_request(manager: Client) -> None:
    assert manager.get("/dashboard/conversations/?kind=guess&standing=x").status_code == 400
