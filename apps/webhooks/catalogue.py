"""The kinds of events that programs outside may hear of, and what each is told."""

from collections.abc import Mapping
from datetime import UTC

from apps.ledger.models import Event

TESTED = "webhook_tested"

KINDS: Mapping[str, str] = {
    "received": "A message of a customer, or of your own account, came in",
    "edited": "A message was edited on its network",
    "deleted_there": "A message was deleted on its network",
    "assigned": "A conversation was given to somebody, or taken",
    "unassigned": "A conversation was put back into the queue by a person",
    "returned": "A conversation went back into the queue by itself",
    "resolved": "A conversation was resolved",
    "resolve_undone": "A resolve was taken back",
    "reopened": "A customer wrote again to a resolved conversation",
    "dismissed": "Somebody decided that no reply is needed",
    "snoozed": "A conversation was put off until an instant",
    "woke": "A conversation that was put off is due again",
    "tagged": "A tag was put on a conversation",
    "untagged": "A tag was taken off a conversation",
    "prioritized": "Somebody said how much a conversation matters",
    "flagged": "A flag was put on a customer",
    "unflagged": "A flag was taken off a customer",
    "merged": "A conversation became part of another",
    "noted": "A colleague left a note",
    "sent": "A reply is up on its network",
    "refused": "The network refused a reply",
    "needs_author": "It could not be settled whether a reply is up: its author decides",
    "set_aside": "Something that came in could not be taken in",
}

# What of an event's data is told: facts and ids. Never reasons, which are people's own words.
TOLD = ("opened", "into", "until", "priority", "tag", "flag")


def payload(event: Event) -> dict[str, object]:
    """Return what is told of an event: its kind, its instant in UTC, ids, and no text at all.

    It is the same for ever. Whoever wants more asks the desk, with rights of their own.
    """
    return {
        "type": event.kind,
        "timestamp": event.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "event_id": event.pk,
            "team_id": event.team_id,
            "channel_id": event.channel_id,
            "conversation_id": event.conversation_id,
            "customer_id": event.customer_id,
            "message_id": event.message_id,
            "user_id": event.user_id,
            "by_id": event.by_id,
            **{name: event.data[name] for name in TOLD if name in event.data},
        },
    }
