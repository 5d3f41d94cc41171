"""What may happen on a network and at a desk, drawn at random, and orders in which it is heard."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hypothesis import strategies as st

from apps.channels.connector import Removal, Surface
from apps.channels.models import Channel
from apps.conversations.operations.receiving import Arrival, Departure
from tests.people import NOON, Kim, brand_says, minutes

BRAND = "the brand"
CUSTOMERS = ("ada", "bo", "cy")
IDS = ("1", "2", "9", "10", "11", "100", "a", "b", "B", "c1")
NEVER_ARRIVE = ("5", "zz")
SURFACES = (Surface.MENTION, Surface.MENTION, Surface.COMMENT, Surface.FOUND, Surface.DIRECT)
DECIDED = 8
EARLY, LATE = 0, 10  # the minutes at which what precedes and what follows decisions begins


class Verdict(StrEnum):
    """What a person decides at minute DECIDED about the conversation of a message."""

    RESOLVED = "resolved"
    RESOLVE_UNDONE = "resolve_undone"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Copy:
    """One account of a message; `parent` may come later, never, or be the message itself."""

    id: str
    writer: str
    minute: int
    parent: str | None
    surface: Surface
    text: str = "a"
    edited: int | None = None
    tree: str | None = None

    def on(self, channel: Channel) -> Arrival:
        at = NOON + minutes(self.minute)
        if self.writer == BRAND:
            said = brand_says(channel, self.text, at=at, parent_id=self.parent, external_id=self.id)
        else:
            kim = Kim(channel, author_id=self.writer, name=self.writer)
            said = kim.says(
                self.text, at=at, external_id=self.id, parent_id=self.parent, surface=self.surface
            )
        edited_at = None if self.edited is None else NOON + minutes(self.edited)
        return Arrival(channel, replace(said, tree_id=self.tree, edited_at=edited_at))


@dataclass(frozen=True)
class Gone:
    """News that a message was deleted there."""

    id: str
    minute: int

    def on(self, channel: Channel) -> Departure:
        at = NOON + minutes(self.minute)
        return Departure(channel, Removal(external_id=self.id, deleted_at=at))


Heard = Copy | Gone


@dataclass(frozen=True)
class History:
    """All accounts of all messages, and what people decided about which of them."""

    copies: tuple[Copy, ...]
    gone: tuple[Gone, ...]
    decisions: dict[str, Verdict]


@dataclass(frozen=True)
class Order:
    """One way in which a history is heard: batches before and after the decisions."""

    before: list[list[Heard]]
    after: list[list[Heard]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Nothing names a direct message as its parent: no network here has such a thing."""
    ids = draw(st.lists(st.sampled_from(IDS), min_size=2, max_size=8, unique=True))
    surfaces = {one: draw(st.sampled_from(SURFACES)) for one in ids}
    public = [one for one in ids if surfaces[one] is not Surface.DIRECT]
    parents = st.sampled_from([None, *public, *public, *NEVER_ARRIVE])
    copies: list[Copy] = []
    for one in ids:
        writers = (*CUSTOMERS, BRAND, BRAND) if one in public else CUSTOMERS
        first = Copy(
            id=one,
            writer=draw(st.sampled_from(writers)),
            minute=draw(st.sampled_from((EARLY, EARLY, LATE))) + draw(st.integers(0, 6)),
            parent=draw(parents),
            surface=surfaces[one],
        )
        others = draw(st.sampled_from((0, 0, 1, 2)))
        copies += [first, *(draw(differing(first, parents)) for _ in range(others))]
    gone = draw(st.lists(st.builds(Gone, st.sampled_from(IDS), st.integers(0, 6)), max_size=2))
    asked = [c.id for c in copies if c.writer != BRAND and c.minute < DECIDED]
    decisions: dict[str, Verdict] = {}
    if asked:
        verdicts = st.dictionaries(st.sampled_from(asked), st.sampled_from(Verdict), max_size=2)
        decisions = draw(verdicts)
    return History(tuple(copies), tuple(gone), decisions)


@st.composite
def differing(draw: st.DrawFn, first: Copy, parents: st.SearchStrategy[str | None]) -> Copy:
    """Another account of the same message: on the same side of what people decided."""
    band = LATE if first.minute >= LATE else EARLY
    changed = replace(
        first,
        minute=draw(st.one_of(st.just(first.minute), st.integers(band, band + 6))),
        parent=draw(st.one_of(st.just(first.parent), parents)),
        text=draw(st.sampled_from("abc")),
        edited=draw(st.sampled_from((None, None, 3, 5))),
    )
    if first.surface is Surface.DIRECT:
        return changed
    return replace(
        changed,
        surface=draw(st.sampled_from((first.surface, Surface.MENTION, Surface.FOUND))),
        tree=draw(st.one_of(st.none(), parents)),
    )


def an_order(history: History, *, seed: int) -> Order:
    """Draw an order by that seed: some things are heard twice; what was decided about is there."""
    chance = random.Random(seed)
    heard: list[Heard] = [*history.copies, *history.gone]
    heard += chance.sample(heard, chance.randrange(min(4, len(heard))))
    chance.shuffle(heard)
    before, after = [], []
    anchors = set(history.decisions)
    for one in heard:
        is_anchor = isinstance(one, Copy) and one.id in anchors
        is_late = isinstance(one, Copy) and one.minute >= LATE
        if is_anchor or (not is_late and (not anchors or chance.random() < 0.5)):
            before.append(one)
            # That it is gone may be heard before it: then it is still to come.
            if is_anchor:
                anchors.discard(one.id)
        else:
            after.append(one)
    if not history.decisions:
        before, after = heard, []
    return Order(_batches(before, chance), _batches(after, chance))


def in_time(history: History) -> Order:
    """One by one as it was said."""
    copies = sorted(history.copies, key=lambda copy: copy.minute)
    before: list[list[Heard]] = [[copy] for copy in copies if copy.minute < LATE]
    after: list[list[Heard]] = [[copy] for copy in copies if copy.minute >= LATE]
    return Order(before, [*after, list(history.gone)])


def _batches(heard: Sequence[Heard], chance: random.Random) -> list[list[Heard]]:
    batches: list[list[Heard]] = []
    share = chance.random()
    for one in heard:
        if not batches or chance.random() < share:
            batches.append([])
        batches[-1].append(one)
    return batches


def heard_at(round_number: int, *, late: bool) -> datetime:
    """Decisions stand between what was heard before and after them."""
    return NOON + minutes((LATE + 7 if late else 7) + round_number / 1000)
