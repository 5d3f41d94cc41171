"""When a late parent shows that two threads are one (threads.md)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F

from apps.common import sets
from apps.conversations import marks
from apps.conversations.models import (
    Conversation,
    ConversationTag,
    Message,
    Placeholder,
    Thread,
)
from apps.ledger.recording import Entry, record
from apps.sla.episodes import id_order

MERGED = "merged"
_MOST_ALIVE = {"open": 0, "snoozed": 1, "resolved": 2}


def join_threads(*, survivor_id: int, other_ids: Sequence[int], at: datetime) -> set[int]:
    """Move everything of the other threads into the survivor, joining conversations too.

    Returns the conversations that took others in. The caller holds the channel's receiving lock.
    """
    if not other_ids:
        return set()
    joined = _join_conversations(survivor_id, other_ids, at=at)
    Conversation.objects.filter(thread__in=other_ids).update(thread=survivor_id)
    Message.objects.filter(thread__in=other_ids).update(thread=survivor_id)
    Placeholder.objects.filter(thread__in=other_ids).update(thread=survivor_id)
    keys = list(Thread.objects.filter(id__in=other_ids).values_list("thread_key", flat=True))
    Thread.objects.filter(id__in=other_ids).delete()
    keep_first_ids({survivor_id: min(keys, key=id_order)})
    return joined


def keep_first_ids(firsts: Mapping[int, str]) -> None:
    """Make each thread's key the given id where that comes before the present one."""
    if not firsts:
        return
    present = sets.execute(
        "SELECT id, thread_key FROM conversations_thread WHERE id = ANY(%b::bigint[])",
        list(firsts),
    )
    earlier = {i: firsts[i] for i, key in present if id_order(firsts[i]) < id_order(key)}
    if earlier:
        sets.send(
            """
            UPDATE conversations_thread thread SET thread_key = earlier.thread_key
            FROM unnest(%b::bigint[], %b::text[]) AS earlier(id, thread_key)
            WHERE thread.id = earlier.id
            """,
            list(earlier),
            list(earlier.values()),
        )


def _join_conversations(survivor_id: int, other_ids: Sequence[int], *, at: datetime) -> set[int]:
    by_identity: dict[int, list[Conversation]] = defaultdict(list)
    for conversation in (
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("channel")
        .filter(thread__in=[survivor_id, *other_ids], merged_into__isnull=True)
        .order_by("id")
    ):
        by_identity[conversation.identity_id].append(conversation)
    for same in by_identity.values():
        for other in same[1:]:
            _join(same[0], other)
            record([_merged(other, into=same[0])], at=at)
    return {same[0].pk for same in by_identity.values() if len(same) > 1}


def _join(survivor: Conversation, other: Conversation) -> None:
    """The lowest id survives; its clocks are derived anew once the batch is stored."""
    _join_states(survivor, other)
    if _prefers(other, survivor):
        survivor.assignee_id = other.assignee_id
        survivor.assigned_at = other.assigned_at
        survivor.assigned_because = other.assigned_because
        survivor.assigned_by_person = other.assigned_by_person
        survivor.weight, survivor.returns_at = other.weight, other.returns_at
        survivor.returned_from_id = other.returned_from_id
    unseen = [at for at in (survivor.unseen_since, other.unseen_since) if at]
    survivor.unseen_since = min(unseen, default=None)
    survivor.last_message_at = max(survivor.last_message_at, other.last_message_at)
    other.clocks.all().delete()
    _join_messages(survivor, other)
    _join_drafts(survivor, other)
    other.attachments.filter(message__isnull=True).update(conversation=survivor)
    Conversation.objects.filter(merged_into=other).update(merged_into=survivor)
    Conversation.objects.filter(id=other.id).update(
        merged_into=survivor,
        state=Conversation.State.RESOLVED,
        assignee=None,
        assigned_at=None,
        returns_at=None,
        waiting_since=None,
        unseen_since=None,
        snoozed_until=None,
        woke_at=None,
        paused_for=None,
    )
    _join_marks(survivor, other)
    survivor.save()


def _join_states(survivor: Conversation, other: Conversation) -> None:
    """Of two snoozes the earlier end counts."""
    survivor.state = min((survivor.state, other.state), key=_MOST_ALIVE.__getitem__)
    untils = [at for at in (survivor.snoozed_until, other.snoozed_until) if at]
    is_snoozed = survivor.state == Conversation.State.SNOOZED
    survivor.snoozed_until = min(untils) if is_snoozed else None
    woken = [at for at in (survivor.woke_at, other.woke_at) if at]
    survivor.woke_at = min(woken, default=None)


def _join_marks(survivor: Conversation, other: Conversation) -> None:
    """The last word about each tag, and about the priority, counts, in whichever it was said."""
    said = marks.said_about({survivor.pk: survivor.identity_id})
    last = said.get(survivor.pk, marks.NOTHING_SAID).last_marks()
    survivor.priority = last.priority
    ConversationTag.objects.filter(conversation__in=[survivor, other]).delete()
    ConversationTag.objects.bulk_create(
        ConversationTag(conversation=survivor, tag_id=tag_id) for tag_id in sorted(last.tag_ids)
    )


def _join_messages(survivor: Conversation, other: Conversation) -> None:
    """Where both had a reply in flight, the network is asked about the second one."""
    if survivor.messages.filter(state=Message.State.IN_FLIGHT).exists():
        other.messages.filter(state=Message.State.IN_FLIGHT).update(
            state=Message.State.UNKNOWN, not_before=F("attempted_at")
        )
    other.messages.update(conversation=survivor)


def _join_drafts(survivor: Conversation, other: Conversation) -> None:
    """Somebody who was writing in both keeps both texts."""
    kept = {draft.user_id: draft for draft in survivor.drafts.all()}
    for draft in other.drafts.all():
        if draft.user_id in kept:
            kept[draft.user_id].text += f"\n\n{draft.text}"
            kept[draft.user_id].save()
            draft.delete()
        else:
            draft.conversation = survivor
            draft.save()


def _prefers(other: Conversation, survivor: Conversation) -> bool:
    """A person's assignment wins, then the latest."""
    if other.assigned_at is None:
        return False
    if survivor.assigned_at is None:
        return True
    return (other.assigned_by_person, other.assigned_at) > (
        survivor.assigned_by_person,
        survivor.assigned_at,
    )


def _merged(other: Conversation, *, into: Conversation) -> Entry:
    return Entry(
        kind=MERGED,
        conversation_id=other.pk,
        channel_id=other.channel_id,
        team_id=other.channel.team_id,
        data={"into": into.pk},
        quiet=other.channel.connector.receives_only,
    )
