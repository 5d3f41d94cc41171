"""The rows a history must end in, told from its whole by the rules of threads.md and clocks.md.

Plain and slow on purpose: nothing of receiving is used, only the pure `episodes`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from apps.channels.connector import Surface
from apps.sla.episodes import Kind, Moment, Step, episodes, id_order
from tests.conversations.histories import BRAND, DECIDED, Copy, History, Verdict
from tests.conversations.promised import desk_seconds, judged
from tests.people import NOON, minutes

Place = tuple[str, str]  # a conversation: its thread's key and its customer
Rows = dict[str, set[object]]
STEPS = {Verdict.RESOLVED: Step.RESOLVED, Verdict.DISMISSED: Step.DISMISSED}


@dataclass(frozen=True)
class Message:
    """What holds of all copies of a message together."""

    id: str
    writer: str
    minute: int
    parent: str | None
    surface: Surface
    text: str
    edited: int | None

    @property
    def at(self) -> datetime:
        return NOON + minutes(self.minute)

    @property
    def is_heard(self) -> bool:
        return self.writer == BRAND or self.surface is not Surface.FOUND


def rows_of(history: History, decided: Collection[str]) -> Rows:
    """Return the rows, where of all decisions only those about the messages `decided` were made."""
    messages = {one: _message([c for c in history.copies if c.id == one]) for one in _ids(history)}
    keys = _thread_keys(history)
    places = {one.id: _place(one, messages, keys) for one in messages.values()}
    gone = {one: min(g.minute for g in history.gone if g.id == one) for one in _gone(history)}
    missing = {one for one in keys if one not in messages and not one.startswith("direct:")}
    rows: Rows = {"conversations": set(), "clocks": set()}
    rows["threads"] = {(key,) for key in keys.values()}
    rows["placeholders"] = {(one, keys[one]) for one in missing}
    rows["removals"] = {(one, NOON + minutes(minute)) for one, minute in gone.items()}
    rows["messages"] = {
        (
            one.id,
            "outbound" if one.writer == BRAND else "inbound",
            one.at,
            one.parent,
            one.surface,
            one.text,
            None if one.edited is None else NOON + minutes(one.edited),
            NOON + minutes(gone[one.id]) if one.id in gone else None,
            keys[_node(one)],
            *(places[one.id] or (None, None)),
        )
        for one in messages.values()
    }
    for place in {place for place in places.values() if place is not None}:
        said = [one for one in messages.values() if places[one.id] == place]
        verdicts = [history.decisions[one] for one in decided if places[one] == place]
        _add_clocks(rows, place, said, verdicts)
    return rows


def _ids(history: History) -> list[str]:
    return sorted({copy.id for copy in history.copies})


def _gone(history: History) -> set[str]:
    return {one.id for one in history.gone}


def _message(copies: list[Copy]) -> Message:
    """Naming a parent beats not naming one, then the smaller; the latest edit is what is said."""
    first = min(copies, key=lambda c: (c.parent is None, c.minute, c.parent or "", c.text))
    edits = [copy for copy in copies if copy.edited is not None]
    latest = max((c.edited for c in edits if c.edited is not None), default=None)
    said = min((c.text for c in edits if c.edited == latest), default=first.text)
    addressed = (Surface.DIRECT, Surface.MENTION, Surface.COMMENT, Surface.FOUND)
    surface = next(one for one in addressed if one in {c.surface for c in copies})
    return Message(
        first.id,
        first.writer,
        first.minute,
        first.parent,
        Surface.MENTION if first.writer == BRAND else surface,
        said,
        latest,
    )


def _node(one: Copy | Message) -> str:
    return f"direct:{one.writer}" if one.surface is Surface.DIRECT else one.id


def _thread_keys(history: History) -> dict[str, str]:
    """Links of all copies hold; the first id of all that hangs together names it."""
    together: dict[str, set[str]] = {}
    for copy in history.copies:
        named = {_node(copy)}
        if copy.surface is not Surface.DIRECT:
            named |= {one for one in (copy.parent, copy.tree) if one is not None}
        whole = set.union(named, *(together.get(one, set()) for one in named))
        together |= dict.fromkeys(whole, whole)
    return {one: min(whole, key=id_order) for one, whole in together.items()}


def _place(one: Message, messages: dict[str, Message], keys: dict[str, str]) -> Place | None:
    """Follow parents upwards through our own posts to the nearest customer."""
    seen: set[str] = set()
    while one.writer == BRAND:
        if one.parent is None or one.parent not in messages or one.parent in seen:
            return None
        seen.add(one.parent)
        one = messages[one.parent]
    return keys[_node(one)], one.writer


def _add_clocks(rows: Rows, place: Place, said: list[Message], verdicts: list[Verdict]) -> None:
    numbers = count(1)
    ids = {next(numbers): one for one in said}
    timeline = [
        Moment(
            one.at,
            Step.ANSWERED if one.writer == BRAND else Step.ASKED,
            id_order(one.id),
            message_id=number,
        )
        for number, one in ids.items()
        if one.is_heard
    ]
    decided_at = NOON + minutes(DECIDED)
    timeline += [Moment(decided_at, STEPS[one]) for one in verdicts if one in STEPS]
    found = episodes(timeline)
    urgent_from = DECIDED if verdicts else None
    waits = [e for e in found if e.kind is not Kind.RESOLUTION and e.stopped_at is None]
    rows["clocks"] |= {
        (
            *place,
            e.kind,
            e.contact,
            e.position,
            e.started_at,
            e.stopped_at,
            e.stop,
            None if e.reply_id is None else ids[e.reply_id].id,
            *judged(
                e.kind,
                _surface_of_opening(said, e.started_at),
                e.started_at,
                urgent_from=urgent_from,
            ),
            desk_seconds(
                _surface_of_opening(said, e.started_at),
                e.started_at,
                e.stopped_at,
                urgent_from=urgent_from,
            ),
        )
        for e in found
    }
    waiting_since = waits[0].started_at if waits else None
    contact = max((e.contact for e in found), default=1)
    rows["conversations"].add((*place, waiting_since, contact, max(one.at for one in said)))


def _surface_of_opening(said: list[Message], at: datetime) -> str:
    asked = [one for one in said if one.writer != BRAND and one.is_heard and one.at == at]
    return str(min(asked, key=lambda one: id_order(one.id)).surface)
