"""Whether pages stay as fast when the desk's history grows from 10,000 messages to 1,000,000.

Every page is asked for through all of Django, by people who work here, and must take the same
queries as with the short history. (One more or less is a list's own: rows that wait and rows that
are answered ask for different things.) None may leave rows out by OFFSET. Both histories are asked
in turn and each time is the best of some, so that what else the machine does falls out of the
ratio. The figures of one run are told in one line.
"""

import json
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import TypedDict

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.agents.models import Presence, User
from apps.conversations.models import Conversation
from apps.conversations.queries import inbox
from apps.conversations.queries.asking import Asked, Queue
from tests.bench.filling import LOYAL, fill, people_and_channels
from tests.bench.keeping import copied, dropped, turn_to

SMALL, LARGE = 10_000, 1_000_000
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
    now = datetime.now(UTC)
    people = people_and_channels()
    clients = [Client() for _ in people]
    for client, user in zip(clients, people, strict=True):
        client.force_login(user)
        # A visit is written once a minute, and would fall on one page or another by chance.
        Presence.objects.update_or_create(
            user=user, defaults={"chosen_at": now, "seen_at": now + timedelta(days=1)}
        )
    fill(SMALL, now=now)
    with _kept_beside() as desks:
        fill(LARGE, now=now)
        measured = [
            _measured(f"{page} ({user.role})", client, desks, pages)
            for client, user in zip(clients, people, strict=True)
            for page, pages in _in_each(desks, user).items()
        ]
    print(json.dumps({"bench": "pages", "messages": [SMALL, LARGE], "pages": measured}))
    for page in measured:
        queries_before, queries = page["queries"]
        assert queries <= queries_before + 1, f"{page['page']}: {queries_before} became {queries}"
        assert page["ratio"] <= LIMIT, f"{page['page']}: {page['ratio']} times as long"


@contextmanager
def _kept_beside() -> Iterator[tuple[str, str]]:
    """Keep the desk as it is in a database of its own; give its name, and the name of the first.

    Both can then be asked in turn, so that whatever else the machine does falls on both alike.
    """
    first = str(connection.settings_dict["NAME"])
    small = f"{first}_small"
    copied(first, small)
    try:
        yield small, first
    finally:
        turn_to(first)
        dropped(small)


def _in_each(desks: tuple[str, str], user: User) -> dict[str, list[list[str]]]:
    """The addresses of each page, in the small desk and in the large one."""
    asked = []
    for desk in desks:
        turn_to(desk)
        asked.append(_working(user) | (_overseeing() if user.is_admin else {}))
    return {page: [each[page] for each in asked] for page in asked[0]}


def _working(user: User) -> Addresses:
    """The pages of somebody at work; different conversations and customers each time."""
    last = Conversation.objects.latest("id").pk
    some = [1 + 5 + (last - 10) * number // ASKED for number in range(ASKED)]
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


def _overseeing() -> Addresses:
    return {"dashboard now": [reverse("dashboard_now")], "set aside": [reverse("set_aside")]}


def _further_on(user: User) -> str:
    page = inbox.page(user, Asked(Queue.EVERYONE), at=datetime.now(UTC))
    return f"{reverse('inbox', args=[Queue.EVERYONE])}?after={page.next}"


def _measured(
    page: str, client: Client, desks: tuple[str, str], addresses: Sequence[Sequence[str]]
) -> Figures:
    """Ask both desks in turn, the same places each round; in milliseconds."""
    seconds = ([math.inf] * ASKED, [math.inf] * ASKED)
    queries = [0, 0]
    for _ in range(ROUNDS):
        for size, desk in enumerate(desks):
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
