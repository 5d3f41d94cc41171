"""How fast the console's pages are at 1,000,000 messages, 100,000 conversations and 200 agents.

Each page is asked for as a browser asks, through all of Django, by an agent of one team, or by an
admin who sees all. Two desks are measured: one on which most is resolved, as after two years of
work, and one on which all of the 100,000 are open. Each figure is a line, beside its limit; what
Python took of the processor is told too, since a busy machine does not change it much.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.template import Context
from django.template.base import Template
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import SafeString

from apps.agents.models import Presence, User
from apps.conversations.models import Conversation
from apps.conversations.queries import inbox, people
from apps.conversations.queries.asking import Asked, Place, Queue
from apps.conversations.queries.memory import remember
from apps.labels.models import Tag
from tests.bench.filling import LOYAL, OPEN_SHARE
from tests.bench.keeping import kept_desk

MESSAGES, AGENTS = 1_000_000, 200
DESKS = {"most resolved": OPEN_SHARE, "all open": 1.0}
ASKED, ROUNDS, WARM_UP = 24, 2, 3
DEEP = 100
P95_MS, QUERIES, DEEPER, BRIEF_MS = 100, 12, 1.5, 50
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
EVERYONE = "/inbox/everyone/rows/"


@dataclass(frozen=True)
class Figure:
    """What one page took: milliseconds, those of the processor, and the most statements."""

    p95_ms: float
    median_ms: float
    cpu_ms: float
    queries: int


@pytest.fixture
def _drawn_as_on_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are told of each template that is drawn, with a copy of all it knew; a desk is not."""

    def render(template: Template, context: Context) -> SafeString:
        return template.nodelist.render(context)

    monkeypatch.setattr(Template, "_render", render)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_drawn_as_on_a_desk")
@pytest.mark.parametrize("desk", DESKS)
def bench_console(desk: str) -> None:
    now = datetime.now(UTC)
    with kept_desk(MESSAGES, agents=AGENTS, now=now, open_share=DESKS[desk]):
        agent = User.objects.filter(role=User.Role.AGENT).order_by("id")[0]
        admin = User.objects.filter(role=User.Role.ADMIN).order_by("id")[0]
        for user in (agent, admin):  # a visit is written once a minute, by chance in one page
            Presence.objects.update_or_create(
                user=user, defaults={"chosen_at": now, "seen_at": now + timedelta(days=1)}
            )
        sizes = {"messages": MESSAGES, "conversations": Conversation.objects.count()}
        gc.collect()
        gc.freeze()  # as the web process does with what it loaded
        missed = [
            *_pages(desk, _signed_in(agent), _of_an_agent(agent, now), sizes),
            *_pages(desk, _signed_in(admin), _of_an_admin(now), sizes),
            *_deep_pages(desk, admin, now),
            *_brief(desk, agent),
        ]
    assert missed == []


def _of_an_agent(agent: User, now: datetime) -> dict[str, list[str]]:
    next_place = inbox.page(agent, Asked(Queue.EVERYONE), at=now).next
    tag = Tag.objects.order_by("id")[0]
    unused = Tag.objects.get_or_create(name="Unused", key="unused")[0]
    filters = {
        "tag": f"tag={tag.pk}",
        "tag nobody bears": f"tag={unused.pk}",
        "language of one in a thousand": "language=pt-br",
        "language nobody wrote": "language=xx",
        "surface nobody used": "surface=direct",
        "priority nobody has": "priority=urgent",
        "of a colleague": f"assignee={agent.pk + 5}",
        "waiting a day": "over=1440",
    }
    return {
        "list": ["/inbox/everyone/"],
        "list, mine": ["/inbox/mine/"],
        "list, at risk": ["/inbox/at-risk/"],
        "list, unassigned": ["/inbox/unassigned/"],
        "list, found": ["/inbox/found/"],
        "list, snoozed": ["/inbox/snoozed/"],
        "list, longest wait first": ["/inbox/everyone/?order=waiting"],
        "list, newest first": ["/inbox/everyone/?order=newest"],
        "next page": [f"{EVERYONE}?after={next_place}"],
        "rows by id": [f"{EVERYONE}?ids={_ids(agent, now)}"],
        "rail": ["/rail/?queue=mine"],
        "conversation with brief": [f"/conversations/{pk}/" for pk in _some_conversations()],
        "conversation of 1,000 messages": [f"/conversations/{_loyal().pk}/"],
        "search, two words": [f"/search/?q={words}" for words in _two_words()],
        "search, the most frequent word": ["/search/?q=w0"],
        "search, a phrase": ["/search/?q=%22w1+w2%22"],
        **{f"list, {name}": [f"/inbox/everyone/?{given}"] for name, given in filters.items()},
    }


def _of_an_admin(now: datetime) -> dict[str, list[str]]:
    return {
        "list (admin)": ["/inbox/everyone/"],
        "list, at risk (admin)": ["/inbox/at-risk/"],
        "list, language nobody wrote (admin)": ["/inbox/everyone/?language=xx"],
        "rail (admin)": ["/rail/?queue=mine"],
    }


def _pages(
    desk: str, client: Client, pages: dict[str, list[str]], sizes: dict[str, int]
) -> Iterator[str]:
    """Measure and tell each; what misses its limit is said again at the end."""
    for page, addresses in pages.items():
        is_whole = page.startswith(("list", "search"))
        figure = _measured(client, addresses, {} if is_whole else HTMX)
        _tell(desk, page, **vars(figure), most_ms=P95_MS, most_queries=QUERIES, **sizes)
        if figure.p95_ms > P95_MS or figure.queries > QUERIES:
            yield f"{desk}, {page}: {figure.p95_ms} ms, {figure.queries} queries"


def _deep_pages(desk: str, admin: User, now: datetime) -> Iterator[str]:
    """The first page and one far down are asked in turn, so that both meet the same machine."""
    client = _signed_in(admin)
    deep = f"{EVERYONE}?after={_place(admin, DEEP - 1, now)}"
    took: dict[str, list[float]] = {EVERYONE: [], deep: []}
    for _ in range(ASKED):
        for address, times in took.items():
            times.append(min(_seconds(client, address, HTMX)[0] for _ in range(ROUNDS)))
    first, last = (statistics.median(times) for times in took.values())
    ratio = round(last / first, 2)
    _tell(desk, f"page {DEEP} to page 1", ratio=ratio, most_ratio=DEEPER, ms=_ms(last))
    if ratio > DEEPER:
        yield f"{desk}: page {DEEP} takes {ratio} times page 1"


def _brief(desk: str, agent: User) -> Iterator[str]:
    """What the brief adds: recalling the customer, telling who they are, drawing it."""
    conversation = _loyal()
    conversation.identity.customer  # noqa: B018 - the page has read it before

    def add() -> None:
        memory = remember(conversation.identity.customer, user=agent, conversation=conversation)
        told = people.brief(memory, besides=conversation)
        context = {
            "brief": told,
            "conversation": conversation,
            "customer": told.customer,
            "waits": memory.clocks_of(conversation),
            "user": agent,
            "now": datetime.now(UTC),
        }
        render_to_string("console/conversation/_brief.html", context)

    p95 = _p95([min(_timed(add) for _ in range(ROUNDS)) for _ in range(ASKED)])
    _tell(desk, "brief of 1,000 messages, what it adds", p95_ms=p95, most_ms=BRIEF_MS)
    if p95 > BRIEF_MS:
        yield f"{desk}: the brief adds {p95} ms"


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _some_conversations() -> list[int]:
    last = Conversation.objects.latest("id").pk
    return [1 + 5 + (last - 10) * number // ASKED for number in range(ASKED)]


def _loyal() -> Conversation:
    return Conversation.objects.filter(identity=LOYAL).order_by("id")[0]


def _place(user: User, pages: int, now: datetime) -> Place:
    after = None
    for _ in range(pages):
        after = inbox.page(user, Asked(Queue.EVERYONE), at=now, after=after).next or after
    assert after is not None
    return after


def _ids(user: User, now: datetime) -> str:
    rows = inbox.page(user, Asked(Queue.EVERYONE), at=now).rows[:10]
    return ",".join(str(row.conversation.pk) for row in rows)


def _two_words() -> list[str]:
    """Frequent with middling, middling with middling, both frequent, one that is rare."""
    random = Random(5)
    ranks = [(20, 400), (400, 400), (3, 8), (30, 15_000)]
    return [f"w{random.randrange(a)}+w{random.randrange(b)}" for a, b in ranks for _ in "12345"]


def _measured(client: Client, addresses: list[str], headers: dict[str, str]) -> Figure:
    """Each address as often as makes ASKED in all, each time the best of some rounds."""
    asked = [addresses[n % len(addresses)] for n in range(max(ASKED, len(addresses)))]
    queries = max(_queries(client, address, headers) for address in addresses[:WARM_UP])
    taken = [[_seconds(client, one, headers) for _ in range(ROUNDS)] for one in asked]
    best = [min(seconds for seconds, _ in rounds) for rounds in taken]
    cpu = statistics.median(min(seconds for _, seconds in rounds) for rounds in taken)
    return Figure(_p95(best), _ms(statistics.median(best)), _ms(cpu), queries)


def _queries(client: Client, address: str, headers: dict[str, str]) -> int:
    client.get(address, headers=headers)
    with CaptureQueriesContext(connection) as context:
        client.get(address, headers=headers)
    assert not [query for query in context if " OFFSET " in query["sql"]], f"{address} uses OFFSET"
    return len(context)


def _seconds(client: Client, address: str, headers: dict[str, str]) -> tuple[float, float]:
    """Return how long a page took, and how much of that in this process."""

    def ask() -> None:
        response = client.get(address, headers=headers)
        assert response.status_code == 200, f"{address}: {response.status_code}"

    began = time.process_time()
    seconds = _timed(ask)
    return seconds, time.process_time() - began


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _p95(seconds: list[float]) -> float:
    return _ms(statistics.quantiles(seconds, n=20)[-1])


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _tell(desk: str, what: str, **figures: Any) -> None:
    print(json.dumps({"bench": "console", "desk": desk, "what": what, **figures}), flush=True)
