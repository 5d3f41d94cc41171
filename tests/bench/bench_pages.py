"""Whether pages stay as fast when the desk's history grows from 10,000 messages to 1,000,000.

Every page is asked for through all of Django, by people who work here, and must take the same
queries as with the short history. (One more or less is a list's own: rows that wait and rows that
are answered ask for different things.) None may leave rows out by OFFSET. Both histories are asked
in turn and each time is the best of some, so that what else the machine does falls out of the
ratio. Both show as much: all of the small desk is open, or its lists would have fewer rows, and
conversations and customers are alike in what there is of them. The figures of one run are told in
one line.
"""

import json
import math
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import TypedDict

import pytest
from django.db import connection
from django.db.models import Count, Exists, OuterRef
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.agents.models import Presence, User
from apps.conversations.models import Conversation
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Queue
from tests.bench.filling import AGENTS, LOYAL, OPEN_SHARE
from tests.bench.keeping import kept_desk, turn_to

SMALL, LARGE = 10_000, 1_000_000
OPEN = {SMALL: 1.0, LARGE: OPEN_SHARE}
MESSAGES_EACH = 4
ASKED, ROUNDS, WARM_UP = 15, 4, 3
LIMIT = 1.3

Addresses = dict[str, list[str]]


class Figures(TypedDict):
    """One page: each pair is of the small desk and of the large one."""

    page: str
    p95_ms: list[float]
    median_ms: list[float]
    ratio: float
    queries: list[int]


@pytest.mark.django_db(transaction=True)
def bench_pages() -> None:
    first = str(connection.settings_dict["NAME"])
    try:
        measured = _all_measured(now=datetime.now(UTC))
    finally:
        turn_to(first)
    print(json.dumps({"bench": "pages", "messages": [SMALL, LARGE], "pages": measured}))
    for page in measured:
        queries_before, queries = page["queries"]
        assert queries <= queries_before + 1, f"{page['page']}: {queries_before} became {queries}"
        assert page["ratio"] <= LIMIT, f"{page['page']}: {page['ratio']} times as long"


def _all_measured(*, now: datetime) -> list[Figures]:
    desks = _kept(SMALL, now=now), _kept(LARGE, now=now)
    measured = []
    for role in (User.Role.AGENT, User.Role.ADMIN):
        clients, addresses = zip(*(_signed_in(desk, role, now=now) for desk in desks), strict=True)
        measured += [
            _measured(f"{page} ({role})", clients, desks, [each[page] for each in addresses])
            for page in addresses[0]
        ]
    return measured


def _kept(messages: int, *, now: datetime) -> str:
    """Return the name of a desk's database: both are asked in turn, so that whatever else the
    machine does falls on both alike.
    """
    with kept_desk(messages, agents=AGENTS, now=now, open_share=OPEN[messages]):
        return str(connection.settings_dict["NAME"])


def _signed_in(desk: str, role: str, *, now: datetime) -> tuple[Client, Addresses]:
    """Sign the first of them in; return the pages of theirs to ask for."""
    turn_to(desk)
    user, client = User.objects.filter(role=role).order_by("id")[0], Client()
    client.force_login(user)
    # A visit is written once a minute, and would fall on one page or another by chance.
    Presence.objects.update_or_create(
        user=user, defaults={"chosen_at": now, "seen_at": now + timedelta(days=1)}
    )
    return client, _working(user) | (_overseeing() if user.is_admin else {})


def _working(user: User) -> Addresses:
    """The pages of somebody at work; different conversations and customers each time."""
    some = _alike()
    loyal = Conversation.objects.filter(identity=LOYAL).order_by("id")[0].pk
    customers = dict(
        Conversation.objects.filter(id__in=some).values_list("id", "identity__customer")
    )
    return {
        **{queue.value: [reverse("inbox", args=[queue])] for queue in Queue},
        "everyone, further on": [_further_on(user)],
        "conversation": [reverse("conversation", args=[i]) for i in some],
        "long conversation": [reverse("conversation", args=[loyal])],
        "customer": [reverse("customer", args=[customers[i]]) for i in some],
        "customer of 1,000 messages": [reverse("customer", args=[LOYAL])],
    }


def _alike() -> list[int]:
    """Return conversations, spread over all, of as many messages, each the only one of theirs."""
    last = Conversation.objects.latest("id").pk
    others = Conversation.objects.filter(identity=OuterRef("identity")).exclude(id=OuterRef("id"))
    alike = (
        Conversation.objects.filter(~Exists(others))
        .annotate(number=Count("messages"))
        .filter(number=MESSAGES_EACH)
        .order_by("id")
        .values_list("id", flat=True)
    )
    starts = [(last - 10) * number // (ASKED + 1) for number in range(ASKED)]
    return [alike.filter(id__gte=start)[0] for start in starts]


def _overseeing() -> Addresses:
    return {"dashboard now": [reverse("tiles")], "set aside": [reverse("set_aside")]}


def _further_on(user: User) -> str:
    page = inbox.page(user, Asked(Queue.EVERYONE), at=datetime.now(UTC))
    return f"{reverse('inbox', args=[Queue.EVERYONE])}?after={page.next}"


def _measured(
    page: str,
    clients: Sequence[Client],
    desks: Sequence[str],
    addresses: Sequence[Sequence[str]],
) -> Figures:
    """Ask both desks in turn, the same places each round; in milliseconds."""
    seconds = ([math.inf] * ASKED, [math.inf] * ASKED)
    queries = [0, 0]
    for _ in range(ROUNDS):
        for size, (client, desk) in enumerate(zip(clients, desks, strict=True)):
            turn_to(desk)
            here = list(islice(cycle(addresses[size]), ASKED))
            queries[size] = max(queries[size], _queries(client, here[:WARM_UP]))
            for place, address in enumerate(here):
                seconds[size][place] = min(seconds[size][place], _seconds(client, address))
    small, large = (statistics.quantiles(each, n=20)[-1] for each in seconds)
    return {
        "page": page,
        "p95_ms": [round(1000 * small, 1), round(1000 * large, 1)],
        "median_ms": [round(1000 * statistics.median(each), 1) for each in seconds],
        "ratio": round(large / small, 2),
        "queries": queries,
    }


def _seconds(client: Client, address: str) -> float:
    began = time.perf_counter()
    response = client.get(address)
    took = time.perf_counter() - began
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return took


def _queries(client: Client, addresses: Sequence[str]) -> int:
    """The most queries any of them takes; warms the connection, too."""
    most = 0
    for address in addresses:
        with CaptureQueriesContext(connection) as context:
            client.get(address)
        assert not [q for q in context if " OFFSET " in q["sql"]], f"{address} uses OFFSET"
        most = max(most, len(context))
    return most
