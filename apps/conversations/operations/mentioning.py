"""Colleagues named in a note: @Ana, or @Ana Bauer where several are called Ana."""

from collections.abc import Sequence
from datetime import datetime

import regex
from django.db.models import Q, QuerySet

from apps.agents.models import Membership, User
from apps.agents.notifications import NotificationKind
from apps.conversations.models import Conversation, Message
from apps.conversations.operations.notifying import Telling, tell

# An @ after a letter or a digit is an e-mail address.
_NAMED = regex.compile(r"(?<![\p{L}\p{N}.])@(?=\p{L})")


def tell_named(note: Message, *, by: User, at: datetime) -> int:
    """Tell each colleague whom a note names; return how many."""
    if note.conversation is None or "@" not in note.text:
        return 0
    people = readers(note.conversation).exclude(id=by.pk).order_by("id")
    return tell(
        [
            Telling(
                recipient_id=person.pk,
                kind=NotificationKind.MENTION,
                conversation_id=note.conversation.pk,
                message_id=note.pk,
                by_id=by.pk,
            )
            for person in named(note.text, people)
        ],
        at=at,
    )


def readers(conversation: Conversation) -> QuerySet[User]:
    """Active people who may read a conversation: of a private channel its team and the admins."""
    people: QuerySet[User] = User.objects.filter(is_active=True)
    if not conversation.channel.is_private:
        return people
    team = Membership.objects.filter(team=conversation.channel.team_id).values("user")
    return people.filter(Q(role=User.Role.ADMIN) | Q(id__in=team))


def named(text: str, people: Sequence[User] | QuerySet[User]) -> list[User]:
    """Return whom the text names by a whole name, else by a first name, in any case.

    A first name that several share names them all; the whole name names one.
    """
    spoken = text.casefold()
    found: dict[int, User] = {}
    for mention in _NAMED.finditer(spoken):
        rest = spoken[mention.end() :]
        whole = [person for person in people if _begins(rest, person.name)]
        longest = max((len(person.name) for person in whole), default=0)
        chosen = [person for person in whole if len(person.name) == longest] or [
            person for person in people if _begins(rest, person.first_name)
        ]
        found |= {person.pk: person for person in chosen}
    return list(found.values())


def _begins(rest: str, name: str) -> bool:
    """Whether the text goes on with this name, and the name ends there."""
    spoken = name.casefold()
    return rest.startswith(spoken) and not rest[len(spoken) : len(spoken) + 1].isalnum()
