"""Lists narrowed, ordered, kept as views, and decided about many at once, over HTTP."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.agents.models import Membership, Team, User
from apps.agents.sign_in import DeskBackend
from apps.channels.models import Channel
from apps.common.counting import counted_together
from apps.conversations.models import Clock, Conversation, SavedView
from apps.conversations.operations import assigning, labelling, snoozing
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Filters, Order, Queue
from apps.labels.models import Tag
from apps.ledger.models import Event
from tests import people
from tests.console.conftest import HTMX, SignIn
from tests.people import Kim, conversation_of

pytestmark = pytest.mark.django_db

EVERYONE = Asked(Queue.EVERYONE)


def shown(user: User, asked: Asked, now: datetime) -> list[str]:
    return [row.conversation.identity.name for row in inbox.page(user, asked, at=now).rows]


def lines(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'id="line-(\d+)"', html)]


@pytest.fixture
def three(brand_channel: Channel, ana: User, now: datetime) -> dict[str, Conversation]:
    """Anna waits 9 minutes, Boris 5 in Russian, Cem 2; Boris is due first, Cem not at all."""
    for name, minutes, language in (("Anna", 9, "en"), ("Boris", 5, "ru"), ("Cem", 2, "en")):
        Kim(brand_channel, author_id=name, name=name).writes(
            f"hello from {name}", at=now - timedelta(minutes=minutes), language=language
        )
    found = {c.identity.name: c for c in Conversation.objects.select_related("identity")}
    for name, due in (("Boris", 1), ("Anna", 30)):
        Clock.objects.filter(conversation=found[name], kind="first_response").update(
            due_at=now + timedelta(minutes=due), warn_at=now + timedelta(minutes=due - 4)
        )
    return found


def test_what_is_due_comes_first_or_who_waits_longest_or_what_was_said_last(
    three: dict[str, Conversation], ana: User, now: datetime
) -> None:
    assert shown(ana, EVERYONE, now) == ["Boris", "Anna", "Cem"]
    assert shown(ana, Asked(Queue.EVERYONE, order=Order.WAITING), now) == ["Anna", "Boris", "Cem"]
    assert shown(ana, Asked(Queue.EVERYONE, order=Order.NEWEST), now) == ["Cem", "Boris", "Anna"]
    assert shown(ana, Asked(Queue.MINE), now) == ["Boris", "Anna", "Cem"]
    assert shown(ana, Asked(Queue.AT_RISK), now) == ["Boris"]
    for asked in (EVERYONE, Asked(Queue.EVERYONE, order=Order.NEWEST), Asked(Queue.MINE)):
        seen: list[str] = []
        after = None
        while True:
            page = inbox.page(ana, asked, at=now, after=after, limit=1)
            seen += [row.conversation.identity.name for row in page.rows]
            if (after := page.next) is None:
                break
        assert seen == shown(ana, asked, now)


def test_a_list_is_narrowed_by_what_its_address_says(
    three: dict[str, Conversation], brand_channel: Channel, ana: User, now: datetime
) -> None:
    tag = Tag.objects.create(name="Router", key="router")
    labelling.tag(conversation=three["Cem"], tag=tag, by=ana, at=now)
    labelling.set_priority(conversation_ids=[three["Anna"].pk], priority="urgent", by=ana, at=now)
    Conversation.objects.filter(id=three["Boris"].pk).update(assignee=None, assigned_at=None)
    for filters, names in (
        (Filters(language="RU"), ["Boris"]),
        (Filters(over=4), ["Boris", "Anna"]),
        (Filters(tag=tag.pk), ["Cem"]),
        (Filters(priority="urgent"), ["Anna"]),
        (Filters(assignee=0), ["Boris"]),
        (Filters(assignee=ana.pk), ["Anna", "Cem"]),
        (Filters(surface="direct"), []),
        (Filters(surface="mention", channel=brand_channel.pk), ["Boris", "Anna", "Cem"]),
        (Filters(team=brand_channel.team_id, language="en", over=4), ["Anna"]),
        (Filters(channel=brand_channel.pk + 1), []),
    ):
        asked = Asked(Queue.EVERYONE, filters)
        assert shown(ana, asked, now) == names, filters
        assert counted_together(inbox.to_count(ana, {"it": asked}, at=now)) == {"it": len(names)}, (
            filters
        )
        assert Asked.parse(Queue.EVERYONE, asked.given()) == Asked(
            Queue.EVERYONE, Filters.parse(filters.given())
        )


def test_what_was_written_for_one_person_and_instant_asks_anew_for_others(
    three: dict[str, Conversation], ana: User, care: Team, now: datetime
) -> None:
    billing = people.a_team("Billing")
    bo, signed_in = people.a_user("Bo Bill", team=billing), DeskBackend().get_user
    Kim(people.a_channel("@bills", team=billing), author_id="d", name="Dora").writes("hi", at=now)
    both = people.a_user("Cy Both", team=care)
    Membership.objects.create(user=both, team=billing)
    later = now + timedelta(minutes=28)
    for asked, of_ana, of_bo, of_both, of_ana_later in (
        (EVERYONE, ["Boris", "Anna", "Cem"], ["Dora"], ["Boris", "Anna", "Cem", "Dora"], None),
        (Asked(Queue.MINE), ["Boris", "Anna", "Cem"], ["Dora"], [], None),
        (Asked(Queue.AT_RISK), ["Boris"], [], ["Boris"], ["Boris", "Anna"]),
        (
            Asked(Queue.EVERYONE, Filters(over=4)),
            ["Boris", "Anna"],
            [],
            ["Boris", "Anna"],
            ["Boris", "Anna", "Cem"],
        ),
    ):
        for user, at, names in (
            (ana, now, of_ana),
            (bo, now, of_bo),
            (both, now, of_both),
            (ana, later, of_ana if of_ana_later is None else of_ana_later),
            (ana, now, of_ana),
        ):
            for asking in (user, signed_in(user.pk)):  # whose teams are asked for, or were read
                assert asking is not None
                assert shown(asking, asked, at) == names, (asked, user)
                counted = counted_together(inbox.to_count(asking, {"it": asked}, at=at))
                assert counted == {"it": len(names)}, (asked, user)
    nobody = signed_in(people.a_user("No Team").pk)
    assert nobody is not None
    everywhere = {str(queue): Asked(queue) for queue in Queue}
    assert set(counted_together(inbox.to_count(nobody, everywhere, at=now)).values()) == {0}
    alone = Client()
    alone.force_login(nobody, backend="apps.agents.sign_in.DeskBackend")
    assert alone.get("/inbox/mine/").status_code == 200
    third, second = three["Cem"].pk, three["Anna"].pk
    for only in ([third], [second, third], [second]):
        page = inbox.page(ana, EVERYONE, at=now, only=only)
        assert [row.conversation.pk for row in page.rows] == only


def test_filters_show_as_chips_and_what_is_no_filter_is_a_bad_request(
    three: dict[str, Conversation], desk: Client, ana: User
) -> None:
    page = desk.get(f"/inbox/everyone/?language=ru&over=3&assignee={ana.pk}").text
    assert lines(page) == [three["Boris"].pk]
    for words in ("in ru", "waiting 3 min or more", "Ana’s"):
        assert words in page
    assert f"/conversations/{three['Boris'].pk}/?queue=everyone&amp;" in page
    filters = desk.get("/inbox/everyone/filters/?over=3").text
    assert re.search(r'name="over" value="3"', filters)
    assert "Nothing passes these filters" in desk.get("/inbox/mine/?language=xx").text
    for bad in ("channel=x", "over=-1", "surface=moon", "order=best", "priority=very", "view=x"):
        assert desk.get(f"/inbox/everyone/?{bad}").status_code == 400, bad


def test_what_was_found_and_who_follows_stand_in_queues_of_their_own_until_they_speak_to_us(
    brand_channel: Channel, ana: User, desk: Client, now: datetime
) -> None:
    for surface, name in (("found", "Fay"), ("follow", "Walt")):
        Kim(brand_channel, author_id=name, name=name).writes("talking", at=now, surface=surface)
    assert shown(ana, Asked(Queue.FOUND), now) == ["Fay"]
    assert shown(ana, Asked(Queue.WELCOME), now) == ["Walt"]
    assert shown(ana, EVERYONE, now) == []
    rail = desk.get("/rail/").text.replace("</svg>", "")
    assert "Found <b>1</b>" in rail
    assert "Welcome <b>1</b>" in rail

    found = Conversation.objects.get(identity__name="Fay")
    parent = found.messages.get().external_id
    Kim(brand_channel, author_id="Fay", name="Fay").writes("@acme yes?", at=now, parent_id=parent)
    assert shown(ana, Asked(Queue.FOUND), now) == []
    assert shown(ana, EVERYONE, now) == ["Fay"]


def test_a_view_is_kept_for_oneself_or_by_managers_for_their_team(
    three: dict[str, Conversation], desk: Client, ana: User, mia: User, sign_in: SignIn
) -> None:
    kept = desk.post("/views/", {"queue": "everyone", "language": "ru", "name": "На русском"})
    view = SavedView.objects.get()
    assert kept.headers["Location"] == f"/inbox/everyone/?language=ru&view={view.pk}"
    page = desk.get(kept.headers["Location"]).text
    assert re.search(r"На русском</bdi>\s*<b>1</b>", page)
    assert lines(page) == [three["Boris"].pk]

    manager = sign_in(mia)
    assert "На русском" not in manager.get("/inbox/everyone/").text
    assert manager.post(f"/views/{view.pk}/delete/").status_code == 404
    team = mia.teams.get()
    assert (
        "Only who manages"
        in desk.post(
            "/views/", {"queue": "mine", "name": "all", "share": team.pk}, follow=True
        ).text
    )
    manager.post("/views/", {"queue": "everyone", "over": "4", "name": "Slow", "share": team.pk})
    shared = SavedView.objects.get(name="Slow")
    assert "Slow" in desk.get("/inbox/mine/").text
    changed = desk.post(f"/views/{shared.pk}/", {"queue": "mine", "name": "Mine now"}, follow=True)
    assert "somebody else" in changed.text
    ben = people.ben(people.a_team("Shop"))
    assert "Slow" not in sign_in(ben).get("/inbox/mine/").text
    manager.post(f"/views/{shared.pk}/", {"queue": "everyone", "over": "8", "name": "Slower"})
    assert SavedView.objects.get(id=shared.pk).given == {"over": "8"}
    desk.post(f"/views/{view.pk}/delete/")
    assert [v.name for v in SavedView.objects.all()] == ["Slower"]
    assert Event.objects.filter(kind="view_dropped", by_id=ana.pk).count() == 1
    assert desk.post("/views/", {"queue": "moon", "name": "x"}).status_code == 400


def undone_by_its_form(desk: Client, html: str) -> str:
    """Press the Undo that an answer offers, with all that it holds; return what is said then."""
    form = re.search(r'action="(/many/[a-z-]+/)".*?</form>', html, re.DOTALL)
    assert form, html
    held = re.findall(r'name="(ids|to|tag|priority|before)" value="([^"]*)"', form[0])
    said = {name: [value for each, value in held if each == name] for name, _ in held}
    return desk.post(form[1], said, headers=HTMX).text


def test_many_are_decided_about_at_once_and_each_refusal_is_said(
    three: dict[str, Conversation], desk: Client, ana: User, now: datetime
) -> None:
    ben = people.ben(ana.teams.get())
    shop = people.a_channel("@shop", team=people.a_team("Shop"))
    foreign = conversation_of(Kim(shop, author_id="s").writes(at=now))
    ids = [c.pk for c in three.values()]

    answer = desk.post("/many/assign/", {"ids": [*ids, foreign.pk], "to": ben.pk}, headers=HTMX)
    assert "Assigned 3." in answer.text
    assert f"#{foreign.pk}</a>: Another team answers" in answer.text
    assert set(Conversation.objects.filter(id__in=ids).values_list("assignee", flat=True)) == {
        ben.pk
    }
    assert Event.objects.filter(kind="assigned", by_id=ana.pk).count() == 3

    assert "Resolved none." in desk.post("/many/resolve/", {"ids": ids}, headers=HTMX).text
    answer = desk.post("/many/resolve/", {"ids": ids, "reason": "Spam or abuse"}, headers=HTMX)
    assert "Resolved 3." in answer.text
    assert 'action="/many/undo-resolve/"' in answer.text
    desk.post("/many/undo-resolve/", {"ids": ids}, headers=HTMX)
    assert set(Conversation.objects.filter(id__in=ids).values_list("state", flat=True)) == {"open"}

    tag = Tag.objects.create(name="Router", key="router")
    desk.post("/many/tag/", {"ids": ids[:2], "tag": tag.pk})
    assert tag.conversations.count() == 2
    answer = desk.post("/many/tag/", {"ids": ids, "tag": tag.pk}, headers=HTMX)
    assert "Took the tag off 1." in undone_by_its_form(desk, answer.text)
    assert set(tag.conversations.values_list("id", flat=True)) == set(ids[:2])

    desk.post("/many/prioritize/", {"ids": ids[:1], "priority": "high"})
    answer = desk.post("/many/prioritize/", {"ids": ids, "priority": "low"}, headers=HTMX)
    Conversation.objects.filter(id=ids[2]).update(priority="urgent")
    told = undone_by_its_form(desk, answer.text)
    assert "Gave 2 the priority of before." in told
    assert f"#{ids[2]}</a>: Somebody else decided about it since." in told
    kept = Conversation.objects.filter(id__in=ids).order_by("id")
    assert [one.priority for one in kept] == ["high", "normal", "urgent"]

    desk.post("/many/assign/", {"ids": ids[:1], "to": ana.pk})
    desk.post("/many/assign/", {"ids": ids[1:2], "to": ""})
    answer = desk.post("/many/assign/", {"ids": ids, "to": ben.pk}, headers=HTMX)
    assert "Gave 2 back." in undone_by_its_form(desk, answer.text)
    assert [one.assignee_id for one in kept.all()] == [ana.pk, None, ben.pk]
    assert desk.post("/many/assign-back/", {"ids": ids, "before": "x:1"}).status_code == 400

    until = (now + timedelta(hours=2)).isoformat()
    answer = desk.post("/many/snooze/", {"ids": ids, "until": until}, headers=HTMX)
    assert "Snoozed 3." in answer.text
    assert "Put 3 back to before." in undone_by_its_form(desk, answer.text)
    assert {one.state for one in kept.all()} == {"open"}

    for bad in ({}, {"ids": ["x"]}):
        assert "Choose at least one" in desk.post("/many/assign/", bad, headers=HTMX).text
    assert desk.post("/many/send/", {"ids": ids, "text": "hello all"}).status_code == 404


def test_to_undo_a_snooze_of_many_gives_each_what_it_had_before(
    three: dict[str, Conversation], desk: Client, ana: User, now: datetime
) -> None:
    waits, woke, put_off = (three[name] for name in ("Anna", "Boris", "Cem"))
    given_back = timezone.now() + timedelta(minutes=20)
    Conversation.objects.filter(id=waits.pk).update(returns_at=given_back)
    Conversation.objects.filter(id=woke.pk).update(woke_at=now - timedelta(minutes=3))
    until = now + timedelta(days=3)
    snoozing.snooze(conversation=put_off, until=until, by=ana, at=now)
    ids = sorted(c.pk for c in three.values())
    everything = Conversation.objects.order_by("id").filter(id__in=ids).values()
    before = list(everything)

    chosen = {"ids": ids, "until": (now + timedelta(hours=2)).isoformat()}
    answer = desk.post("/many/snooze/", chosen, headers=HTMX).text
    assert set(everything.values_list("state", flat=True)) == {"snoozed"}
    assert "Put 3 back to before." in undone_by_its_form(desk, answer)
    assert list(everything.all()) == before
    told = Event.objects.filter(conversation_id=put_off.pk, kind="snoozed").order_by("id").last()
    assert told is not None
    assert datetime.fromisoformat(told.data["until"]) == until

    refused = undone_by_its_form(desk, answer)  # pressed again: there is nothing of it left
    assert "Put none back to before." in refused
    answer = desk.post("/many/snooze/", chosen, headers=HTMX).text
    snoozing.snooze(conversation=put_off, until=until, by=people.ben(ana.teams.get()), at=now)
    told_since = undone_by_its_form(desk, answer)
    assert f"#{put_off.pk}</a>: Something else was decided about it since." in told_since
    put_off.refresh_from_db()
    assert (put_off.state, put_off.snoozed_until) == ("snoozed", until)


@pytest.mark.parametrize("since", ["its instant passed", "it was opened", "it was given anew"])
def test_what_was_put_back_goes_back_only_where_nobody_saw_to_it(
    three: dict[str, Conversation], ana: User, since: str
) -> None:
    at = timezone.now()
    waits, back = three["Anna"], at + timedelta(minutes=20)
    Conversation.objects.filter(id=waits.pk).update(returns_at=back, read_at=None, assigned_at=at)
    put_off, undone = at + timedelta(minutes=1), at + timedelta(minutes=5)
    snoozing.snooze(conversation=waits, until=at + timedelta(hours=2), by=ana, at=put_off)
    if since == "it was opened":
        waits.refresh_from_db()
        assigning.note_opened(conversation=waits, by=ana, at=put_off + timedelta(minutes=1))
    elif since == "it was given anew":
        Conversation.objects.filter(id=waits.pk).update(assigned_at=put_off + timedelta(minutes=1))
    else:
        undone = back + timedelta(minutes=1)
    snoozing.snooze_back(conversation=waits, by=ana, at=undone)
    waits.refresh_from_db()
    assert (waits.state, waits.returns_at) == ("open", None)


def test_without_javascript_the_chosen_are_decided_about_on_a_page_of_their_own(
    three: dict[str, Conversation], desk: Client, ana: User
) -> None:
    ids = [c.pk for c in three.values()][:2]
    page = desk.post("/many/", {"ids": ids}, headers={"referer": "http://testserver/inbox/mine/"})
    assert page.text.count('type="hidden" name="ids"') == 2
    back = re.search(r'name="back" value="([^"]+)"', page.text)
    assert back is not None
    done = desk.post("/many/assign/", {"ids": ids, "to": "", "back": back[1]}, follow=True)
    assert done.redirect_chain[0][0].endswith("/inbox/mine/")
    assert "Assigned 2." in done.text
    elsewhere = desk.post("/many/assign/", {"ids": ids, "back": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"


def test_rows_are_fetched_by_their_ids_as_far_as_they_stand_in_the_list(
    three: dict[str, Conversation], desk: Client, now: datetime
) -> None:
    ids = ",".join(str(c.pk) for c in three.values())
    Conversation.objects.filter(id=three["Anna"].pk).update(state="resolved")
    answer = desk.get(f"/inbox/everyone/rows/?ids={ids},999999", headers=HTMX).text
    assert lines(answer) == [three["Boris"].pk, three["Cem"].pk]
    assert lines(desk.get(f"/inbox/everyone/rows/?language=ru&ids={ids}", headers=HTMX).text) == [
        three["Boris"].pk
    ]
    assert desk.get("/inbox/everyone/rows/?ids=x", headers=HTMX).status_code == 400
