"""Promising a customer something by a time, reminding of it once, and saying how it ended."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.agents.models import User
from apps.agents.notifications import NotificationKind
from apps.common.errors import Conflict, DeskError
from apps.conversations.models import Conversation, Message, Pledge
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked
from apps.conversations.operations.notifying import Telling, tell
from apps.ledger.recording import Entry, record

LONGEST = 300
FURTHEST = timedelta(days=731)
WARNING = timedelta(minutes=15)
MOST_AT_ONCE = 500


@transaction.atomic
def pledge(*, message: Message, words: str, due_at: datetime, by: User, at: datetime) -> Pledge:
    """Note that these words of a reply or a note promise the customer something by an instant."""
    if message.conversation is None:
        raise DeskError("Only what is said in a conversation can be a promise.")
    conversation = locked(message.conversation, by=by)
    said = " ".join(words.split())
    _refuse_unclear(message, said, due_at, at=at)
    made, is_new = Pledge.objects.get_or_create(
        message=message,
        words=said,
        defaults={
            "identity_id": conversation.identity_id,
            "due_at": due_at,
            "made_by": by,
            "made_at": at,
            "warn_at": due_at - min(WARNING, (due_at - at) / 2),
        },
    )
    if not is_new:
        raise Conflict("These words are marked as a promise already. It stands beside the story.")
    record([_entry("promised", made, conversation, by=by)], at=at)
    return made


@transaction.atomic
def settle(*, pledge: Pledge, state: str, note: str, by: User, at: datetime) -> None:
    """Say that it was kept or broken, or only marked by mistake; whoever helps the customer may."""
    present = (
        Pledge.objects.select_for_update(of=("self",), no_key=True)
        .select_related("identity", "message__conversation__channel", "settled_by")
        .get(id=pledge.pk)
    )
    theirs = Conversation.objects.answered_by(by)
    if not theirs.filter(identity__customer=present.identity.customer_id).exists():
        raise DeskError("Another team answers this customer. You can read it, not act on it.")
    if present.state != Pledge.State.OPEN:
        raise Conflict(f"{present.settled_by} already said how this ended: {present.state}.")
    if state not in {Pledge.State.KEPT, Pledge.State.BROKEN, Pledge.State.WITHDRAWN}:
        raise DeskError("Say whether it was kept, broken, or marked by mistake.")
    present.state = state
    present.settled_by, present.settled_at = by, at
    present.settled_note = " ".join(note.split())[:LONGEST]
    present.save(update_fields=["state", "settled_by", "settled_at", "settled_note"])
    if (conversation := present.message.conversation) is not None:
        record([_entry(f"promise_{state}", present, conversation, by=by)], at=at)


def warn_of_pledges(*, at: datetime) -> int:
    """Remind of each open promise once, before it is due: called by the sweep.

    Whoever made it is reminded, and whoever has the customer's newest conversation in hand.
    Returns how many promises were reminded of.
    """
    warned = 0
    while some := _warn_some(at=at):
        warned += some
    return warned


@transaction.atomic
def _warn_some(*, at: datetime) -> int:
    ripe = list(
        Pledge.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(state=Pledge.State.OPEN, warned_at__isnull=True, warn_at__lte=at)
        .select_related("message__conversation__channel", "identity")
        .order_by("warn_at", "id")[:MOST_AT_ONCE]
    )
    for each in ripe:
        conversation = each.message.conversation
        if conversation is None or each.message.state in Message.NEVER_SAID:
            continue
        tell(
            [
                Telling(
                    recipient_id=person_id,
                    kind=NotificationKind.PLEDGE,
                    conversation_id=conversation.pk,
                    due_at=each.due_at,
                    message_id=each.message_id,
                    by_id=each.made_by_id,
                )
                for person_id in sorted(_concerned(each, conversation))
            ],
            at=at,
        )
        record([_entry("promise_due", each, conversation, by=None)], at=at)
    Pledge.objects.filter(id__in=[each.pk for each in ripe]).update(warned_at=at)
    return len(ripe)


def _concerned(pledge: Pledge, conversation: Conversation) -> set[int]:
    """Of those who may read where it was made."""
    newest = (
        Conversation.objects.filter(
            identity__customer=pledge.identity.customer_id, merged_into__isnull=True
        )
        .order_by("-last_message_at", "-id")
        .first()
    )
    people = {pledge.made_by_id, newest.assignee_id if newest else None}
    found = User.objects.filter(id__in=[i for i in people if i], is_active=True)
    if conversation.channel.is_private:
        team = Q(teams=conversation.channel.team_id)
        found = found.filter(team | Q(role=User.Role.ADMIN)).distinct()
    return set(found.values_list("id", flat=True))


def _refuse_unclear(message: Message, said: str, due_at: datetime, *, at: datetime) -> None:
    if message.direction == Message.Direction.INBOUND or message.state in Message.NEVER_SAID:
        raise DeskError("Only words of ours can be a promise: of a reply or a note.")
    if not said:
        raise DeskError("Select the words that promise something first.")
    if len(said) > LONGEST:
        raise DeskError(f"Select fewer words: a promise has up to {LONGEST} characters.")
    if said not in " ".join(message.text.split()):
        raise DeskError("These words don't stand in the message. Select them there.")
    if due_at <= at:
        raise DeskError("A promise is due in the future. Choose a later time.")
    if due_at - at > FURTHEST:
        raise DeskError("A promise is due within two years. Choose an earlier time.")


def _entry(kind: str, pledge: Pledge, conversation: Conversation, *, by: User | None) -> Entry:
    return of_conversation(
        kind,
        conversation,
        by_id=by.pk if by else None,
        message_id=pledge.message_id,
        data={"pledge": pledge.pk, "due": pledge.due_at.isoformat()},
    )
