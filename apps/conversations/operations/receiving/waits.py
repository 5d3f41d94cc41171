"""What a batch means for clocks: most go on from where they are, some are derived anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from apps.common import sets
from apps.conversations import clocks
from apps.conversations.clocks import Standing
from apps.conversations.models.message import SILENT_SURFACES
from apps.conversations.operations.receiving.batch import Arrival
from apps.conversations.promises import Where
from apps.sla.episodes import Moment, Step, id_order


def bring_up_to_date(
    fresh: Sequence[Arrival],
    *,
    new: Mapping[int, Sequence[Arrival]],
    changed: Set[int],
    new_message_ids: Set[int],
    policies: sets.Sent,
    at: datetime,
) -> dict[int, Standing]:
    """Run the clocks of every conversation that was written to, and of the `changed` ones.

    The latter hold more that is new to them than these messages. The `new` ones aren't written yet;
    `policies` were asked for already (`ask_for_policies`).
    """
    said: dict[int, list[Moment]] = defaultdict(list)
    for arrival in fresh:
        if arrival.conversation_id is not None:
            said[arrival.conversation_id] += _moments(arrival, at=at)
    touched = said.keys() | changed
    where = {
        i: Where(first.channel.pk, first.channel.team_id, first.identity_id)
        for i, [first, *_] in new.items()
        if first.identity_id is not None
    }
    standings = clocks.read_on(
        {i: said[i] for i in said.keys() - changed}, new=where, policies=policies, at=at
    )
    return standings | clocks.rerun(
        touched - standings.keys(),
        new=where,
        new_message_ids=new_message_ids,
        policies=policies,
    )


def _moments(arrival: Arrival, *, at: datetime) -> list[Moment]:
    """What was found or followed asks for nothing."""
    message = arrival.message
    if not message.ours and message.surface in SILENT_SURFACES:
        return []
    return [
        Moment(
            message.posted_at,
            Step.ANSWERED if message.ours else Step.ASKED,
            id_order(message.external_id),
            arrival.message_id,
            arrival.credited_to_id,
            str(message.surface),
            received_at=at,
            language=message.language,
        )
    ]
