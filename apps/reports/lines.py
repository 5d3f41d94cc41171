"""The lines of a breakdown: their names, their order, and the days and hours when nothing was."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from apps.agents.models import Team, User
from apps.channels.connector import Surface
from apps.channels.models import Channel
from apps.channels.registry import connector_for
from apps.labels.models import Tag
from apps.reports.periods import Period
from apps.reports.questions import By, Key, Question

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SURFACES: Mapping[Key, str] = {
    Surface.MENTION: "Mentions",
    Surface.COMMENT: "Comments",
    Surface.DIRECT: "Direct messages",
    Surface.FOUND: "Found by a search",
    Surface.FOLLOW: "Follows",
}
OF_TIME = frozenset({By.DAY, By.HOUR, By.HOUR_OF_WEEK})

Line = TypeVar("Line")
M = TypeVar("M", bound=Model)
Measured = Mapping[Key, Mapping[str, Any]]


def lines_of(
    measured: Measured,
    *,
    question: Question,
    by: By | None,
    make: Callable[..., Line],
    amount: Callable[[Line], int],
) -> list[Line]:
    """Make a line of what was measured for each key.

    Time comes as it passes, whole; people by name; all else with the most first. The line without
    a key, of what is nobody's, comes last.
    """
    if by is None:
        return []
    if by in OF_TIME:
        keys = keys_of(by, question.period) if measured else []
        return [make(key=key, label=_moment(by, key), **measured.get(key, {})) for key in keys]
    named = frozenset(measured)
    names = question.once(("names", by, named), lambda: _names(by, named, question.user))
    lines = {key: make(key=key, label=names[key], **found) for key, found in measured.items()}
    orders = {
        key: (key is None, 0 if by is By.AGENT else -amount(line), names[key], str(key))
        for key, line in lines.items()
    }
    return [lines[key] for key in sorted(lines, key=orders.__getitem__)]


def keys_of(by: By, period: Period) -> list[Key]:
    """Return all days of a period, or all hours of a day or a week."""
    if by is By.DAY:
        return [period.first + timedelta(days=days) for days in range(period.days)]
    return list(range(24 if by is By.HOUR else 7 * 24))


def _moment(by: By, key: Key) -> str:
    if isinstance(key, date):
        return f"{key:%d %b}"
    day, hour = divmod(int(key or 0), 24)
    return f"{hour:02}:00" if by is By.HOUR else f"{WEEKDAYS[day]} {hour:02}:00"


def _names(by: By, keys: Collection[Key], user: User) -> dict[Key, str]:
    match by:
        case By.CHANNEL:
            return _of_rows(Channel.objects.all(), keys, "handle")
        case By.TEAM:
            return _of_rows(Team.objects.all(), keys, "name")
        case By.AGENT:
            nobody = "Nobody known" if user.leads else "Everyone else"
            return _of_rows(User.objects.all(), keys, "name") | {None: nobody}
        case By.TAG:
            return _of_rows(Tag.objects.all(), keys, "name") | {None: "No tag"}
        case By.NETWORK:
            return {key: connector_for(str(key)).label for key in keys}
        case By.SURFACE:
            return {key: SURFACES.get(key, str(key)) for key in keys}
        case _:
            return {key: str(key) or "Unknown" for key in keys}


def _of_rows(rows: QuerySet[M], keys: Collection[Key], name: str) -> dict[Key, str]:
    ids = [key for key in keys if isinstance(key, int)]
    return dict(rows.filter(pk__in=ids).values_list("pk", name))
