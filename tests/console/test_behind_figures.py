"""Whatever the dashboard counts, its number opens a list of as many."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.operations import pausing, pledging, resolving
from apps.conversations.operations.reckoning import reckon
from apps.intake.models import Comparison, Gap
from apps.intake.operations import keep
from apps.reports.behind import PAGE
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests import people
from tests.console.conftest import SignIn
from tests.people import Kim, minutes

pytestmark = pytest.mark.django_db

NUMBER = re.compile(
    r'<a (?:class="[^"]*" )?href="([^"#]+)"[^>]*>(?:<span>[^<]*</span>)?(?:<b[^>]*>)?'
    r"([\d,]+)(?=</b>|</a>| <small>| unassigned| waits| came late)"
)
CELL = re.compile(r'<a href="([^"]+)"[^>]*><rect[^>]*><title>[^<]*: (\d+)</title>')
PERSONAL = {"compared": 3, "alike": 2, "asked-again": 0, "kept": 1}
COUNT = re.compile(r'<h1>[^<]*: <span class="num">(\d+)</span>')


@pytest.fixture
def busy(brand_channel: Channel, ana: User, now: datetime) -> None:
    """Something stands in every way that is counted: of yesterday, and of this moment."""
    promise = PolicyVersion(name="Quick", first_response_minutes=10, resolution_minutes=600)
    save_policy(said=promise, by=None, at=now - timedelta(days=3))
    yesterday = now - timedelta(days=1, hours=3)
    for number, wait in enumerate((1, 5, 66)):
        asked = Kim(brand_channel, author_id=f"k{number}").writes(at=yesterday)
        text = f"have you tried to switch it off and on again? {ana.signature}"
        at = yesterday + minutes(wait)
        reply = people.brand_says(brand_channel, text, at=at, parent_id=asked.external_id)
        people.arrive(brand_channel, reply, at=at)
    first, second, _ = Conversation.objects.order_by("id")
    customer = Conversation.Pause.CUSTOMER
    pausing.pause(conversation=first, paused_for=customer, by=ana, at=yesterday + minutes(20))
    resolving.resolve(conversation=first, by=ana, at=yesterday + minutes(40))
    thanks = Kim(brand_channel, author_id="t").writes("thanks", at=yesterday)
    talk = people.conversation_of(thanks)
    resolving.resolve(conversation=talk, by=ana, at=yesterday, no_reply_needed="only thanks")
    said = Message.objects.filter(conversation=second, direction="outbound").get()
    pledge = pledging.pledge(
        message=said, words=said.text[:30], due_at=now + minutes(9), by=ana, at=yesterday
    )
    pledging.settle(pledge=pledge, state="kept", note="", by=ana, at=now)
    for person, ago in (("overdue", 30), ("risky", 9), ("fresh", 0)):
        Kim(brand_channel, author_id=person).writes(at=now - minutes(ago))
    answered = Kim(brand_channel, author_id="quick").writes(at=now - minutes(3))
    reply = people.brand_says(
        brand_channel, f"hi {ana.signature}", at=now, parent_id=answered.external_id
    )
    people.arrive(brand_channel, reply, at=now)
    # As where a channel was paused: stored long before the network took it.
    Message.objects.filter(posted_at=now, direction="outbound").update(
        received_at=now - timedelta(hours=3)
    )
    slow = Kim(brand_channel, author_id="slow").says(
        "hello?", at=now - minutes(11), external_id="s"
    )
    people.arrive(brand_channel, slow, at=now)
    Comparison.objects.create(channel=brand_channel, tried_at=now, at=now, since=now, listed=2)
    for name in ("s", "never stored"):
        delivery = keep(channel=brand_channel, body=b"{}", at=now)
        Gap.objects.create(
            channel=brand_channel,
            external_id=name,
            posted_at=now - minutes(11),
            found_at=now,
            delivery_id=delivery,
        )
    reckon(at=now)


@pytest.mark.parametrize(
    ("page", "opened"),
    [
        ("/dashboard/", 40),
        ("/dashboard/?kind=next_response&by=agent", 20),
        ("/dashboard/?kind=resolution&by=language", 30),
        ("/dashboard/wall/", 8),
        ("/dashboard/equal/", 6),
        ("/dashboard/explained/", 8),
        ("/dashboard/coverage/", 4),
    ],
)
def test_every_number_opens_as_many_as_it_says(
    busy: None, mia: User, sign_in: SignIn, page: str, opened: int
) -> None:
    manager = sign_in(mia)
    shown = manager.get(page).text
    numbers = [*NUMBER.findall(shown), *CELL.findall(shown)]
    for link, number in numbers:
        assert behind(manager, link) == int(number.replace(",", "")), link
    assert len(numbers) >= opened


def behind(browser: Client, link: str) -> int:
    """How many the list behind a link says it has, which it shows."""
    page = browser.get(unescape(link)).text
    [count] = COUNT.findall(page)
    assert page.count('<th scope="row">') == int(count)
    return int(count)


def test_shares_and_times_open_what_they_are_of(busy: None, mia: User, sign_in: SignIn) -> None:
    manager = sign_in(mia)
    shown = manager.get("/dashboard/").text
    links = dict.fromkeys(re.findall(r'href="(/dashboard/[^"#]+)"', shown))
    of = {
        name: behind(manager, link)
        for link in links
        for name in re.findall("standing=([a-z_]+)", link)
    }
    assert (of["called"], of["judged"], of["answered"]) == (8, 7, 4)
    told: dict[str, str] = {}
    for link in links:
        for name in re.findall("told=([a-z-]+)", link):
            told.setdefault(name, link)  # the first is of all of them
    assert {name: behind(manager, link) for name, link in told.items()} == PERSONAL


def test_a_list_of_now_goes_on_after_what_has_left_it(
    brand_channel: Channel, mia: User, sign_in: SignIn, now: datetime
) -> None:
    for number in range(PAGE + 3):
        Kim(brand_channel, author_id=f"w{number}").writes(at=now - minutes(200 - number))
    manager = sign_in(mia)
    running = "/dashboard/conversations/?kind=first_response&standing=running"
    for address in ("/dashboard/wall/waiting/", running):
        shown = manager.get(address).text
        [more] = re.findall('<a class="more" href="([^"]+)"', shown)
        gone = Conversation.objects.exclude(state="resolved").order_by("waiting_since")[PAGE - 1]
        resolving.resolve(conversation=gone, by=mia, at=now, no_reply_needed="thanks")
        rest = manager.get(address.partition("?")[0] + unescape(more))
        assert rest.status_code == 200
        assert rest.text.count('<th scope="row">') == 3
        assert f"/conversations/{gone.pk}/" not in rest.text
        resolving.undo_resolve(conversation=gone, by=mia, at=now)
    half_a_place = manager.get("/dashboard/wall/waiting/?after=3")
    assert half_a_place.status_code == 400


def test_a_day_on_which_nobody_wrote_yet_is_shown_beside_one_on_which_somebody_did(
    brand_channel: Channel, mia: User, sign_in: SignIn, now: datetime
) -> None:
    Kim(brand_channel).writes(at=now - timedelta(days=1))
    manager = sign_in(mia)
    for address in ("/dashboard/?days=1", "/dashboard/tables/days.csv?days=1"):
        assert manager.get(address).status_code == 200


def test_agents_are_told_of_colleagues_no_more_behind_a_figure_than_in_it(
    busy: None, ana: User, sign_in: SignIn
) -> None:
    """The list behind a team's sum has no names to sum up by; nobody reads another team's."""
    own, colleague = sign_in(ana), sign_in(people.ben())
    stranger = sign_in(people.a_user("Rita Read", role="manager", team=people.a_team("Else")))
    for heard in ("heard", "late", "found", "missing"):
        assert behind(stranger, f"/dashboard/coverage/{heard}/") == 0
        assert behind(own, f"/dashboard/coverage/{heard}/") > 0
    for address in (
        "/dashboard/conversations/?kind=first_response&standing=answered",
        "/dashboard/messages/?direction=outbound",
        "/dashboard/told/?told=compared",
        "/dashboard/told/?told=kept",
        "/dashboard/wall/answered-today/",
        "/dashboard/wall/answers/",
        "/dashboard/explained/?wait=1",
    ):
        if "wait=" in address:
            [wait] = Conversation.objects.get(identity__external_id="k0").clocks.filter(
                kind="first_response"
            )
            address = f"/dashboard/explained/?wait={wait.pk}"
            assert stranger.get(address).status_code == 404
        else:
            assert behind(stranger, address) == 0
        assert ">Ana Bauer<" in cells(own, address)
        assert "Ana Bauer" not in cells(colleague, address)
        assert "A colleague" in cells(colleague, address)


def cells(browser: Client, address: str) -> str:
    """What the page's tables say."""
    return "".join(re.findall("<table.*?</table>", browser.get(address).text, re.S))


def test_a_list_of_now_goes_on_where_a_page_ends_and_is_of_one_channel_if_asked(
    brand_channel: Channel, mia: User, now: datetime, sign_in: SignIn
) -> None:
    other = people.a_channel("@other", team=brand_channel.team)
    people.arrive(
        brand_channel,
        *(Kim(brand_channel, author_id=f"c{n}").says("hi", at=now - minutes(7)) for n in range(60)),
        at=now,
    )
    Kim(other).writes(at=now)
    manager, seen = sign_in(mia), []
    link = f"/dashboard/wall/waiting/?channel={brand_channel.pk}"
    while link:
        page = manager.get(link).text
        seen += re.findall(r'href="(/conversations/\d+/)"', page)
        more = re.search(r'class="more" href="(\?[^"]+)"', page)
        link = "/dashboard/wall/waiting/" + unescape(more[1]) if more else ""
    assert len(seen) == len(set(seen)) == 60
    assert behind_count(manager, "/dashboard/wall/waiting/") == 61
    assert manager.get("/dashboard/wall/waiting/?channel=x").status_code == 400
    assert manager.get("/dashboard/told/?told=guess").status_code == 400


def behind_count(browser: Client, link: str) -> int:
    [count] = COUNT.findall(browser.get(link).text)
    return int(count)
