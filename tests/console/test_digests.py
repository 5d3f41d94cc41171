"""Letters of figures: once a day for each who wants one, with the dashboard's own figures."""

import re
import threading
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import override_settings

from apps.agents.models import Digest, User
from apps.agents.operations.digesting import days_of, make_due
from apps.channels.models import Channel
from apps.common.letters import State
from apps.console.digest import letter
from apps.conversations.models import Clock
from apps.conversations.operations import resolving
from apps.reports import queries as reports
from apps.reports.periods import Period
from apps.reports.questions import Question
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from socialdesk.scheduler.sweeps import digests
from tests import people
from tests.console.conftest import SignIn
from tests.people import Kim, minutes

SEVEN = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
"""A Wednesday, seven o'clock in Berlin."""
LOCALLY = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")


@pytest.fixture
def reader(db: None) -> User:
    return people.a_user("Mia Lindt", role="manager", team=people.a_team("Care"), digest="daily")


def at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), LOCALLY:
        digests(moment)


def test_everybody_who_wants_one_gets_one_letter_a_day(reader: User) -> None:
    people.a_user("Left Long", digest="daily", is_active=False)
    people.a_user("Asks Nothing")
    at(SEVEN - minutes(1))
    assert mail.outbox == []
    for moment in (SEVEN, SEVEN + minutes(1), SEVEN + minutes(700)):
        at(moment)
    assert [one.to for one in mail.outbox] == [[reader.email]]
    at(SEVEN + timedelta(days=1))
    assert len(mail.outbox) == 2
    assert Digest.objects.filter(state=State.SENT).count() == 2


def test_who_changes_their_mind_gets_no_second_letter_that_day_and_none_they_do_not_want(
    reader: User,
) -> None:
    at(SEVEN)
    User.objects.update(digest="weekly")
    at(SEVEN + minutes(5))
    assert len(mail.outbox) == 1
    at(SEVEN + timedelta(days=1))
    assert len(mail.outbox) == 2
    for days in range(2, 5):
        at(SEVEN + timedelta(days=days))
    assert len(mail.outbox) == 2
    make_due(at=SEVEN + timedelta(days=5))
    User.objects.update(digest="")
    at(SEVEN + timedelta(days=5))
    assert len(mail.outbox) == 2


def test_a_weekly_letter_tells_of_the_last_whole_week() -> None:
    week = (date(2026, 2, 23), date(2026, 3, 1))
    assert [days_of("weekly", date(2026, 3, day)) for day in (2, 4, 8)] == [week] * 3
    assert days_of("weekly", date(2026, 3, 9)) == (date(2026, 3, 2), date(2026, 3, 8))
    assert days_of("daily", date(2026, 3, 1)) == (date(2026, 2, 28), date(2026, 2, 28))


@pytest.mark.django_db(transaction=True)
def test_several_schedulers_at_once_make_it_once() -> None:
    people.a_user("Mia Lindt", role="manager", team=people.a_team("Care"), digest="daily")

    def make() -> None:
        make_due(at=SEVEN)
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Digest.objects.count() == 1


def test_the_letter_has_the_dashboards_figures_and_no_customer(reader: User) -> None:
    people.ana(people.a_team("Care"))
    channel = people.a_channel("@acme", team=people.a_team("Care"))
    hidden = people.a_channel("@elsewhere", team=people.a_team("Elsewhere"))
    yesterday = SEVEN - timedelta(hours=20)
    for number, wait in enumerate((61, 312, 4000)):
        asked = Kim(channel, author_id=f"k{number}", name="Kim Secret").writes(at=yesterday)
        reply = people.brand_says(
            channel,
            "done ^AB",
            at=yesterday + timedelta(seconds=wait),
            parent_id=asked.external_id,
        )
        people.arrive(channel, reply, at=yesterday + timedelta(hours=2))
    Kim(channel, author_id="omar", name="Omar Secret").writes(at=yesterday)
    Kim(hidden).writes(at=yesterday)
    make_due(at=SEVEN)
    with time_machine.travel(SEVEN, tick=False):
        message = letter(Digest.objects.select_related("user").get())
    assert message is not None
    [(html, kind)] = message.alternatives
    assert kind == "text/html"

    period = Period(date(2026, 3, 3), date(2026, 3, 3))
    question = Question(user=reader, period=period, at=SEVEN)
    total = reports.response_times(question, kind="first_response").total  # type: ignore[arg-type]
    assert (total.count, total.total) == (3, 4)
    assert "Tue 3 Mar: 3 first answers, median 5 m 12" in message.subject
    for text in (str(message.body), str(html)):
        assert "5 m 12" in text
        assert "1 still running" in text
        assert "@acme" in text
        assert "first=2026-03-03&" in text
        for word in ("Secret", "@elsewhere", "router", "omar"):
            assert word not in text


def test_every_figure_of_the_letter_is_the_pages_own_in_html_and_in_text(
    reader: User, sign_in: SignIn
) -> None:
    """Of each kind of wait in all, and of each channel."""
    promise = PolicyVersion(name="All", first_response_minutes=5, resolution_minutes=60)
    save_policy(said=promise, by=None, at=SEVEN - timedelta(days=9))
    agent = people.ana(people.a_team("Care"), capacity=50)
    yesterday = SEVEN - timedelta(hours=20)
    for number, name in enumerate(("@acme", "@shop", "@acme", "@acme", "@shop")):
        channel, _ = Channel.objects.get_or_create(
            handle=name, defaults={"network": "square", "account_id": name, "team": people.a_team()}
        )
        asked = Kim(channel, author_id=f"k{number}").writes(at=yesterday + minutes(number))
        at = yesterday + minutes(number + 1 + 1.3 * number**2)
        done = people.brand_says(channel, "done ^AB", at=at, parent_id=asked.external_id)
        people.arrive(channel, *[done][number == 4 :], at=at)
        if number < 2:
            talk = people.conversation_of(asked)
            resolving.resolve(
                conversation=talk, by=agent, at=at + minutes(9), no_reply_needed="done"
            )
    make_due(at=SEVEN)
    with time_machine.travel(SEVEN, tick=False):
        message = letter(Digest.objects.select_related("user").get())
        assert message is not None
        html = shown(str(message.alternatives[0][0]))
        for kind in Clock.Kind:
            page = sign_in(reader).get(f"/dashboard/?first=2026-03-03&last=2026-03-03&kind={kind}")
            [figures] = re.findall('<div class="figures">(.*?)</div>', page.text, re.S)
            p50, p90, p99, count, running, *kept = re.findall("<b>([^<]+)</b>", figures)
            ended = "resolved" if kind == "resolution" else "answered"
            told = f", {kept[0]} in time, {kept[1]} late, {kept[2]} past due" if kept[2:] else ""
            assert (
                f"{kind.label}: median {p50}, p90 {p90}, p99 {p99}\n"
                f"  {count} {ended}, {running} still running{told}\n"
            ) in str(message.body)
            assert (
                f"{kind.label} {p50} median · {p90} p90 · {p99} p99 {count} {ended},"
                f" {running} still running{told.replace(',', ' ·', 1)}"
            ) in html
            channels = lines(page.text)
            assert len(channels) == (0 if kind == "next_response" else 2)
            for name, *cells in channels:
                answered, still, median, slow = (cells[place] for place in (0, 2, 4, 6))
                assert f"{name} {answered} {still} {median} {slow}" in html
                assert f"{name}: {answered}, median {median}, p90 {slow}, {still} running" in str(
                    message.body
                )


def shown(html: str) -> str:
    """What a reader sees of it, a space between whatever stands apart."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split()).replace(" ,", ",")


def lines(page: str) -> list[list[str]]:
    """What the page's breakdown says, cell by cell, without the sum."""
    [table] = re.findall('<table id="table-lines".*?</table>', page, re.S)
    rows = re.findall('<tr><th scope="row">.*?</tr>', table.split("<tfoot>")[0], re.S)
    return [[shown(cell) for cell in re.findall("<t[hd].*?</t[hd]>", row)] for row in rows]


def test_people_choose_their_letter_in_their_own_settings(reader: User, sign_in: SignIn) -> None:
    browser = sign_in(reader)
    assert 'value="daily" id="id_digest_1" checked' in browser.get("/me/").text.replace(
        " required", ""
    )
    said = {"name": "Mia Lindt", "initials": "ML", "digest": "weekly"}
    assert browser.post("/me/", said).status_code == 302
    reader.refresh_from_db()
    assert reader.digest == "weekly"
    assert browser.post("/me/", said | {"digest": "hourly"}).status_code == 422
