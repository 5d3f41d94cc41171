"""The lists behind figures of now, and of how personal the desk is, as tables."""

from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.agents.models import User
from apps.console import spelling
from apps.console.tables import Cell, Row, Table
from apps.console.templatetags import desk
from apps.console.trend_tables import NONE
from apps.conversations.models import Conversation
from apps.reports import behind_now
from apps.reports.behind_coverage import BehindCoverage, Heard
from apps.reports.behind_now import BehindNow, Tile
from apps.reports.behind_personal import BehindPersonal, Told

PAGE_ALONE = "behind"
SAID = {Tile.ARRIVALS: "Came in", Tile.ANSWERS: "Went out"}
TOOK = {Tile.ANSWERED: "Took", Tile.ASKED: "Waits or took"}
COLLEAGUE = "A colleague"


def now(found: BehindNow, tile: Tile, *, user: User, at: datetime) -> Table:
    """What a figure of the wallboard counts."""
    if tile in SAID:
        said = ("Conversation", SAID[tile], "By", "Channel")
        return Table(PAGE_ALONE, said, [_said(one, user) for one in found.rows])
    waits = ("Conversation", TOOK.get(tile, "Waiting"), "Began", "Due", "Whose", "Channel")
    return Table(PAGE_ALONE, waits, [_waiting(one, user, at) for one in found.rows])


def personal(found: BehindPersonal, told: Told, *, user: User) -> Table:
    """Replies with how near they came to another, or promises with their words."""
    of_promises = told in {Told.KEPT, Told.BROKEN}
    rows = [
        Row(
            _conversation(one.message.conversation, one.message.pk),
            [
                Cell(_apart(one.words) if of_promises else _share(one.nearest)),
                Cell(desk.instant(one.at, spelling.coming_instant(one.at))),
                Cell(_apart(known_as(one.person, user))),
                Cell(_apart(str(one.message.channel))),
            ],
        )
        for one in found.rows
    ]
    what = "Promised" if of_promises else "Nearest to another"
    return Table(PAGE_ALONE, ("Conversation", what, "Said", "By", "Channel"), rows)


def coverage(found: BehindCoverage, heard: Heard) -> Table:
    """Messages as they came in, or as they were found to be missing."""
    rows = [
        Row(
            _conversation(one.message.conversation, one.message.pk)
            if one.message
            else Cell(one.external_id),
            [
                Cell(desk.instant(one.posted_at, spelling.coming_instant(one.posted_at))),
                Cell(desk.instant(one.received_at, spelling.coming_instant(one.received_at))),
                Cell(spelling.duration(max(0, (one.received_at - one.posted_at).total_seconds()))),
                Cell(_apart(one.channel)),
            ],
        )
        for one in found.rows
    ]
    noticed = "Found missing" if heard in {Heard.FOUND, Heard.MISSING} else "Received"
    return Table(PAGE_ALONE, ("Message", "Said", noticed, "Later by", "Channel"), rows)


def known_as(person: User | None, reader: User) -> str:
    """Name who did it to those who lead; agents are told of themselves alone."""
    if person is None:
        return NONE
    return person.name if reader.leads or person.pk == reader.pk else COLLEAGUE


def _waiting(one: behind_now.Row, user: User, at: datetime) -> Row:
    taken = (
        Cell(desk.wait(one.at, at))
        if one.ended is None
        else Cell(spelling.duration((one.ended - one.at).total_seconds()))
    )
    due = Cell(desk.instant(one.due, spelling.coming_instant(one.due))) if one.due else Cell(NONE)
    began = Cell(desk.instant(one.at, spelling.coming_instant(one.at)))
    whose = one.person.name if one.person and one.ended is None else known_as(one.person, user)
    cells = [taken, began, due, Cell(_apart(whose)), Cell(_apart(one.channel))]
    return Row(_conversation(one.conversation, None), cells)


def _said(one: behind_now.Row, user: User) -> Row:
    cells = [
        Cell(desk.instant(one.at, spelling.clock_instant(one.at, one.at))),
        Cell(_apart(known_as(one.person, user))),
        Cell(_apart(one.channel)),
    ]
    return Row(_conversation(one.conversation, one.message_id), cells)


def _conversation(conversation: Conversation | None, message_id: int | None) -> Cell:
    if conversation is None:
        return Cell("in no conversation")
    address = reverse("conversation", args=[conversation.pk])
    if message_id is not None:
        address += f"?at={message_id}#m-{message_id}"
    name = conversation.identity.name
    return Cell(name, link=address, title=f"Conversation #{conversation.pk}")


def _apart(text: str) -> SafeString:
    """In whichever direction it is written, it turns nothing beside it around."""
    return format_html("<bdi>{}</bdi>", text)


def _share(part: float | None) -> str:
    return NONE if part is None else f"{100 * part:.0f} %"
