"""Where a policy stands: places are numbers with room between them, so that one move is one
version and not a version of everybody below.
"""

from collections.abc import Mapping, Sequence

from apps.sla.models import PolicyVersion

APART = 1000


def place_for(
    before: PolicyVersion | None, rank: int | None, present: Sequence[PolicyVersion]
) -> tuple[int, Mapping[PolicyVersion, int]]:
    """Return the place for that rank, and new places of others where there is no room left.

    `before` is the policy as it stands in `present`, None for a new one; without a rank it stays,
    or comes last.
    """
    others = [one for one in present if one != before]
    if before and rank in {None, present.index(before) + 1}:
        return before.place, {}
    index = _index(rank, others)
    low = others[index - 1].place if index else 0
    high = others[index].place if index < len(others) else low + 2 * APART
    if high - low > 1:
        return (low + high) // 2, {}
    wanted = [APART * (number + (number > index)) for number in range(1, len(others) + 1)]
    moved = {one: place for one, place in zip(others, wanted, strict=True) if one.place != place}
    return APART * (index + 1), moved


def in_order(
    said: PolicyVersion, others: Sequence[PolicyVersion], rank: int | None
) -> list[PolicyVersion]:
    """Return the list with `said` at that rank, or last."""
    index = _index(rank, others)
    return [*others[:index], said, *others[index:]]


def _index(rank: int | None, others: Sequence[PolicyVersion]) -> int:
    return len(others) if rank is None else min(max(rank - 1, 0), len(others))
