"""What an address asks of a list, and how the head of the list says it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.conversations.models import SavedView
from apps.conversations.queries.asking import NOBODY, Asked, Order, Queue
from apps.labels.models import Priority, Tag

ORDERS = {Order.DUE: "due first", Order.WAITING: "longest wait first", Order.NEWEST: "newest first"}
SURFACES = {
    "mention": "Mentions",
    "comment": "Comments",
    "direct": "Direct messages",
    "found": "Found",
    "follow": "Follows",
}
OWN_ORDER = {
    Queue.SNOOZED: "next back first",
    Queue.AT_RISK: "due first",
    Queue.FOUND: "newest first",
    Queue.WELCOME: "newest first",
}
"""Queues that have one order of their own."""


@dataclass(frozen=True)
class Chip:
    """A filter in words, and the address of the list without it."""

    label: str
    without: str


@dataclass(frozen=True)
class Listed:
    """A list as pages link to it: `parameters` of its address, `query` of what opens from it."""

    asked: Asked
    view: SavedView | None
    parameters: str
    query: str
    chips: list[Chip]

    @property
    def title(self) -> str:
        """What stands at its head."""
        return self.view.name if self.view else self.asked.queue.label

    @property
    def order(self) -> str:
        """Its order in words."""
        return OWN_ORDER.get(self.asked.queue) or ORDERS[self.asked.order]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """The other orders it may be shown in: their words and addresses."""
        if self.asked.queue in OWN_ORDER:
            return []
        given = self.asked.filters.given()
        return [
            (words, _address(self.asked.queue, given | {"order": str(order)}))
            for order, words in ORDERS.items()
            if order is not self.asked.order
        ]


def listed(
    request: HttpRequest, queue: Queue, *, user: User, views: Iterable[SavedView] | None = None
) -> Listed:
    """Read the list an address asks for; what can't be read is a bad request.

    `views` are those this person sees, where they were read already.
    """
    try:
        asked = Asked.parse(queue, request.GET.dict())
        view_id = int(request.GET.get("view") or 0)
    except ValueError as error:
        raise BadRequest("This address names no list: a filter in it is not known.") from error
    seen = SavedView.objects.seen_by(user) if views is None else views
    view = next((one for one in seen if one.pk == view_id), None) if view_id else None
    given = asked.given() | ({"view": str(view.pk)} if view else {})
    return Listed(
        asked=asked,
        view=view,
        parameters=urlencode(given),
        query=urlencode({"queue": str(queue), **given}),
        chips=_chips(asked, user),
    )


def view_address(view: SavedView) -> str:
    """Return where a saved view is shown."""
    return _address(Queue(view.queue), view.given | {"view": str(view.pk)})


def _chips(asked: Asked, user: User) -> list[Chip]:
    given = asked.given()
    return [
        Chip(
            _in_words(name, value, asked, user),
            _address(asked.queue, {other: given[other] for other in given if other != name}),
        )
        for name, value in given.items()
        if name != "order"
    ]


def _in_words(name: str, value: str, asked: Asked, user: User) -> str:
    filters = asked.filters
    match name:
        case "channel":
            found = Channel.objects.visible_to(user).filter(id=filters.channel or 0).first()
            return str(found or "unknown channel")
        case "team":
            return str(Team.objects.filter(id=filters.team or 0).first() or "unknown team")
        case "tag":
            return str(Tag.objects.filter(id=filters.tag or 0).first() or "unknown tag")
        case "assignee" if filters.assignee == NOBODY:
            return "nobody’s"
        case "assignee":
            person = User.objects.filter(id=filters.assignee or 0).first()
            return f"{person.first_name}’s" if person else "unknown person"
        case "over":
            return f"waiting {value} min or more"
        case "surface":
            return SURFACES[value]
        case "priority":
            return f"{Priority(value).label} priority"
        case _:
            return f"in {value}"


def _address(queue: Queue, given: dict[str, str]) -> str:
    return (
        f"{reverse('inbox', args=[queue])}?{urlencode(given)}"
        if given
        else reverse("inbox", args=[queue])
    )
