"""Warnings and breaches by no scheduler, one, and three of which one is killed: each once."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.agents.models import User
from apps.channels.models import Channel
from apps.conversations.models import Notification
from apps.ledger.models import Event
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_policy
from tests import people
from tests.people import Kim, a_channel, ana, ben, minutes
from tests.scheduler.test_sweeps import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS = 100
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a scheduler as `up` does, on the database of the tests."""
    there = connection.settings_dict
    sign_in = f"{quote(there['USER'], safe='')}:{quote(there['PASSWORD'] or '', safe='')}"
    address = f"{there['HOST'] or '127.0.0.1'}:{there['PORT'] or 5432}/{there['NAME']}"
    environment = {
        "DATABASE_URL": f"postgresql://{sign_in}@{address}",
        "REDIS_URL": settings.REDIS_URL,
    }
    started = []

    def scheduler() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "scheduler"], env=os.environ | environment
        )
        started.append(process)
        return process

    yield scheduler
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def channel() -> Channel:
    """Answers within ten minutes, a warning after nine; Ana has room for all, Mia leads."""
    said = PolicyVersion(name="Fast", warn_percent=90, first_response_minutes=10)
    save_policy(said=said, by=None, at=timezone.now() - timedelta(days=1))
    team = people.a_team()
    ana(team, capacity=500)
    people.mia(team)
    return a_channel(team=team)


def write(channel: Channel, name: str, *, due_at: datetime) -> None:
    """So many customers write; all are due within the second after `due_at`."""
    said = [
        Kim(channel, author_id=f"{name}{n}").says(
            "help", at=due_at - minutes(10) + timedelta(seconds=n / CUSTOMERS)
        )
        for n in range(CUSTOMERS)
    ]
    people.arrive(channel, *said, at=timezone.now())


def told(kind: str, name: str = "") -> int:
    theirs = Notification.objects.filter(kind=kind)
    return theirs.filter(conversation__identity__external_id__startswith=name).count()


def test_each_is_told_once_whoever_sweeps_and_whoever_is_killed(
    channel: Channel, start: Start
) -> None:
    """And whoever's shift ends meanwhile has nothing left that waits."""
    write(channel, "missed", due_at=timezone.now() - timedelta(minutes=30))
    time.sleep(0.5)
    assert not Notification.objects.exists()  # nobody sweeps

    schedulers = [start()]
    wait_until(lambda: told("breach", "missed") >= 2 * CUSTOMERS, seconds=60)  # Ana, and Mia

    schedulers += [start(), start()]
    due_at = timezone.now() + timedelta(seconds=8)
    write(channel, "late", due_at=due_at)
    wait_until(lambda: told("warning", "late") > 0, seconds=30)
    schedulers[0].kill()
    agent, ended_at = User.objects.get(name="Ana Bauer"), timezone.now()
    ben(channel.team, capacity=500)
    agent.shifts.update(ends_at=ended_at)
    wait_until(lambda: told("breach", "late") >= 2 * CUSTOMERS, seconds=60)

    rows = Notification.objects.values_list("recipient_id", "kind", "conversation_id")
    assert set(Counter(rows).values()) == {1}
    assert (told("warning"), told("breach")) == (2 * CUSTOMERS, 4 * CUSTOMERS)
    soonest = Notification.objects.filter(kind="breach", due_at__gte=due_at)
    assert all(row.due_at and row.at - row.due_at < timedelta(seconds=60) for row in soonest)
    wait_until(lambda: not agent.conversations.exists(), seconds=60)
    handed_back = Event.objects.filter(kind="returned", user_id=agent.pk)
    assert {event.data["because"] for event in handed_back} == {"Ana's shift ended."}
    assert all(event.at - ended_at < timedelta(seconds=60) for event in handed_back)
