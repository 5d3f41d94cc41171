"""What people say about conversations and customers: tags, priority, flags.

Waits that open afterwards are judged by it, never those of messages that had reached the desk: so
each word counts from after the newest of them (`apps.conversations.marks`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.conversations.marks import FLAGGED, PRIORITIZED, TAGGED, UNFLAGGED, UNTAGGED
from apps.conversations.models import Conversation, ConversationTag, Message
from apps.conversations.operations.entries import of_conversation
from apps.conversations.operations.locking import locked, locked_all
from apps.customers.models import Customer, CustomerFlag
from apps.labels.models import Flag, Priority, Tag
from apps.ledger.recording import Entry, record


@transaction.atomic
def change_tags(
    *,
    conversation_ids: Collection[int],
    add: Collection[Tag] = (),
    remove: Collection[Tag] = (),
    by: User,
    at: datetime,
) -> int:
    """Put tags on conversations and take others off; return how many changed.

    All of the conversations or none: DeskError where one isn't this person's to act on.
    """
    _refuse_retired(add)
    conversations = locked_all(conversation_ids, by=by)
    bear = _tag_ids(conversations)
    added = [(c, tag) for c in conversations for tag in add if tag.pk not in bear[c.pk]]
    taken = [(c, tag) for c in conversations for tag in remove if tag.pk in bear[c.pk]]
    ConversationTag.objects.bulk_create(
        ConversationTag(conversation=conversation, tag=tag) for conversation, tag in added
    )
    ConversationTag.objects.filter(conversation__in=conversations, tag__in=remove).delete()
    words = [of_conversation(TAGGED, c, by_id=by.pk, data=_named("tag", tag)) for c, tag in added]
    words += [
        of_conversation(UNTAGGED, c, by_id=by.pk, data=_named("tag", tag)) for c, tag in taken
    ]
    _record(words, heard=_last_heard(conversations), at=at)
    return len({conversation.pk for conversation, _ in (*added, *taken)})


def tag(*, conversation: Conversation, tag: Tag, by: User, at: datetime) -> bool:
    """Put a tag on one conversation; return whether it had not borne it."""
    return change_tags(conversation_ids=[conversation.pk], add=[tag], by=by, at=at) > 0


def untag(*, conversation: Conversation, tag: Tag, by: User, at: datetime) -> None:
    """Take a tag off one conversation."""
    change_tags(conversation_ids=[conversation.pk], remove=[tag], by=by, at=at)


@transaction.atomic
def prioritize(*, conversation: Conversation, priority: str, by: User, at: datetime) -> str:
    """Say how much one conversation matters; return how much it did before."""
    before = str(locked(conversation, by=by).priority)
    set_priority(conversation_ids=[conversation.pk], priority=priority, by=by, at=at)
    return before


@transaction.atomic
def prioritize_back(
    *, conversation: Conversation, priority: str, was: str, by: User, at: datetime
) -> None:
    """Undo a priority: Conflict where it is no more `was`, what it was given then."""
    if locked(conversation, by=by).priority != was:
        raise Conflict("Somebody else decided about it since.")
    set_priority(conversation_ids=[conversation.pk], priority=priority, by=by, at=at)


@transaction.atomic
def set_priority(
    *, conversation_ids: Collection[int], priority: str, by: User, at: datetime
) -> int:
    """Say how much conversations matter; return how many changed. All of them or none."""
    if priority not in Priority.values:
        raise DeskError("Choose low, normal, high or urgent.")
    conversations = locked_all(conversation_ids, by=by)
    changed = [c for c in conversations if c.priority != priority]
    words = [
        of_conversation(PRIORITIZED, c, by_id=by.pk, data={"priority": priority, "was": c.priority})
        for c in changed
    ]
    Conversation.objects.filter(id__in=[c.pk for c in changed]).update(priority=priority)
    _record(words, heard=_last_heard(changed), at=at)
    return len(changed)


@transaction.atomic
def change_flags(
    *,
    conversation: Conversation,
    add: Collection[Flag] = (),
    remove: Collection[Flag] = (),
    by: User,
    at: datetime,
) -> None:
    """Flag the customer of a conversation, or take flags off.

    Who may act on one conversation with somebody may say what to mind about them. Put on, a flag
    hangs on whom they were born as here, and goes with them should people come apart. Taken off, it
    goes from everybody who is taken for this customer.
    """
    _refuse_retired(add)
    present = locked(conversation, by=by)
    customer_id = present.identity.customer_id
    customer = Customer.objects.select_for_update(no_key=True).get(id=customer_id)
    borne = list(CustomerFlag.objects.of(customer).values_list("customer", "flag"))
    added = [flag for flag in add if flag.pk not in {flag_id for _, flag_id in borne}]
    taken = [(whose, flag) for flag in remove for whose, flag_id in borne if flag_id == flag.pk]
    born_as = present.identity.home_id or customer_id
    CustomerFlag.objects.bulk_create(CustomerFlag(customer_id=born_as, flag=f) for f in added)
    CustomerFlag.objects.of(customer).filter(flag__in=[flag for _, flag in taken]).delete()
    said = [(FLAGGED, born_as, flag) for flag in added]
    said += [(UNFLAGGED, whose, flag) for whose, flag in taken]
    words = [
        of_conversation(kind, present, by_id=by.pk, customer_id=whose, data=_named("flag", flag))
        for kind, whose, flag in said
    ]
    theirs = Conversation.objects.filter(identity__customer=customer)
    heard = max(_last_heard(theirs).values(), default=at)
    _record(words, heard={present.pk: heard}, at=at)


def _refuse_retired(labels: Iterable[Tag | Flag]) -> None:
    for label in labels:
        if label.is_retired:
            raise DeskError(f"{label.name} is retired: choose another {label.NOUN}.")


def _tag_ids(conversations: Collection[Conversation]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = ConversationTag.objects.filter(conversation__in=conversations)
    for conversation_id, tag_id in rows.values_list("conversation_id", "tag_id"):
        found[conversation_id].add(tag_id)
    return found


def _last_heard(conversations: Iterable[Conversation]) -> dict[int, datetime]:
    rows = Message.objects.filter(
        conversation__in=conversations, direction=Message.Direction.INBOUND
    )
    heard = rows.values("conversation_id").annotate(at=Max("received_at"))
    return {row["conversation_id"]: row["at"] for row in heard}


def _named(what: str, label: Tag | Flag) -> dict[str, object]:
    """Its name stands beside its id: history tells what it was called then."""
    return {what: label.pk, "name": label.name}


def _record(words: Iterable[Entry], *, heard: Mapping[int, datetime], at: datetime) -> None:
    by_instant: dict[datetime, list[Entry]] = defaultdict(list)
    for word in words:
        since = at if word.conversation_id is None else heard.get(word.conversation_id, at)
        by_instant[max(at, since)].append(word)
    for instant, entries in by_instant.items():
        record(entries, at=instant)
