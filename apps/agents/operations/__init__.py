"""Who works at the desk, how, and whether they are there."""

from apps.agents.operations.being_there import choose, note_departures, note_seen
from apps.agents.operations.credentials import give_password, note_credentials
from apps.agents.operations.inviting import accept, invite, renew, withdraw
from apps.agents.operations.joining import add_user
from apps.agents.operations.leaving import (
    bring_back,
    deactivate,
    end_other_sessions,
    end_session,
    sign_out_everywhere,
)
from apps.agents.operations.placing import drop_second_factor, place
from apps.agents.operations.planning import copy_last_week, move, plan, take_out
from apps.agents.operations.shaping import (
    add_team,
    change_oneself,
    change_person,
    change_team,
    remove_team,
    team_named,
)

__all__ = [
    "accept",
    "add_team",
    "add_user",
    "bring_back",
    "change_oneself",
    "change_person",
    "change_team",
    "choose",
    "copy_last_week",
    "deactivate",
    "drop_second_factor",
    "end_other_sessions",
    "end_session",
    "give_password",
    "invite",
    "move",
    "note_credentials",
    "note_departures",
    "note_seen",
    "place",
    "plan",
    "remove_team",
    "renew",
    "sign_out_everywhere",
    "take_out",
    "team_named",
    "withdraw",
]
