"""Who else has a conversation open, and who is writing in it: live, in no row.

To open a conversation claims it softly: colleagues see that somebody is at it, and may still act.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.agents.models import User
from apps.common import whereabouts
from apps.conversations.models import Conversation
from apps.ledger.recording import nudge

# A page says every 20 s that it is open, and every 3 s that somebody writes.
OPEN_SECONDS, WRITING_SECONDS = 50, 8


class Doing(StrEnum):
    """What somebody does in a conversation."""

    READING = "reading"
    WRITING = "writing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Company:
    """Colleagues who are in the same conversation."""

    reading: tuple[User, ...] = ()
    writing: tuple[User, ...] = ()


def note(*, conversation: Conversation, by: User, doing: Doing) -> None:
    """Have colleagues see what somebody does; pages are nudged when that is a change."""
    opened, writes = _places(conversation)
    if doing is Doing.GONE:
        changes = [whereabouts.leave(opened, by.pk), whereabouts.leave(writes, by.pk)]
    else:
        changes = [whereabouts.note(opened, by.pk, seconds=OPEN_SECONDS)]
        if doing is Doing.WRITING:
            changes.append(whereabouts.note(writes, by.pk, seconds=WRITING_SECONDS))
        else:
            changes.append(whereabouts.leave(writes, by.pk))
    if any(changes):
        nudge(
            kind="together",
            team_id=conversation.channel.team_id,
            data={"conversation": conversation.pk},
        )


def company(*, conversation: Conversation, user: User) -> Company:
    """Return who else is there; whoever writes is not told as reading too."""
    return companies([conversation.pk], user=user).get(conversation.pk, Company())


def companies(conversation_ids: Sequence[int], *, user: User) -> dict[int, Company]:
    """Return who else is in each of these conversations; those in which nobody is are left out."""
    opened = _others(conversation_ids, "open", user)
    writes = _others([i for i in conversation_ids if opened[i]], "writing", user)
    there = {i: ids for i, ids in opened.items() if ids}
    people = User.objects.filter(is_active=True).in_bulk(set().union(*there.values()))
    return {
        i: Company(
            reading=tuple(people[pk] for pk in sorted((ids - writes[i]) & people.keys())),
            writing=tuple(people[pk] for pk in sorted(ids & writes[i] & people.keys())),
        )
        for i, ids in there.items()
    }


def _others(ids: Sequence[int], doing: str, user: User) -> dict[int, set[int]]:
    found = whereabouts.who_at([f"{doing}:{i}" for i in ids])
    return {i: there - {user.pk} for i, there in zip(ids, found.values(), strict=True)}


def _places(conversation: Conversation) -> tuple[str, str]:
    return f"open:{conversation.pk}", f"writing:{conversation.pk}"
