"""The waits of a conversation that ended with an answer or a resolve."""

from dataclasses import dataclass

from apps.conversations.models import Clock, Conversation

MOST = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """Answered waits by the id of the reply that ended each, and the last resolution."""

    answers: dict[int, Clock]
    resolution: Clock | None


def ended(conversation: Conversation) -> Ended:
    """Return the newest waits that ended so."""
    ends = [Clock.Stop.REPLY, Clock.Stop.RESOLVED]
    found = list(conversation.clocks.filter(stop__in=ends).order_by("-stopped_at")[:MOST])
    return Ended(
        answers={clock.reply_id: clock for clock in found if clock.reply_id is not None},
        resolution=next((c for c in found if c.stop == Clock.Stop.RESOLVED), None),
    )
