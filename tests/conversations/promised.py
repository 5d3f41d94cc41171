"""Policies for random histories, and what they promise, told minute by minute."""

from datetime import datetime, timedelta

from apps.sla.episodes import Kind
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import save_business_hours, save_policy
from tests.people import NOON, minutes

# Open minutes after NOON of its day, by version; the second holds from HOURS_CHANGE on.
OPEN = (((2, 5), (8, 60)), ((0, 9), (12, 60)))
HOURS_CHANGE = 4
POLICY_CHANGE = 3
WARN_PERCENT = 50
URGENT = 2

Judged = tuple[str | None, datetime | None, datetime | None]
Targets = dict[Kind, int]
FAST: Targets = {Kind.FIRST_RESPONSE: 4, Kind.NEXT_RESPONSE: 6}
FASTER: Targets = {Kind.FIRST_RESPONSE: 2, Kind.RESOLUTION: 20}
IN_HOURS: Targets = {Kind.FIRST_RESPONSE: 2, Kind.NEXT_RESPONSE: 4, Kind.RESOLUTION: 10}


def save_policies() -> None:
    """Direct messages round the clock, comments by hours, and the second word on mentions."""
    long_ago = NOON - timedelta(days=1)
    for spans, saved_at in zip(OPEN, (long_ago, NOON + minutes(HOURS_CHANGE)), strict=True):
        week = {"mon": [[_clock(opens), _clock(closes)] for opens, closes in spans]}
        save_business_hours(
            name="Care", definition={"zone": "UTC", "week": week}, by=None, at=saved_at
        )
    hours = BusinessHours.objects.get()
    urgent = PolicyVersion(
        name="Urgent", priority="urgent", first_response_minutes=URGENT, warn_percent=WARN_PERCENT
    )
    save_policy(said=urgent, by=None, at=long_ago)
    direct = save_policy(said=a_policy("Direct", "direct", FAST), by=None, at=long_ago)
    save_policy(said=a_policy("Comments", "comment", IN_HOURS, hours), by=None, at=long_ago)
    mentions = a_policy("Mentions", "mention", IN_HOURS, hours)
    save_policy(said=mentions, by=None, at=NOON + minutes(POLICY_CHANGE))
    save_policy(said=a_policy("Rest", "", {Kind.RESOLUTION: 30}), by=None, at=long_ago)
    save_policy(
        said=a_policy("Direct", "direct", FASTER),
        policy=direct.policy,
        by=None,
        at=NOON + minutes(POLICY_CHANGE),
    )


def judged(
    kind: Kind, surface: str, opened_at: datetime, *, urgent_from: int | None = None
) -> Judged:
    """Return which version judges a wait, when it is due and when at risk.

    `urgent_from` is the minute at which somebody said that the conversation is.
    """
    minute = int((opened_at - NOON) / minutes(1))
    if urgent_from is not None and minute >= urgent_from:
        return _judged("Urgent 1", {Kind.FIRST_RESPONSE: URGENT}, kind, minute)
    is_changed = minute >= POLICY_CHANGE
    if surface == "direct":
        return _judged(f"Direct {1 + is_changed}", FASTER if is_changed else FAST, kind, minute)
    spans = OPEN[minute >= HOURS_CHANGE]
    open_minutes = {m for opens, closes in spans for m in range(opens, closes)}
    if surface == "comment":
        return _judged("Comments 1", IN_HOURS, kind, minute, open_minutes)
    return _judged("Mentions 1", IN_HOURS, kind, minute, open_minutes)


def desk_seconds(
    surface: str,
    opened_at: datetime,
    stopped_at: datetime | None,
    *,
    urgent_from: int | None = None,
) -> int | None:
    if stopped_at is None:
        return None
    first, last = (int((at - NOON) / minutes(1)) for at in (opened_at, stopped_at))
    passed = range(first, last)
    is_urgent = urgent_from is not None and first >= urgent_from
    if surface == "direct" or is_urgent:
        return 60 * len(passed)
    spans = OPEN[first >= HOURS_CHANGE]
    return 60 * sum(any(opens <= m < closes for opens, closes in spans) for m in passed)


def _judged(
    name: str, targets: Targets, kind: Kind, start: int, open_minutes: set[int] | None = None
) -> Judged:
    if kind not in targets:
        return (name, None, None)
    target = targets[kind]
    warn = target * WARN_PERCENT // 100
    return (name, _after(start, target, open_minutes), _after(start, warn, open_minutes))


def _after(start: int, target: int, open_minutes: set[int] | None) -> datetime:
    minute, left = start, target
    while left:
        left -= open_minutes is None or minute in open_minutes
        minute += 1
    return NOON + minutes(minute)


def a_policy(
    name: str, surface: str, targets: Targets, hours: BusinessHours | None = None
) -> PolicyVersion:
    return PolicyVersion(
        name=name,
        surface=surface,
        business_hours=hours,
        warn_percent=WARN_PERCENT,
        **{f"{kind}_minutes": target for kind, target in targets.items()},
    )


def _clock(minute: int) -> str:
    return f"{12 + minute // 60:02}:{minute % 60:02}"
