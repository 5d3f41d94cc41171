"""Acts: a named person's explicit decisions that a text goes out."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.agents.models import User


class Act(models.Model):
    """Who decided, in which session, when. Only `replying.reply` writes one."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acts")
    session_hash = models.CharField(max_length=64, help_text="sha256 of the session's key.")
    at = models.DateTimeField()
    once = models.CharField(
        max_length=64,
        null=True,
        unique=True,
        help_text="The form's own token: sending the same form twice is one decision.",
    )
    voided_at = models.DateTimeField(null=True, help_text="Undone before anything left.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(session_hash__regex=r"^[0-9a-f]{64}$"), name="act_names_a_session"
            )
        ]
        triggers = [
            pgtrigger.Protect(name="act_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="act_by_active_user",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM agents_user WHERE id = NEW.user_id AND is_active
                    ) THEN
                        RAISE EXCEPTION 'an Act names an active user' USING ERRCODE = '23514';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="act_only_voided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.voided_at IS NOT NULL"
                    " OR (OLD.id, OLD.user_id, OLD.session_hash, OLD.at)"
                    " IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.session_hash, NEW.at)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Act {self.pk} by {self.user_id}"


class ActPart(models.Model):
    """The hashes of one exact final text that the Act lets out, and of what goes with it."""

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="parts")
    part = models.PositiveSmallIntegerField()
    text_sha256 = models.CharField(max_length=64)
    attachment_sha256s = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "part"], name="act_part_once")]
        triggers = [
            pgtrigger.Protect(name="act_part_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"part {self.part} of act {self.act_id}"
