"""What every network's connector must be able to do, and the plain things it speaks in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from apps.channels.measuring import Measure
from apps.common.text import is_storable, storable

LONGEST_ID = 500


class Surface(StrEnum):
    """Where it was said (words.md)."""

    MENTION = "mention"
    COMMENT = "comment"
    DIRECT = "direct"
    FOUND = "found"
    FOLLOW = "follow"


class ParseError(ValueError):
    """One item of a delivery cannot be understood; it is set aside with this sentence."""


class SignatureError(Exception):
    """The request was not signed by the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One utterance as a network told it, before the desk knows whose conversation it is.

    `ours` means the channel's own account wrote it. `tree_id` is another id of the same reply tree,
    where the network tells one beside the parent, such as its root. `edited_at` is when its author
    last changed the text, None for a text as first said. Texts are made storable; an id that could
    not be stored exactly raises ParseError, for a changed id would be another id.
    """

    external_id: str
    author_id: str
    author_handle: str
    author_name: str
    text: str
    posted_at: datetime
    parent_id: str | None = None
    tree_id: str | None = None
    surface: Surface = Surface.MENTION
    url: str = ""
    language: str = ""
    ours: bool = False
    edited_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("external_id", "author_id", "parent_id", "tree_id"):
            value = getattr(self, name)
            if value is None and name in {"parent_id", "tree_id"}:
                continue
            _check_id(name, value)
        _check_instant("posted_at", self.posted_at)
        if self.edited_at is not None:
            _check_instant("edited_at", self.edited_at)
        for name in ("author_handle", "author_name", "text", "url", "language"):
            object.__setattr__(self, name, storable(getattr(self, name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A network tells that a message was deleted there. Its id is checked as a message's is."""

    external_id: str
    deleted_at: datetime

    def __post_init__(self) -> None:
        _check_id("external_id", self.external_id)
        _check_instant("deleted_at", self.deleted_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """One item of a delivery that could not be understood, and why."""

    position: int
    error: str


Told = InboundMessage | Removal | Unparsed


def _check_id(name: str, value: str) -> None:
    if not value or len(value) > LONGEST_ID or not is_storable(value):
        raise ParseError(f"{name} must have 1 to {LONGEST_ID} storable characters")


def _check_instant(name: str, at: datetime) -> None:
    if at.tzinfo is None:
        raise ParseError(f"{name} must name its offset from UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The message that a reply would answer, as far as it decides whether there can be one."""

    surface: str
    posted_at: datetime
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRule:
    """Which pictures a network takes with a reply: how many, of which types, how large."""

    most: int
    types: tuple[str, ...]
    most_bytes: int
    longest_alt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingImage:
    """A picture on its way out, with what it shows in words."""

    content_type: str
    body: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A reply on its way out; `key` is the same for every attempt at the same message."""

    key: str
    text: str
    parent_id: str
    images: tuple[OutgoingImage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The network has it: its id there and the instant it was accepted by the network's clock."""

    external_id: str
    at: datetime
    url: str = ""


class Failure(StrEnum):
    """What a failed send means for the message (trust.md, What goes out)."""

    REFUSED = "refused"  # the network said no: the author must decide
    RETRY = "retry"  # nothing left this house, or the network asked to wait
    UNKNOWN = "unknown"  # the post may be up: never send again before asking


class ConnectorError(Exception):
    """A send that was not accepted, and what that means for the message."""

    def __init__(self, failure: Failure, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.failure = failure
        self.reason = reason
        self.retry_after = retry_after


class Account(Protocol):
    """What a connector may know of the channel it works for."""

    @property
    def account_id(self) -> str:
        """The account's id on the network."""

    @property
    def base_url(self) -> str:
        """Where the network's API is, without a trailing slash."""

    @property
    def webhook_secrets(self) -> Sequence[str]:
        """Secrets a signature may be made with."""

    @property
    def token(self) -> str:
        """What the account shows to be let in."""


class Connector(Protocol):
    """Speaks one network's protocol. Holds no state and touches no database."""

    network: str
    label: str
    text_limit: int | None  # as `measure` counts; None where any length is taken
    measure: Measure
    images: ImageRule | None  # None where no pictures are taken
    about_links: str  # what to know before sending a link there, in a sentence; often nothing
    repeats_are_safe: bool  # the network honours our key: sending again makes no second post
    receives_only: bool  # nothing can be sent: nobody is assigned, nudged or asked to answer
    lists: bool  # it can be asked again for what it told since an instant

    def verify(
        self, account: Account, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> None:
        """Check the signature over the raw body in constant time; raises SignatureError."""

    def parse(self, account: Account, body: bytes) -> list[Told]:
        """Turn a delivery into messages, in its order; never raises for a bad item."""

    def no_reply_because(self, answered: Answered, *, at: datetime) -> str:
        """Say in a sentence why the network would take no reply to this; empty where it would."""

    def send(self, account: Account, message: OutgoingMessage) -> Accepted:
        """Post once; raises ConnectorError. The caller repeats, never the connector."""

    def find_sent(self, account: Account, message: OutgoingMessage) -> Accepted | None:
        """Ask the network whether an earlier attempt at this message is up."""

    def listed(self, account: Account, *, since: datetime) -> list[bytes]:
        """Ask the network for what it told since then, oldest first, each as a delivery's body.

        Raises ConnectorError where there is no clear answer. Empty where it never `lists`.
        """
