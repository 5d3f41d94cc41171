"""One decision about many conversations: each is decided by itself, with an event of its own.

Nothing that says something to a customer is among them: only a person writes to a person.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from apps.agents.models import User
from apps.common.errors import DeskError
from apps.conversations.models import Conversation
from apps.conversations.operations import assigning, labelling, resolving, snoozing

MOST = 500
NOT_THERE = "There is no such conversation."
ON_MANY: tuple[Callable[..., object], ...] = (
    assigning.assign,
    assigning.assign_back,
    labelling.tag,
    labelling.untag,
    labelling.prioritize,
    labelling.prioritize_back,
    resolving.resolve,
    resolving.undo_resolve,
    resolving.dismiss,
    snoozing.snooze,
    snoozing.snooze_back,
    snoozing.wake,
)


@dataclass(slots=True)
class Outcome:
    """Which conversations it was decided for, and why it was refused for the others.

    `before` has what the decision tells of how each had been, for whoever undoes it.
    """

    decided: list[int] = field(default_factory=list)
    before: dict[int, object] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def decide(
    decision: Callable[..., object],
    *,
    conversation_ids: Collection[int],
    by: User,
    at: datetime,
    of_each: Mapping[int, Mapping[str, object]] | None = None,
    **said: object,
) -> Outcome:
    """Take one of the decisions ON_MANY about each of these conversations, ids ascending.

    `said` goes to each as it is: one reason why no reply is needed serves those that wait;
    `of_each` has what differs, by the conversation's id. Each is a transaction of its own, so one
    that is refused holds up none of the others, and no lock is held while the next is waited for.
    DeskError for more than MOST at once.
    """
    if decision not in ON_MANY:
        raise ValueError(f"{decision.__name__} is not decided about many conversations at once.")
    if len(conversation_ids) > MOST:
        raise DeskError(f"Choose at most {MOST} conversations at once.")
    found = Conversation.objects.visible_to(by).in_bulk(conversation_ids)
    outcome = Outcome(refused={i: NOT_THERE for i in conversation_ids if i not in found})
    for conversation_id, conversation in sorted(found.items()):
        try:
            own = (of_each or {}).get(conversation_id, {})
            before = decision(conversation=conversation, by=by, at=at, **said, **own)
        except DeskError as error:
            outcome.refused[conversation_id] = str(error)
        else:
            outcome.decided.append(conversation_id)
            outcome.before[conversation_id] = before
    return outcome
