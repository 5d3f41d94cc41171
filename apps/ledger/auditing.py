"""Reading the ledger backwards: what people did, the newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet

from apps.ledger.models import IS_DEED, Event

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which deeds: by whom, of which kind, about whom, in which conversation, since and until when.

    None, or an empty kind, asks for whatever there is; `until` itself is left out. `by_command`
    asks for what was done by commands on the desk's machine.
    """

    by_id: int | None = None
    by_command: bool = False
    kind: str = ""
    user_id: int | None = None
    conversation_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the ledger a page ends: the instant and number of its last line."""

    at: datetime
    event_id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.event_id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Return the place that an address names; raises BadRequest for what names none."""
        at, _, number = text.partition("_")
        try:
            place = cls(datetime.fromisoformat(at), int(number))
        except ValueError as error:
            raise BadRequest("This address names no place in the ledger.") from error
        if place.at.tzinfo is None or not 0 < place.event_id < 2**63:
            raise BadRequest("This address names no place in the ledger.")
        return place


def deeds(asked: Asked) -> QuerySet[Event]:
    """Return what people did, not the desk by itself, as asked and the newest first."""
    wanted = IS_DEED
    if asked.by_command:
        wanted &= Q(command__isnull=False)
    if asked.by_id is not None:
        wanted &= Q(by_id=asked.by_id)
    if asked.kind:
        wanted &= Q(kind=asked.kind)
    if asked.user_id is not None:
        wanted &= Q(user_id=asked.user_id)
    if asked.conversation_id is not None:
        wanted &= Q(conversation_id=asked.conversation_id)
    if asked.since is not None:
        wanted &= Q(at__gte=asked.since)
    if asked.until is not None:
        wanted &= Q(at__lt=asked.until)
    return Event.objects.filter(wanted).order_by("-at", "-id")


def page(asked: Asked, *, after: Place | None) -> tuple[Sequence[Event], Place | None]:
    """Return one page of deeds, and where the next one begins, if there is more."""
    found = deeds(asked)
    if after is not None:
        found = found.filter(Q(at__lt=after.at) | Q(at=after.at, id__lt=after.event_id))
    rows = list(found[: PAGE + 1])
    more = Place(rows[PAGE - 1].at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return rows[:PAGE], more


def kinds() -> list[str]:
    """Return the kinds of deeds there are, by name; one look at an index a kind."""
    found: list[str] = []
    while True:
        rest = Event.objects.filter(IS_DEED, kind__gt=found[-1] if found else "")
        following = rest.order_by("kind").values_list("kind", flat=True).first()
        if following is None:
            return found
        found.append(following)
