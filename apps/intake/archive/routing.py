"""Which brand's channel a message of an archive belongs to, decided over the whole file.

A thread goes to every brand that wrote in it; one no brand wrote in goes to the brands whose
handle stands in its earliest message; else it is left out (threads.md, The tweet archive importer).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.channels.connector import InboundMessage
from apps.common.forest import Forest
from apps.conversations.operations.receiving.copies import better
from apps.sla.episodes import IdOrder, id_order

HANDLE = re.compile(r"@(\w+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Routed:
    """What goes into each brand's channel, thread by thread, each from its beginning.

    `left_out` counts the threads that concern no brand of the file.
    """

    by_brand: dict[str, list[InboundMessage]]
    left_out: int


def route(messages: Iterable[InboundMessage]) -> Routed:
    """Decide where each message belongs, whatever the order in which the file has them."""
    copies = _one_of_each(messages)
    brands: dict[str, list[str]] = defaultdict(list)
    for brand in sorted({message.author_id for message in copies.values() if message.ours}):
        brands[brand.lower()].append(brand)
    by_brand: dict[str, list[InboundMessage]] = defaultdict(list)
    left_out = 0
    for tree_id, thread in sorted(_threads(copies).items(), key=lambda item: id_order(item[0])):
        concerned = _concerned(thread, brands)
        left_out += not concerned
        told = [replace(message, tree_id=tree_id) for message in thread]
        for brand in concerned:
            by_brand[brand] += [m for m in told if not m.ours or m.author_id == brand]
    return Routed(by_brand, left_out)


def _one_of_each(messages: Iterable[InboundMessage]) -> dict[str, InboundMessage]:
    """Make one of copies that differ, as receiving does."""
    best: dict[str, InboundMessage] = {}
    for message in messages:
        rival = best.get(message.external_id)
        best[message.external_id] = message if rival is None else better(rival, message)
    return best


def _threads(copies: Mapping[str, InboundMessage]) -> dict[str, list[InboundMessage]]:
    """Return each thread in order, by its first id, which may be that of a missing parent."""
    forest = Forest[str]()
    for message in copies.values():
        forest.join(message.external_id, message.parent_id or message.external_id)
    return {
        min(tree, key=id_order): sorted((copies[i] for i in tree if i in copies), key=_order)
        for tree in forest.trees()
    }


def _order(message: InboundMessage) -> tuple[float, IdOrder]:
    return (message.posted_at.timestamp(), id_order(message.external_id))


def _concerned(thread: Sequence[InboundMessage], brands: Mapping[str, list[str]]) -> list[str]:
    wrote = {message.author_id for message in thread if message.ours}
    if wrote:
        return sorted(wrote)
    named = {handle.lower() for handle in HANDLE.findall(thread[0].text)}
    return sorted(brand for handle in named for brand in brands.get(handle, ()))
