"""How the console writes times, waits and names."""

import re
from datetime import datetime, timedelta

from django.utils import timezone

MINUTE, HOUR, DAY = 60, 3600, 86400
HUES = 10
# Whatever else a browser claims to be, the first of these that it names is what it is.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def running(seconds: float) -> str:
    """Spell a running wait as `static/console/js/clocks.js` does: 3:12, 2 h 05, 3 d."""
    whole = max(0, int(seconds))
    if whole < HOUR:
        return f"{whole // MINUTE}:{whole % MINUTE:02}"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02}"
    return f"{whole // DAY} d"


def until(due: datetime, now: datetime) -> str:
    """Say how long until it is due, or past it, as `static/console/js/clocks.js` does."""
    left = (due - now).total_seconds()
    return f"due in {_rough(left)}" if left >= 0 else f"overdue {_rough(-left)}"


def _rough(seconds: float) -> str:
    whole = int(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    return f"{whole // MINUTE} min" if whole < HOUR else running(seconds)


def duration(seconds: float) -> str:
    """Spell a measured time for reading: 38 s, 5 m 12, 1 h 05, 2 d 3 h."""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} m {whole % MINUTE:02}"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02}"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def day(instant: datetime, now: datetime) -> str:
    """Name the day of an instant in the desk's zone: Today, Yesterday, 12 November."""
    there, here = timezone.localtime(instant), timezone.localtime(now)
    if there.date() == here.date():
        return "Today"
    if there.date() == here.date() - timedelta(days=1):
        return "Yesterday"
    return f"{there.day} {there:%B}" if there.year == here.year else f"{there.day} {there:%B %Y}"


def brief_instant(instant: datetime, now: datetime) -> str:
    """Say when in as few characters as a list has room for: 14:05, 12 Nov, 3 Aug 2024."""
    there, here = timezone.localtime(instant), timezone.localtime(now)
    if there.date() == here.date():
        return f"{there:%H:%M}"
    return f"{there.day} {there:%b}" if there.year == here.year else f"{there.day} {there:%b %Y}"


def coming_instant(instant: datetime) -> str:
    """Say when something is to come, the weekday first: Thu 26 Nov, 09:00."""
    there = timezone.localtime(instant)
    return f"{there:%a} {there.day} {there:%b, %H:%M}"


def clock_time(instant: datetime) -> str:
    """Say when by the clock on the desk's wall: 14:05."""
    return f"{timezone.localtime(instant):%H:%M}"


def clock_instant(instant: datetime, now: datetime) -> str:
    """Say when to the second, for a log: 14:05:09, 12 Nov 14:05."""
    there, here = timezone.localtime(instant), timezone.localtime(now)
    if there.date() == here.date():
        return f"{there:%H:%M:%S}"
    year = "" if there.year == here.year else f" {there.year}"
    return f"{there.day} {there:%b}{year} {there:%H:%M}"


def hours_of_day(begins: datetime | None, ends: datetime | None, *, is_open: bool) -> str:
    """Say which hours of one day are meant: 09:00–17:00, from 22:00, until 06:00, all day.

    None where it goes on from the day before, or into the next; `is_open` where it never ends.
    """
    if begins is None and ends is None:
        return "always on" if is_open else "all day"
    if ends is None:
        return f"from {clock_time(begins)}" if begins else ""
    closes = clock_time(ends)
    closes = "24:00" if closes == "00:00" else closes
    return f"until {closes}" if begins is None else f"{clock_time(begins)}–{closes}"


def full_instant(instant: datetime) -> str:
    """Say exactly when, with the zone: Mon 23 November 2026, 19:41:02 CET."""
    there = timezone.localtime(instant)
    return f"{there:%a} {there.day} {there:%B %Y, %H:%M:%S %Z}"


def initials(name: str) -> str:
    """Return what stands in a round picture: the first letters of the first and last word."""
    words = re.findall(r"\w\S*", name) or [name.strip() or "?"]
    ends = [words[0], words[-1]] if len(words) > 1 else [words[0]]
    return "".join(word[0] for word in ends).upper()


def hue(number: int) -> int:
    """Return which of the stylesheet's hues a person gets; the same for ever."""
    return number % HUES


def browser(user_agent: str) -> str:
    """Name a browser as people do: Firefox on Windows."""
    names = (
        next((name for sign, name in known.items() if sign in user_agent), "")
        for known in (BROWSERS, SYSTEMS)
    )
    return " on ".join(name for name in names if name) or user_agent[:60] or "An unknown browser"
