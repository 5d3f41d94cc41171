"""Speaks for what was said elsewhere, long ago: it comes from a file, and nothing goes out."""

import io
from collections.abc import Mapping
from datetime import datetime

from apps.channels.connector import (
    Accepted,
    Account,
    Answered,
    ConnectorError,
    Failure,
    ImageRule,
    OutgoingMessage,
    SignatureError,
    Told,
    Unparsed,
)
from apps.channels.connectors.archive.rows import NotTweetsError, read
from apps.channels.measuring import Measure

RECEIVES_ONLY = "An archive only receives: nothing can be sent there."
LONG_AGO = (
    "It holds what was said long ago: nobody can be answered there."
    " Answer the customer where they write today."
)


class ArchiveConnector:
    """Tweets of the past, as the public "Customer Support on Twitter" CSV has them."""

    network = "archive"
    label = "Archive"
    text_limit: int | None = 0
    measure = Measure.GRAPHEMES
    images: ImageRule | None = None
    about_links = ""
    repeats_are_safe = False
    receives_only = True
    lists = False

    def verify(
        self, account: Account, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> None:
        """Let nobody in: files are read by `manage.py import_tweets`; raises SignatureError."""
        raise SignatureError("An archive comes from a file, not over the network.")

    def parse(self, account: Account, body: bytes) -> list[Told]:
        """Turn a whole CSV into messages; never raises for a bad row."""
        try:
            return [
                row.message or Unparsed(position=row.line, error=row.remark)
                for row in read(io.BytesIO(body))
                if row.message or row.remark
            ]
        except NotTweetsError as error:
            return [Unparsed(position=1, error=str(error))]

    def no_reply_because(self, answered: Answered, *, at: datetime) -> str:
        """Nobody can be answered in the past."""
        return LONG_AGO

    def send(self, account: Account, message: OutgoingMessage) -> Accepted:
        """Refuse: raises ConnectorError."""
        raise ConnectorError(Failure.REFUSED, RECEIVES_ONLY)

    def find_sent(self, account: Account, message: OutgoingMessage) -> Accepted | None:
        """Refuse: raises ConnectorError, since nothing was ever sent."""
        raise ConnectorError(Failure.REFUSED, RECEIVES_ONLY)

    def listed(self, account: Account, *, since: datetime) -> list[bytes]:
        """There is nobody to ask."""
        return []
