"""The replies and promises behind how personal the desk is, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from apps.agents.models import User
from apps.conversations.models import Likeness, Message, Pledge
from apps.reports.behind import PAGE
from apps.reports.personal import ALIKE, ASKED_AGAIN, pledges, replies
from apps.reports.questions import Question

M = TypeVar("M", bound=Model)


class Told(StrEnum):
    """What is counted of replies, and of promises."""

    COMPARED = "compared"
    ALIKE = "alike"
    ASKED_AGAIN = "asked-again"
    KEPT = "kept"
    BROKEN = "broken"


_REPLIES = {Told.COMPARED: Q(), Told.ALIKE: ALIKE, Told.ASKED_AGAIN: ASKED_AGAIN}
_PLEDGES = {Told.KEPT: Pledge.State.KEPT, Told.BROKEN: Pledge.State.BROKEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reply and how near it came to another, from 0 to 1; or a promise, with its words."""

    message: Message
    at: datetime
    person: User | None
    nearest: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class BehindPersonal:
    """Some of them; `next` is the id to go on after."""

    count: int
    rows: Sequence[Row]
    next: int | None


def behind_personal(question: Question, told: Told, *, after: int | None = None) -> BehindPersonal:
    """Return a page of what a figure counts."""
    if told in _REPLIES:
        return _of_replies(replies(question).filter(_REPLIES[told]), after)
    return _of_pledges(pledges(question).filter(state=_PLEDGES[told]), after)


def _of_replies(counted: QuerySet[Likeness], after: int | None) -> BehindPersonal:
    rows = counted.select_related(
        "message__conversation__identity", "message__channel", "message__author"
    )
    found = list(_after(rows, after)[: PAGE + 1])
    shown = [
        Row(
            message=one.message,
            at=one.said_at or one.message.received_at,
            person=one.message.author,
            nearest=one.nearest,
        )
        for one in found[:PAGE]
    ]
    return BehindPersonal(counted.count(), shown, found[PAGE - 1].pk if found[PAGE:] else None)


def _of_pledges(counted: QuerySet[Pledge], after: int | None) -> BehindPersonal:
    rows = counted.select_related("message__conversation__identity", "message__channel", "made_by")
    found = list(_after(rows, after)[: PAGE + 1])
    shown = [
        Row(message=one.message, at=one.made_at, person=one.made_by, words=one.words)
        for one in found[:PAGE]
    ]
    return BehindPersonal(counted.count(), shown, found[PAGE - 1].pk if found[PAGE:] else None)


def _after(rows: QuerySet[M], after: int | None) -> QuerySet[M]:
    return (rows if after is None else rows.filter(pk__lt=after)).order_by("-pk")
