"""The people of every test: Ana answers, Mia manages, Kim writes from outside."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from apps.agents.models import Membership, Presence, Shift, Team, User
from apps.channels.connector import InboundMessage, Surface
from apps.channels.models import Channel
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.receiving import Arrival, receive

PASSWORD = "a password for tests"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET = "whsec_c29jaWFsLWRlc2stdGVzdHMtb25seS1zZWNyZXQ="

_ids = count(1)


def minutes(number: float) -> timedelta:
    """So that tests read as people speak."""
    return timedelta(minutes=number)


def a_team(name: str = "Care") -> Team:
    return Team.objects.get_or_create(name=name)[0]


def a_user(name: str, *, role: str = "agent", team: Team | None = None, **fields: Any) -> User:
    """A person on shift and there since long ago, whatever they touch, in one team."""
    first, _, last = name.partition(" ")
    user = User.objects.create_user(
        email=f"{first.lower()}@acme.example",
        password=PASSWORD,
        name=name,
        role=role,
        initials=(first[:1] + (last or first[1:])[:1]).upper(),
        **fields,
    )
    if team is not None:
        Membership.objects.create(user=user, team=team)
    long_ago = NOON - timedelta(days=365)
    Shift.objects.create(user=user, starts_at=long_ago)
    Presence.objects.create(user=user, chosen_at=long_ago, seen_at=NOON + timedelta(days=36500))
    return user


def ana(team: Team | None = None, **fields: Any) -> User:
    return a_user("Ana Bauer", team=team or a_team(), **fields)


def ben(team: Team | None = None, **fields: Any) -> User:
    return a_user("Ben Wood", team=team or a_team(), **fields)


def mia(team: Team | None = None) -> User:
    return a_user("Mia Lindt", role="manager", team=team or a_team())


def a_channel(handle: str = "@acme", *, team: Team | None = None, **fields: Any) -> Channel:
    return Channel.objects.create(
        network="square",
        account_id=fields.pop("account_id", f"brand-{handle}"),
        handle=handle,
        team=team or a_team(),
        webhook_secret=SECRET,
        **fields,
    )


@dataclass(frozen=True)
class Kim:
    """A customer; writes and hears back."""

    channel: Channel
    author_id: str = "kim"
    name: str = "Kim Lee"

    def writes(
        self, text: str = "my router drops every evening", *, at: datetime = NOON, **fields: Any
    ) -> Message:
        """One message posted and received at `at` unless told otherwise."""
        message = self.says(text, at=at, **fields)
        arrive(self.channel, message, at=at)
        return Message.objects.get(channel=self.channel, external_id=message.external_id)

    def says(self, text: str, *, at: datetime, **fields: Any) -> InboundMessage:
        """The message as the network would tell it, not yet received."""
        return InboundMessage(
            external_id=str(fields.pop("external_id", f"m{next(_ids)}")),
            author_id=self.author_id,
            author_handle=f"@{self.author_id}",
            author_name=self.name,
            text=text,
            posted_at=at,
            **fields,
        )


def brand_says(
    channel: Channel, text: str, *, at: datetime, parent_id: str | None, **fields: Any
) -> InboundMessage:
    """A post of the brand's own account, made outside the desk."""
    return InboundMessage(
        external_id=str(fields.pop("external_id", f"m{next(_ids)}")),
        author_id=channel.account_id,
        author_handle=channel.handle,
        author_name="Acme",
        text=text,
        posted_at=at,
        parent_id=parent_id,
        surface=Surface.MENTION,
        ours=True,
        **fields,
    )


def arrive(channel: Channel, *messages: InboundMessage, at: datetime) -> None:
    """Receive these in one batch."""
    receive([Arrival(channel, message) for message in messages], at=at)


def conversation_of(message: Message) -> Conversation:
    return Conversation.objects.get(messages=message)
