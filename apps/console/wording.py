"""What happened and how a reply fares, in words for people."""

from collections.abc import Mapping
from datetime import datetime

from apps.console import spelling
from apps.conversations.models import Clock, Message
from apps.ledger.models import Event

SOMEBODY = "Somebody"


def happened(event: Event, names: Mapping[int, str]) -> str:
    """Say what an event of the ledger was."""
    by = names.get(event.by_id or 0, SOMEBODY)
    reason = str(event.data.get("reason", ""))
    match event.kind:
        case "assigned":
            because = str(event.data.get("because", ""))
            return f"Assigned to {names.get(event.user_id or 0, SOMEBODY)}. {because}".strip()
        case "unassigned":
            return f"{by} put it back into the queue"
        case "returned":
            return f"Back in the queue. {event.data.get('because', '')}".strip()
        case "kept":
            return f"{by} keeps it"
        case "reopened":
            return "Reopened: the customer wrote again"
        case "resolved":
            return f"Resolved by {by}" + (f", no reply needed: {reason}" if reason else "")
        case "resolve_undone":
            return f"{by} took the resolve back"
        case "dismissed":
            return f"{by} decided that no reply is needed: {reason}"
        case "merged":
            return "Joined with another conversation of the same thread"
        case kind:
            return f"{kind.replace('_', ' ').capitalize()} by {by}"


def fares(message: Message, *, now: datetime) -> str:
    """Say where one of our messages is on its way, and what to do; empty once it is there."""
    network = message.channel.connector.label
    match message.state:
        case Message.State.QUEUED if message.not_before and message.not_before > now:
            return "Leaves in a moment"
        case Message.State.QUEUED:
            return "About to leave"
        case Message.State.IN_FLIGHT:
            return "Being sent…"
        case Message.State.RETRY:
            return f"{network} could not take it yet. The desk tries again by itself."
        case Message.State.UNKNOWN:
            return f"Perhaps it is up. The desk is asking {network}; do not write it again."
        case Message.State.REFUSED:
            return f"{network} refused it: {message.error or 'no reason given'}."
        case Message.State.NEEDS_AUTHOR:
            return (
                f"It could not be settled whether {network} has it. Look at the thread there:"
                " if it is not up, bring it back and send it again."
            )
        case _:
            return ""


def waits(since: datetime, clock: Clock | None) -> str:
    """Say since when somebody waits, and until when and by which policy they were promised."""
    sentence = f"Waiting since {spelling.full_instant(since)}."
    if clock is None or clock.due_at is None:
        return sentence
    return f"{sentence} Due {spelling.full_instant(clock.due_at)}, by {judged(clock)}."


def judged(clock: Clock) -> str:
    """Name the policy's version that judges a clock, and that of its hours."""
    if clock.policy_version is None:
        return "no policy"
    if clock.calendar_version is None:
        return f"{clock.policy_version}, round the clock"
    hours = clock.calendar_version
    return f"{clock.policy_version}, in {hours.business_hours}, version {hours.version}"
