from datetime import UTC, datetime

import pytest

from apps.channels.connector import (
    ConnectorError,
    Failure,
    InboundMessage,
    OutgoingMessage,
    Unparsed,
)
from apps.channels.models import Channel
from apps.channels.registry import CONNECTORS, RECEIVING_ONLY, connector_for
from tests.archive.files import HEADER, a_csv, tweet

ARCHIVE = connector_for("archive")
CHANNEL = Channel(network="archive", account_id="acme", handle="@acme")
REPLY = OutgoingMessage(key="1", text="hello", parent_id="7")


def test_nothing_is_sent_to_an_archive_nor_looked_for_there() -> None:
    for ask in (ARCHIVE.send, ARCHIVE.find_sent):
        with pytest.raises(ConnectorError, match="nothing can be sent") as refused:
            ask(CHANNEL, REPLY)
        assert refused.value.failure is Failure.REFUSED


def test_a_whole_file_is_parsed_as_any_delivery() -> None:
    bad = tweet(8, "100")
    bad[HEADER.index("created_at")] = ""
    good, unparsed = ARCHIVE.parse(CHANNEL, a_csv(tweet(7, "100"), bad))
    assert isinstance(good, InboundMessage)
    assert good.posted_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert isinstance(unparsed, Unparsed)
    assert (unparsed.position, "created_at" in unparsed.error) == (3, True)


def test_what_is_no_archive_is_unparsed_in_a_sentence() -> None:
    [unparsed] = ARCHIVE.parse(CHANNEL, b"{}")
    assert isinstance(unparsed, Unparsed)
    assert "JSON" in unparsed.error


def test_only_archives_just_receive() -> None:
    assert RECEIVING_ONLY == ["archive"]
    assert set(CONNECTORS) == {"archive", "generic", "square"}
