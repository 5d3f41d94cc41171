"""The plain things that flow through the steps of receiving."""

from dataclasses import dataclass, field

from apps.channels.connector import InboundMessage, Removal, Surface
from apps.channels.models import Channel

Key = tuple[int, str]


@dataclass(slots=True, eq=False)
class Arrival:
    """One message on its way in; the steps fill in where it belongs.

    `also_named` are ids of its reply tree that other copies of it named. Its `key`, channel and the
    network's id, makes it the same message as another; `parent_key` is that of what it replies to.
    """

    channel: Channel
    message: InboundMessage
    thread_id: int = 0
    identity_id: int | None = None
    conversation_id: int | None = None
    credited_to_id: int | None = None
    message_id: int = 0
    also_named: frozenset[str] = frozenset()
    key: Key = field(init=False)
    parent_key: Key | None = field(init=False)

    def __post_init__(self) -> None:
        channel_id, parent = self.channel.pk, self.message.parent_id
        self.key = (channel_id, self.message.external_id)
        self.parent_key = None if parent is None else (channel_id, parent)

    @property
    def relatives(self) -> list[Key]:
        """Ids that are surely of the same reply tree: its parent, and what the network told."""
        if self.is_direct:
            return []
        told = (self.message.parent_id, self.message.tree_id, *self.also_named)
        return [(self.key[0], relative) for relative in told if relative is not None]

    @property
    def is_direct(self) -> bool:
        """Direct messages have a thread a person, whatever they reply to."""
        return self.message.surface is Surface.DIRECT


@dataclass(frozen=True, slots=True, eq=False)
class Departure:
    """News that a message was deleted on its network."""

    channel: Channel
    removal: Removal


@dataclass(frozen=True, slots=True)
class Stored:
    """A message the desk already has."""

    message_id: int
    thread_id: int
    conversation_id: int | None


@dataclass(slots=True)
class Received:
    """What became of a batch: how many were stored or known, and which must wait (echoes)."""

    stored: int = 0
    known: int = 0
    held: list[Arrival] = field(default_factory=list)
