"""What the console shows of things that could not be taken in."""

from django.db.models import QuerySet

from apps.agents.models import User
from apps.channels.models import Channel
from apps.intake.models import SetAside


def set_aside_for(user: User) -> QuerySet[SetAside]:
    """Items that wait for a person, oldest first, of the channels this person works for."""
    return (
        SetAside.objects.filter(
            settled_at__isnull=True, delivery__channel__in=Channel.objects.answered_by(user)
        )
        .exclude(reason=SetAside.Reason.ECHO)
        .select_related("delivery__channel")
        .order_by("id")
    )
