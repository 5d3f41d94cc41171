"""The waits of a conversation that ended with an answer or a resolve."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.conversations.models import Clock


@dataclass(frozen=True, slots=True)
class Ended:
    """Answered waits by the id of the reply that ended each, and the last resolution."""

    answers: dict[int, Clock]
    resolution: Clock | None


def ended(clocks: Sequence[Clock]) -> Ended:
    """Tell which of a conversation's clocks, newest first, ended so."""
    resolved = [
        (clock.stopped_at, clock)
        for clock in clocks
        if clock.stop == Clock.Stop.RESOLVED and clock.stopped_at
    ]
    return Ended(
        answers={clock.reply_id: clock for clock in clocks if clock.reply_id is not None},
        resolution=max(resolved, key=lambda one: one[0])[1] if resolved else None,
    )
