"""Speaks Square's protocol: signed webhooks in, REST out.

`account.base_url` is where Square lives, such as `https://desk.example/square`; everything goes
there over HTTP, as to a stranger.
"""

from collections.abc import Mapping
from datetime import datetime

from apps.channels.connector import (
    Accepted,
    Account,
    OutgoingMessage,
    Told,
)
from apps.channels.connectors.square import parsing, sending, signature
from apps.common.text import graphemes


class SquareConnector:
    """The practice network."""

    network = "square"
    label = "Square"
    text_limit = 500
    repeats_are_safe = True
    receives_only = False

    def verify(
        self, account: Account, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> None:
        """Check the signature over the raw body in constant time; raises SignatureError."""
        signature.verify(account.webhook_secrets, headers, body, at=at)

    def parse(self, account: Account, body: bytes) -> list[Told]:
        """Turn a notice into messages, in its order; never raises for a bad item."""
        return parsing.parse(body, own_id=account.account_id)

    def measure(self, text: str) -> int:
        """Square counts graphemes."""
        return graphemes(text)

    def send(self, account: Account, message: OutgoingMessage) -> Accepted:
        """Post once; raises ConnectorError."""
        return sending.send(account, message)

    def find_sent(self, account: Account, message: OutgoingMessage) -> Accepted | None:
        """Ask by the message's key; raises ConnectorError if Square gives no clear answer."""
        return sending.find_sent(account, message)
