"""Copies of one message that differ: what holds of them all, whichever came first (threads.md).

Every part has an order of its own, so that joining copies is a maximum: the same in any order, and
the stored row is all that must be known of those that came before.
"""

from dataclasses import replace

from apps.channels.connector import InboundMessage, Surface
from apps.conversations.operations.receiving.batch import Arrival

SILENT = (Surface.FOUND, Surface.FOLLOW)
_MOST_ADDRESSED = (Surface.DIRECT, Surface.MENTION, Surface.COMMENT, *SILENT)


def better(one: InboundMessage, other: InboundMessage) -> InboundMessage:
    """Return the message as both copies together tell it.

    One that names a parent beats one that doesn't, then the smaller (posted_at, parent, text). A
    text that its author edited beats one from before. Being addressed beats being found.
    """
    place = min(one, other, key=_place)
    words = min(one, other, key=_words)
    return replace(
        place,
        text=words.text,
        edited_at=words.edited_at,
        language=words.language,
        surface=min(one.surface, other.surface, key=_address),
        url=min(one.url, other.url, key=lambda url: (not url, url)),
    )


def joined(arrival: Arrival, copy: InboundMessage) -> Arrival:
    """Return the arrival with what this copy tells too; reply trees hold by the links of all."""
    told = (arrival.message.parent_id, arrival.message.tree_id, copy.parent_id, copy.tree_id)
    return replace(
        arrival,
        message=better(arrival.message, copy),
        also_named=arrival.also_named | {named for named in told if named is not None},
    )


def _place(copy: InboundMessage) -> tuple[object, ...]:
    """When it was said and to what: of this and the other keys, the smallest is the best."""
    return (copy.parent_id is None, copy.posted_at, copy.parent_id or "")


def _words(copy: InboundMessage) -> tuple[object, ...]:
    """The latest edit comes first; words from before any edit go with their copy's place."""
    if copy.edited_at is not None:
        return (0, -copy.edited_at.timestamp(), copy.text, copy.language)
    return (1, *_place(copy), copy.text, copy.language)


def _address(surface: Surface) -> int:
    return _MOST_ADDRESSED.index(surface)
