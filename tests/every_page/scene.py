"""A desk with something on every page, and the addresses of all its pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import TypeVar

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.resolvers import RoutePattern

from apps.agents.models import Team, User
from apps.agents.operations import invite
from apps.agents.operations.programs import add_client
from apps.agents.programs import SCOPES
from apps.channels.models import Channel
from apps.console.urls import urlpatterns
from apps.conversations.models import (
    Attachment,
    Conversation,
    Message,
    Pledge,
    SavedView,
    Snippet,
)
from apps.conversations.operations import (
    assigning,
    attaching,
    drafting,
    labelling,
    noting,
    pinning,
    pledging,
    replying,
    resolving,
    snoozing,
)
from apps.conversations.operations.keeping_views import keep_view
from apps.conversations.queries.asking import Queue
from apps.customers.models import Customer, Match
from apps.intake.models import Delivery, SetAside
from apps.labels.models import Colour, Flag, Label, Tag
from apps.labels.operations import save_label
from apps.reports.behind_coverage import Heard
from apps.reports.behind_now import Tile
from apps.sla.models import PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from apps.webhooks.catalogue import KINDS
from apps.webhooks.models import Dispatch
from apps.webhooks.operations import subscribing
from apps.webhooks.operations.delivering import spread
from tests import people
from tests.people import Kim
from tests.signing_in import window

QUERIES = {
    "behind": "?kind=first_response&standing=answered&days=30",
    "said": "?direction=inbound&days=30",
    "told": "?told=compared&days=30",
    "search": "?q=script+router",
}
ALWAYS: dict[str, object] = {"zone": "Europe/Berlin", "week": {"mon": [["09:00", "17:00"]]}}
L = TypeVar("L", bound=Label)


@dataclass
class Scene:
    """Who looks, and what an address may name; `values` has what each of its parts can be."""

    ada: User
    channel: Channel
    values: dict[str, list[object]]

    def pages(self) -> list[str]:
        """Every address that answers a person who just goes there with a whole page."""
        browser = window(self.ada)
        return [
            address
            for pattern in urlpatterns
            for addresses in [self._addresses(pattern)]
            if _is_page(browser, addresses[0])
            for address in addresses
        ]

    def _addresses(self, pattern: URLPattern) -> list[str]:
        """This route with each of the values that its parts can have."""
        assert isinstance(pattern.pattern, RoutePattern)
        name, wanted = str(pattern.name), list(pattern.pattern.converters)
        missing = [one for one in wanted if one not in self.values]
        assert not missing, f"{name}: the scene has nothing for {missing}, add it there"
        query = QUERIES.get(name, "")
        return [
            reverse(name, kwargs={one: values[n % len(values)] for one, values in named}) + query
            for named in [[(one, self.values[one]) for one in wanted]]
            for n in range(max((len(values) for _, values in named), default=1))
        ]


def _is_page(browser: Client, address: str) -> bool:
    """Deeds are not done by looking, and pieces have no frame of their own."""
    answer = browser.get(address)
    assert answer.status_code in {200, 302, 405}, f"{address} answers {answer.status_code}"
    is_whole = answer.status_code == 200 and not answer.streaming
    return is_whole and b"<html" in answer.content


def set_scene(now: datetime, *, texts: list[str], names: list[str]) -> Scene:
    """Let customers of these names write these texts in turn, and people answer and decide."""
    team = people.a_team("Care")
    ada = people.a_user("Ada Moreau", role="admin", team=team, capacity=5000)
    ben = people.ben(team, capacity=5000)
    channel = people.a_channel("@acme", team=team)
    earlier, *conversations = _written(channel, now, texts=texts, names=names)
    first = conversations[0]
    _dealt_with(conversations, texts, by=ada, at=now)
    tag, flag = _label(Tag, texts[0], by=ada, at=now), _label(Flag, texts[-1], by=ada, at=now)
    labelling.change_tags(conversation_ids=[first.pk], add=[tag], by=ada, at=now)
    labelling.change_flags(conversation=first, add=[flag], by=ada, at=now)
    hours = save_business_hours(name="Office", definition=ALWAYS, by=ada, at=now).business_hours
    policies = [
        save_policy(said=said, by=ada, at=now).policy_id
        for said in (
            PolicyVersion(name=texts[0][:80], tag=tag, flag=flag, first_response_minutes=5),
            PolicyVersion(name=texts[-1][:80], business_hours=hours, next_response_minutes=60),
            PolicyVersion(name="Never reached", priority="high", resolution_minutes=9),
        )
    ]
    note = Message.objects.filter(direction=Message.Direction.NOTE).earliest("id")
    pinning.pin(note=note, by=ada, at=now)
    values: dict[str, list[object]] = {
        "queue": list(Queue),
        "conversation_id": [conversation.pk for conversation in conversations],
        "before_id": [earlier.pk],
        "message_id": [note.pk],
        "match_id": [_match(first, texts[0], at=now).pk],
        "pledge_id": [_pledge(note, by=ada, at=now).pk],
        "customer_id": list(Customer.objects.values_list("id", flat=True)),
        "user_id": [ben.pk],
        "channel_id": [channel.pk],
        "channel_deed": ["pause"],
        "team_id": [team.pk],
        "shift_id": [ben.shifts.get().pk],
        "hours_id": [hours.pk],
        "set_aside_id": [_set_aside(channel, texts, at=now).pk],
        "kind": [Tag.NOUN, Flag.NOUN],
        "label_id": [tag.pk, flag.pk],
        "decision": ["assign"],
        "view_id": [_view(texts[0], by=ada, at=now).pk],
        "attachment_id": [_picture(first, by=ada, at=now).pk],
        "snippet_id": [_snippet(texts[0]).pk],
        "policy_id": list(policies),
        "table": ["lines"],
        "heard": [Heard.HEARD],
        "tile": [Tile.WAITING, Tile.PAST_DUE, Tile.ARRIVALS],
        "number": [1],
    }
    values |= _told_outside(texts[-1], by=ada, at=now) | _invited(ada, team, at=now)
    return Scene(ada, channel, values)


def _written(
    channel: Channel, now: datetime, *, texts: list[str], names: list[str]
) -> list[Conversation]:
    """Each text is a message; a customer's follow each other in one conversation, oldest first.

    The first customer had written once before, and is answered; that conversation comes first.
    """
    Kim(channel, author_id="c0", name=names[0]).writes(texts[-1], at=now - timedelta(days=9))
    said = []
    for number, (name, text) in enumerate(zip(cycle(names), texts, strict=False)):
        kim = Kim(channel, author_id=f"c{names.index(name)}", name=name)
        parent = f"m{names.index(name)}"
        is_first = number < len(names)
        said.append(
            kim.says(
                text,
                at=now - timedelta(minutes=len(texts) - number),
                external_id=parent if is_first else f"{parent}-{number}",
                parent_id=None if is_first else parent,
            )
        )
    people.arrive(channel, *said, at=now)
    return list(Conversation.objects.order_by("id"))


def _dealt_with(
    conversations: list[Conversation], texts: list[str], *, by: User, at: datetime
) -> None:
    """Answered, noted, dismissed, resolved, snoozed, assigned: each state has its conversation."""
    for conversation, text in zip(islice(cycle(conversations), 3), reversed(texts), strict=False):
        noting.note(conversation=conversation, text=text[:2000], by=by, at=at)
        assigning.assign(conversation=conversation, to=by, by=by, at=at)
    replying.reply(
        conversation=conversations[0], text=texts[0][:400], by=by, session_key="s", at=at
    )
    drafting.save_draft(conversation=conversations[1], text=texts[1][:2000], by=by, at=at)
    resolving.dismiss(conversation=conversations[1], by=by, at=at, no_reply_needed=texts[2][:200])
    snoozing.snooze(conversation=conversations[2], until=at + timedelta(hours=1), by=by, at=at)
    resolving.resolve(conversation=conversations[3], by=by, at=at, no_reply_needed=texts[3][:200])


def _match(first: Conversation, text: str, *, at: datetime) -> Match:
    """Proposed beside the conversation, with what is said to be told as evidence."""
    other = Customer.objects.exclude(id=first.identity.customer_id).earliest("id")
    said = Message.objects.filter(conversation=first).earliest("id")
    left, right = sorted([first.identity, other.identities.get()], key=lambda one: one.pk)
    evidence = [{"kind": "email", "value": text[:200], "messages": [said.pk, said.pk]}]
    return Match.objects.create(
        left=left, right=right, state=Match.State.PROPOSED, evidence=evidence, proposed_at=at
    )


def _pledge(note: Message, *, by: User, at: datetime) -> Pledge:
    words, due_at = note.text[:60], at + timedelta(hours=2)
    return pledging.pledge(message=note, words=words, due_at=due_at, by=by, at=at)


def _label(kind: type[L], text: str, *, by: User, at: datetime) -> L:
    name = text[: kind.LONGEST_NAME]
    return save_label(kind=kind, name=name, colour=Colour.PINK, by=by, at=at)


def _view(name: str, *, by: User, at: datetime) -> SavedView:
    return keep_view(name=name, queue="everyone", given={"over": "1"}, team=None, by=by, at=at)


def _picture(conversation: Conversation, *, by: User, at: datetime) -> Attachment:
    body = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
    return attaching.attach(conversation=conversation, body=body, by=by, at=at)


def _snippet(text: str) -> Snippet:
    """Whatever is refused today may have been stored before."""
    return Snippet.objects.create(name="returns", language="de", text=text[:280])


def _told_outside(text: str, *, by: User, at: datetime) -> dict[str, list[object]]:
    """One webhook that works, and one that the desk switched off."""
    failing = subscribing.subscribe(
        name=" ".join(text.split())[:80] or "?",
        url="https://crm.example/gone",
        kinds=["sent"],
        teams=[],
        by=by,
        at=at,
    )
    with transaction.atomic():
        subscribing.turn_off(subscription=failing, because="It is gone (410).", by=None, at=at)
    subscription = subscribing.subscribe(
        name="CRM", url="https://crm.example/hook", kinds=KINDS, teams=[], by=by, at=at
    )
    subscribing.test(subscription=subscription, by=by, at=at)
    spread(at=at)
    dispatch = Dispatch.objects.get()
    client, _ = add_client(name="CRM " * 20, scopes=SCOPES, owner=by, by=by, at=at)
    return {
        "client_id": [client.pk],
        "subscription_id": [subscription.pk],
        "dispatch_id": [dispatch.pk],
        "deed": ["test"],
    }


def _invited(by: User, team: Team, *, at: datetime) -> dict[str, list[object]]:
    email = f"{'x' * 50}@acme.example"
    invitation, key = invite(email=email, role="agent", teams=[team], by=by, at=at)
    session = UserSession.objects.create(user=by, ip="::1", session_key="s", user_agent="a")
    return {"key": [key], "invitation_id": [invitation.pk], "session_id": [session.pk]}


def _set_aside(channel: Channel, texts: list[str], *, at: datetime) -> SetAside:
    body = "\n".join(texts).encode()[:4000]
    delivery = Delivery.objects.create(channel=channel, body=body, received_at=at, drained_at=at)
    return SetAside.objects.create(
        delivery=delivery, position=0, reason="unreadable", error=texts[-1], at=at
    )
