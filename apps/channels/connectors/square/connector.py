"""Speaks Square's protocol: signed webhooks in, REST out.

`account.base_url` is where Square lives, such as `https://desk.example/square`; everything goes
there over HTTP, as to a stranger.
"""

from collections.abc import Mapping
from datetime import datetime

from apps.channels.connector import (
    Accepted,
    Account,
    Answered,
    ImageRule,
    OutgoingMessage,
    Told,
)
from apps.channels.connectors.square import listing, parsing, sending, signature
from apps.channels.measuring import Measure


class SquareConnector:
    """The practice network."""

    network = "square"
    label = "Square"
    text_limit: int | None = 500
    measure = Measure.GRAPHEMES
    images: ImageRule | None = ImageRule(
        most=4,
        types=("image/png", "image/jpeg", "image/gif", "image/webp"),
        most_bytes=2_000_000,
        longest_alt=1_000,
    )
    about_links = ""
    repeats_are_safe = True
    receives_only = False
    lists = True

    def verify(
        self, account: Account, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> None:
        """Check the signature over the raw body in constant time; raises SignatureError."""
        signature.verify(account.webhook_secrets, headers, body, at=at)

    def parse(self, account: Account, body: bytes) -> list[Told]:
        """Turn a notice into messages, in its order; never raises for a bad item."""
        return parsing.parse(body, own_id=account.account_id)

    def no_reply_because(self, answered: Answered, *, at: datetime) -> str:
        """What was deleted there can't be answered."""
        return "Square takes no reply to a deleted post." if answered.is_deleted else ""

    def send(self, account: Account, message: OutgoingMessage) -> Accepted:
        """Post once; raises ConnectorError."""
        return sending.send(account, message)

    def find_sent(self, account: Account, message: OutgoingMessage) -> Accepted | None:
        """Ask by the message's key; raises ConnectorError if Square gives no clear answer."""
        return sending.find_sent(account, message)

    def listed(self, account: Account, *, since: datetime) -> list[bytes]:
        """Ask for its notices of posts since then; raises ConnectorError."""
        return listing.listed(account, since=since)
