"""Policies in words: whom they are for, what they promise, and what a saving changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.labels.models import Label
from apps.sla.models import PolicyVersion

EVERYBODY = "everybody"
ROUND_THE_CLOCK = "round the clock"
KINDS = (
    ("first_response_minutes", "first response"),
    ("next_response_minutes", "next response"),
    ("resolution_minutes", "resolution"),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Whom a policy is only for: in words, or a tag or flag to be drawn."""

    what: str
    words: str
    label: Label | None = None


def conditions(version: PolicyVersion) -> list[Condition]:
    """Say whom it is only for; nothing where it is for everybody."""
    said = (
        ("channel", str(version.channel or ""), None),
        ("team", str(version.team or ""), None),
        ("surface", version.get_surface_display().lower() if version.surface else "", None),
        ("priority", version.get_priority_display().lower() if version.priority else "", None),
        ("tag", str(version.tag or ""), version.tag),
        ("customer", str(version.flag or ""), version.flag),
    )
    return [Condition(what, words, label) for what, words, label in said if words]


def promises(version: PolicyVersion) -> list[tuple[str, str]]:
    """Say each promise: what for, and how long it may take."""
    return [
        (kind, minutes(target))
        for field, kind in KINDS
        if (target := getattr(version, field)) is not None
    ]


def hours(version: PolicyVersion) -> str:
    """Name the hours it counts in."""
    return str(version.business_hours or ROUND_THE_CLOCK)


def minutes(number: int) -> str:
    """Spell a target: 15 min, 8 h, 1 h 30, 3 d."""
    whole_hours, rest = divmod(number, 60)
    if not whole_hours:
        return f"{rest} min"
    if rest:
        return f"{whole_hours} h {rest:02}"
    days, rest = divmod(whole_hours, 24)
    return f"{days} d" if days > 1 and not rest else f"{whole_hours} h"


def changes(version: PolicyVersion, before: PolicyVersion | None) -> list[str]:
    """Say what a saving changed, against the version before it."""
    if before is None:
        return ["the first version"]
    if version.is_retired:
        return ["retired"]
    said, was = _facts(version), _facts(before)
    changed = [f"{what}: {was[what]} → {said[what]}" for what in said if said[what] != was[what]]
    if version.place != before.place:
        changed.append("moved " + ("up" if version.place < before.place else "down"))
    return changed


def covers(one: PolicyVersion, other: PolicyVersion) -> bool:
    """Whether one that stands above fits whatever the other fits: then that is never reached."""
    team_id = other.team_id or (other.channel.team_id if other.channel else None)
    pairs = (
        (one.channel_id, other.channel_id),
        (one.team_id, team_id),
        (one.surface or None, other.surface or None),
        (one.priority or None, other.priority or None),
        (one.tag_id, other.tag_id),
        (one.flag_id, other.flag_id),
    )
    return all(mine is None or mine == theirs for mine, theirs in pairs)


def hidden_by(version: PolicyVersion, above: Sequence[PolicyVersion]) -> PolicyVersion | None:
    """Return the first above it that leaves nothing for it."""
    return next((one for one in above if covers(one, version)), None)


def _facts(version: PolicyVersion) -> dict[str, str]:
    facts = {"name": version.name}
    facts |= dict.fromkeys(("channel", "team", "surface", "priority", "tag", "customer"), "any")
    facts |= {one.what: one.words for one in conditions(version)}
    facts |= dict.fromkeys((kind for _, kind in KINDS), "no promise")
    facts |= dict(promises(version))
    return facts | {"hours": hours(version), "warns at": f"{version.warn_percent} %"}
