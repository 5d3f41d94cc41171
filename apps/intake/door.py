"""Who may hand something in: whoever signs with a secret of the channel."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from apps.channels.connector import SignatureError
from apps.channels.models import Channel

REMEMBERED = timedelta(seconds=5)

# Channels whose secret has just fitted, and when they were read.
_remembered: dict[int, tuple[Channel, datetime]] = {}


def admit(
    *, channel_id: int, headers: Mapping[str, str], body: bytes, at: datetime
) -> Channel | None:
    """Return the channel whose secret signed exactly this body; None if there is no such channel.

    Raises SignatureError. A new secret holds at once; one taken away may be good for
    5 seconds more, for a storm would read and decrypt the same secrets all the time.
    """
    remembered, read_at = _remembered.get(channel_id, (None, at))
    if remembered is not None and read_at <= at < read_at + REMEMBERED:
        try:
            remembered.connector.verify(remembered, headers, body, at=at)
        except SignatureError:
            _remembered.pop(channel_id, None)  # another thread may have done so
        else:
            return remembered
    return _admit_anew(channel_id, headers, body, at=at)


def _admit_anew(
    channel_id: int, headers: Mapping[str, str], body: bytes, *, at: datetime
) -> Channel | None:
    channel = Channel.objects.filter(id=channel_id).first()
    if channel is not None:
        channel.connector.verify(channel, headers, body, at=at)
        _remembered[channel_id] = (channel, at)
    return channel
