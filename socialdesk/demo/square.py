"""The demo's side on Square: its people, the brands' accounts there, and everything posted."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from apps.agents.models import Team
from apps.channels import operations as channels
from apps.channels.connector import InboundMessage
from apps.channels.connectors.square.connector import SquareConnector
from apps.channels.models import Channel
from apps.square import operations, rules, wire
from apps.square.models import Person
from apps.square.operations import PastPost
from socialdesk.demo.cast import Brand
from socialdesk.demo.crowd import Customer
from socialdesk.demo.happenings import Account, Said

OWN = r"^http://(127\.0\.0\.1|localhost):[0-9]+/square$"


def connect(brand: Brand, team: Team, *, at: datetime) -> Account:
    """Have a brand join Square, and connect its account to the desk as an admin would."""
    person = operations.join(handle=brand.handle, name=brand.name, is_brand=True, at=at)
    channel = channels.connect(
        network=SquareConnector.network,
        handle=f"@{brand.handle}",
        account_id=person.external_id,
        team=team,
        base_url=f"{settings.DESK_URL}/square",
        token=operations.issue_token(person=person),
        by=None,
        at=at,
    )
    _subscribe(person, channel)
    return Account(person, channel, brand.pace)


def follow_the_desk() -> None:
    """Tell the brands of this desk's own Square where the desk listens now.

    Their accounts keep an address with the port in it, and a later start may choose another.
    """
    here = f"{settings.DESK_URL}/square"
    for channel in Channel.objects.filter(network=SquareConnector.network, base_url__regex=OWN):
        person = Person.objects.filter(is_brand=True, id=channel.account_id[1:]).first()
        if person is None or channel.base_url == here:
            continue
        channel.base_url = here
        channel.save(update_fields=["base_url"])
        _subscribe(person, channel)


def _subscribe(person: Person, channel: Channel) -> None:
    operations.subscribe(
        person=person,
        url=settings.DESK_URL + reverse("webhook", args=[channel.pk]),
        secret=channel.webhook_secret,
    )


def let_join(customers: Iterable[Customer], *, at: datetime) -> None:
    """Have every customer join Square."""
    for customer in customers:
        customer.person = operations.join(handle=customer.handle, name=customer.name, at=at)


def publish(said: Sequence[Said]) -> None:
    """Put the history on Square as it was written, without telling anybody."""
    written = sorted(said, key=lambda one: one.at)
    places = {one: place for place, one in enumerate(written)}
    posts = operations.import_posts(
        posts=[
            PastPost(
                author=one.author,
                text=one.text,
                language=one.language,
                at=one.at,
                parent=None if one.parent is None else places[one.parent],
            )
            for one in written
        ]
    )
    for one, post in zip(written, posts, strict=True):
        one.post = post


def as_told(said: Said) -> InboundMessage:
    """Return the post as Square would have told it and its connector read it."""
    if said.post is None:
        raise ValueError("Publish it first: it has no id yet.")
    brand = said.account.person
    mentions = [brand] if brand.handle.upper() in rules.mentioned(said.text) else []
    notice = wire.notice(said.post, mentions=mentions)
    [message] = SquareConnector().parse(said.account.channel, notice)
    if not isinstance(message, InboundMessage):
        raise ValueError(f"Square's own notice cannot be read: {message}")
    return message
