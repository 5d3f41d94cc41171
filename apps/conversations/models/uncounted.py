"""What reports have to count anew: noted by triggers, so that whoever writes need not think of it.

Nothing here is unique, so that nobody who writes waits for another; a note is a few bytes.
"""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from apps.channels.models import Channel


class Uncounted(models.Model):
    """A quarter of an hour of a channel in which waits began, or messages were posted, that are
    new or have changed since `noted_at`.
    """

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    quarter = models.DateTimeField()
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "uncounted"

    def __str__(self) -> str:
        return f"{self.quarter:%d %b %Y %H:%M} of channel {self.channel_id}"


def noting(rows: str, *, at: str) -> str:
    """Return what notes rows of a trigger, which have a channel and an instant in that column."""
    quarter = f"date_bin('15 minutes', {at}, timestamptz 'epoch')"
    return (
        "INSERT INTO conversations_uncounted (channel_id, quarter)"  # noqa: S608 - words of ours
        f" SELECT DISTINCT channel_id, {quarter} FROM {rows}"
        f" WHERE {at} IS NOT NULL; RETURN NULL;"
    )


def noted_on_insert(name: str, *, at: str) -> pgtrigger.Trigger:
    """Note what a statement stores."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(new="is_now"),  # type: ignore[no-untyped-call]
        func=noting("is_now", at=at),
    )


def noted_on_update(name: str, *, at: str) -> pgtrigger.Trigger:
    """Note both what rows were that a statement changes, and what they are."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=pgtrigger.Update,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(old="was", new="is_now"),  # type: ignore[no-untyped-call]
        func=noting("(TABLE was UNION ALL TABLE is_now) changed", at=at),
    )


def noted_on_delete(name: str, *, at: str) -> pgtrigger.Trigger:
    """Note what a statement deletes."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        operation=pgtrigger.Delete,
        when=pgtrigger.After,
        referencing=pgtrigger.Referencing(old="was"),  # type: ignore[no-untyped-call]
        func=noting("was", at=at),
    )
