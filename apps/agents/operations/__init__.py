"""Who works at the desk, how, and whether they are there."""

from apps.agents.operations.being_there import choose, note_departures, note_seen
from apps.agents.operations.joining import add_user, deactivate
from apps.agents.operations.planning import copy_last_week, move, plan, take_out
from apps.agents.operations.shaping import change_oneself, change_person, change_team

__all__ = [
    "add_user",
    "change_oneself",
    "change_person",
    "change_team",
    "choose",
    "copy_last_week",
    "deactivate",
    "move",
    "note_departures",
    "note_seen",
    "plan",
    "take_out",
]
