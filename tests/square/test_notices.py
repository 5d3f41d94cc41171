"""A notice reaches the brand's desk at least once, whatever happens on the way."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from standardwebhooks import Webhook

from apps.channels.connector import InboundMessage
from apps.channels.connectors.square.connector import SquareConnector
from apps.common import bus
from apps.square import operations
from apps.square.models import Notice
from apps.square.operations import delivering
from apps.square.tasks import deliver
from tests.channels.square.people import AcmesAccount
from tests.servers_and_supervisor.desk import wait_until
from tests.square.people import NOON, SECRET, acme, kim
from tests.stub_network import says, stub_network

pytestmark = pytest.mark.django_db(transaction=True)


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def test_a_notice_is_signed_so_that_library_and_connector_both_accept_it() -> None:
    with stub_network() as desk:
        brand = acme(url=f"{desk.url}/hooks")
        post = operations.post(author=kim(), text="@acme مرحبا 😩", at=NOON)
        assert operations.deliver_due(at=NOON) == 1
    [heard] = desk.heard
    account = AcmesAccount(account_id=brand.external_id, webhook_secrets=[SECRET])
    SquareConnector().verify(account, heard.headers, heard.body, at=NOON)
    [message] = SquareConnector().parse(account, heard.body)
    assert isinstance(message, InboundMessage)
    assert (message.external_id, message.text) == (post.external_id, "@acme مرحبا 😩")
    timestamp = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), NOON.tzinfo)
    signed = Webhook(SECRET).sign(heard.headers["webhook-id"], timestamp, heard.body.decode())
    assert heard.headers["webhook-signature"] == signed


@pytest.mark.parametrize("status", [301, 400, 401, 404, 413, 429, 500, 503])
def test_a_notice_is_repeated_until_the_desk_takes_it(status: int) -> None:
    with stub_network(says(status, location="/elsewhere")) as desk:
        acme(url=desk.url)
        operations.post(author=kim(), text="@acme hi", at=NOON)
        for moment in (0, 0.9, 1, 2.9, 3):
            operations.deliver_due(at=seconds(moment))
        assert len(desk.heard) == 3
        desk.answer = says(202)
        operations.deliver_due(at=seconds(60))
        operations.deliver_due(at=seconds(120))
    assert len(desk.heard) == 4
    assert len({(one.headers["webhook-id"], one.body) for one in desk.heard}) == 1
    assert Notice.objects.get().delivered_at == seconds(60)


def test_a_desk_that_was_down_for_long_hears_within_15_seconds_and_at_its_new_address() -> None:
    brand = acme(url="http://127.0.0.1:9/")
    operations.post(author=kim(), text="@acme hi", at=NOON)
    for moment in range(0, 3_600, 120):
        operations.deliver_due(at=seconds(moment))
    with stub_network() as desk:
        operations.subscribe(person=brand, url=desk.url, secret=SECRET)
        operations.deliver_due(at=seconds(3_600 + 15))
        assert len(desk.heard) == 1


def test_a_sender_that_died_loses_only_its_lease() -> None:
    brand = acme(url="http://127.0.0.1:9/")
    operations.post(author=kim(), text="@acme hi", at=NOON)
    claimed = delivering._claim(at=NOON)
    with stub_network() as desk:
        operations.subscribe(person=brand, url=desk.url, secret=SECRET)
        assert operations.deliver_due(at=seconds(29)) == 0
        assert operations.deliver_due(at=seconds(30)) == 1
        assert len(claimed) == len(desk.heard) == 1


def test_a_post_that_is_rolled_back_takes_its_notice_with_it() -> None:
    acme(url="http://127.0.0.1:9/")
    author = kim()
    with transaction.atomic():
        operations.post(author=author, text="@acme never said", at=NOON)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_one_deaf_desk_does_not_keep_another_from_hearing() -> None:
    with stub_network(says(500)) as deaf, stub_network() as desk:
        acme(url=deaf.url)
        acme("parcels", url=desk.url)
        for _ in range(20):
            operations.post(author=kim(), text="@acme @parcels hi", at=NOON)
        for moment in range(4):
            while operations.deliver_due(at=seconds(moment)):
                pass
        assert len(desk.heard) == 20
    assert Notice.objects.filter(delivered_at__isnull=True).count() == 20


def test_the_doorbell_drains_everything_that_is_due() -> None:
    with stub_network() as desk:
        acme(url=desk.url)
        for _ in range(40):
            operations.post(author=kim(), text="@acme hi", at=NOON)
        deliver()
        assert len(desk.heard) == 40
    assert not Notice.objects.filter(delivered_at__isnull=True).exists()


def test_the_doorbell_rings_only_after_the_commit() -> None:
    acme(url="http://127.0.0.1:9/")
    bus.connection().flushdb()
    with transaction.atomic():
        operations.post(author=kim(), text="@acme hi", at=NOON)
        assert bus.connection().dbsize() == 0
    assert wait_until(lambda: bus.connection().llen("desk") == 1, seconds=10)
    bus.connection().flushdb()
