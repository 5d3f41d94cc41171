"""Speaks for any source that a program brings in by the API, and has that program carry replies.

A reply counts as accepted once it is there for the program: it hears of it by a webhook (`sent`),
reads it from the API, and carries it where the customer is.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from apps.channels.connector import (
    Accepted,
    Account,
    Answered,
    ImageRule,
    InboundMessage,
    OutgoingMessage,
    ParseError,
    SignatureError,
    Surface,
    Told,
    Unparsed,
)
from apps.channels.measuring import Measure

IN_NO_NETWORK = "Messages come in by the API, in the name of a program."


class GenericConnector:
    """A channel of whatever kind."""

    network = "generic"
    label = "Generic"
    text_limit: int | None = None
    measure = Measure.GRAPHEMES
    images: ImageRule | None = None
    about_links = ""
    repeats_are_safe = True
    receives_only = False
    lists = False

    def verify(
        self, account: Account, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> None:
        """Let nobody in by the door for networks; raises SignatureError."""
        raise SignatureError(IN_NO_NETWORK)

    def parse(self, account: Account, body: bytes) -> list[Told]:
        """Turn what the API kept into messages, in its order."""
        return [_told(n, one) for n, one in enumerate(json.loads(body)["messages"])]

    def no_reply_because(self, answered: Answered, *, at: datetime) -> str:
        """The program that brought it carries the reply; whatever it can't, it says."""
        return ""

    def send(self, account: Account, message: OutgoingMessage) -> Accepted:
        """Accept: it is there for the program."""
        return Accepted(external_id=_id(message), at=datetime.now(UTC))

    def find_sent(self, account: Account, message: OutgoingMessage) -> Accepted | None:
        """Accept: it is there for the program."""
        return self.send(account, message)

    def listed(self, account: Account, *, since: datetime) -> list[bytes]:
        """There is nobody to ask."""
        return []


def _told(position: int, one: Mapping[str, str]) -> Told:
    try:
        return InboundMessage(
            external_id=one["id"],
            author_id=one["author_id"],
            author_handle=one["author_handle"],
            author_name=one["author_name"],
            text=one["text"],
            posted_at=datetime.fromisoformat(one["posted_at"]),
            parent_id=one.get("parent_id"),
            surface=Surface(one["surface"]),
            url=one["url"],
            language=one["language"],
        )
    except (ParseError, KeyError, ValueError) as error:
        return Unparsed(position=position, error=f"It cannot be read: {error}.")


def _id(message: OutgoingMessage) -> str:
    return f"reply-{message.key}"
