"""How many of many texts are near-duplicates of another of them: exact, without hashing.

Two sets at a Jaccard of t share an element among the rarest few of each (prefix filtering), so only
pairs that do are compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

from apps.conversations.sameness.canonical import Shingles, canonical, jaccard, shingles

NEAR = 0.8
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Sharing:
    """Of how many replies how many have words to compare, and how many of these say it again."""

    replies: int
    compared: int
    near_duplicates: int

    @property
    def share(self) -> float:
        """The near-duplicates' share of what could be compared, from 0 to 1."""
        return self.near_duplicates / self.compared if self.compared else 0.0


def sharing(texts: Iterable[str]) -> Sharing:
    """Count the replies for which there is another at a Jaccard of at least 0.8."""
    said = Counter(canonical(text) for text in texts)
    replies = said.total()
    del said[""]
    distinct = list(said)
    near = {n for n, text in enumerate(distinct) if said[text] > 1}
    near |= _near_another([shingles(text) for text in distinct], known=near)
    return Sharing(replies, said.total(), sum(said[distinct[n]] for n in near))


def _near_another(sets: list[Shingles], *, known: set[int]) -> set[int]:
    frequency = Counter(shingle for one in sets for shingle in one)
    found = set(known)
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for n in sorted(range(len(sets)), key=lambda n: len(sets[n])):
        rarest = sorted(sets[n], key=lambda shingle: (frequency[shingle], shingle))
        prefix = rarest[: len(rarest) - ceil(NEAR * len(rarest) - _ROUNDING) + 1]
        for other in {m for shingle in prefix for m in holders[shingle]}:
            if (n in found and other in found) or len(sets[other]) < floor(NEAR * len(rarest)):
                continue
            if jaccard(sets[n], sets[other]) >= NEAR - _ROUNDING:
                found |= {n, other}
        for shingle in prefix:
            holders[shingle].append(n)
    return found
