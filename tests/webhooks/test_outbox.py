"""The outbox: a row for each event that somebody wants to hear of, born and undone with it."""

import json
import re
from datetime import datetime

import pytest
from django.db import transaction

from apps.agents.models import Team, User
from apps.common import bus
from apps.ledger.models import Event, Interest, Outbox
from apps.ledger.recording import OUTBOX_TASK
from apps.webhooks.catalogue import KINDS, TESTED, payload
from apps.webhooks.models import Dispatch
from apps.webhooks.operations import subscribing
from apps.webhooks.operations.delivering import spread
from tests import people
from tests.docs.pages import CHECKOUT, blocks
from tests.people import NOON, Kim
from tests.servers_and_supervisor.desk import wait_until
from tests.stub_network import StubNetwork
from tests.webhooks.conftest import a_channel_of
from tests.webhooks.hearing import listening

pytestmark = pytest.mark.django_db

NOWHERE = StubNetwork(lambda *_: None, url="http://127.0.0.1:9")


def events(kind: str) -> list[int]:
    return list(Event.objects.filter(kind=kind).order_by("id").values_list("id", flat=True))


def test_what_nobody_listens_to_leaves_no_row(kim: Kim, ada: User, now: datetime) -> None:
    kim.writes(at=now)
    assert events("received")
    assert not Outbox.objects.exists()
    listening(NOWHERE, by=ada, kinds=["resolved"])
    kim.writes(at=now)
    assert not Outbox.objects.exists()


def test_each_team_is_heard_of_by_who_listens_to_it(kim: Kim, ada: User, now: datetime) -> None:
    sales = people.a_team("Sales")
    theirs = listening(NOWHERE, by=ada, teams=[sales])
    kim.writes(at=now)
    assert not Outbox.objects.exists()
    everything = listening(NOWHERE, by=ada)
    kim.writes("to Care", at=now)
    Kim(a_channel_of(sales)).writes("to Sales", at=now)
    _, care_event, sales_event = events("received")
    assert set(Outbox.objects.values_list("event_id", flat=True)) == {care_event, sales_event}
    assert spread(at=now) == 2
    assert not Outbox.objects.exists()
    assert {(d.subscription_id, d.event_id) for d in Dispatch.objects.all()} == {
        (theirs.pk, sales_event),
        (everything.pk, care_event),
        (everything.pk, sales_event),
    }


def test_an_event_that_is_rolled_back_takes_its_row_with_it(
    kim: Kim, ada: User, now: datetime
) -> None:
    listening(NOWHERE, by=ada)
    with transaction.atomic():
        kim.writes(at=now)
        assert Outbox.objects.count() == 1
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_doorbell_rings_after_the_commit(kim: Kim, ada: User, now: datetime) -> None:
    listening(NOWHERE, by=ada)
    bus.connection().flushdb()
    with transaction.atomic():
        kim.writes(at=now)
        assert not bus.connection().exists(f"desk:ring:{OUTBOX_TASK}")
    assert wait_until(lambda: bool(bus.connection().exists(f"desk:ring:{OUTBOX_TASK}")), seconds=10)
    bus.connection().flushdb()


def test_the_ledger_knows_no_more_than_who_listens_now(
    care: Team, ada: User, now: datetime
) -> None:
    def wanted() -> set[tuple[str, int | None]]:
        return set(Interest.objects.values_list("kind", "team_id"))

    tests = ("webhook_tested", None)
    one = listening(NOWHERE, by=ada, kinds=["received", "resolved"], teams=[care])
    assert wanted() == {("received", care.pk), ("resolved", care.pk), tests}
    other = listening(NOWHERE, by=ada, kinds=["received"])
    assert wanted() == {("received", care.pk), ("resolved", care.pk), ("received", None), tests}
    subscribing.switch_off(subscription=one, by=ada, at=now)
    assert wanted() == {("received", None), tests}
    subscribing.change(
        subscription=other, name="x", url="https://x.example", kinds=["sent"], teams=[], by=ada,
        at=now,
    )  # fmt: skip
    assert wanted() == {("sent", None), tests}
    subscribing.remove(subscription=other, by=ada, at=now)
    assert wanted() == set()
    subscribing.switch_on(subscription=one, by=ada, at=now)
    assert wanted() == {("received", care.pk), ("resolved", care.pk), tests}


def test_the_reference_lists_exactly_the_kinds_there_are() -> None:
    page = CHECKOUT / "docs" / "reference" / "webhooks.md"
    listed = re.findall(r"^\| `(\w+)` \|", page.read_text().split("## Events")[1], re.MULTILINE)
    assert listed == [*KINDS, TESTED]
    [example] = blocks(page, "json")
    shown = json.loads(example)
    told = payload(Event(at=NOON, data={"opened": True}))
    assert shown.keys() == told.keys()
    assert shown["data"].keys() == dict[str, object](told["data"]).keys()  # type: ignore[call-overload]


def test_every_kind_in_the_catalogue_is_one_that_is_recorded() -> None:
    rooms = [*(CHECKOUT / "apps").glob("[!w]*/**/*.py")]
    code = "\n".join(path.read_text() for path in rooms if "migrations" not in path.parts)
    assert [kind for kind in KINDS if f'"{kind}"' not in code] == []
