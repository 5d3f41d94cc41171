"""Nudges from the bus: gathered for a moment, so that a busy desk sends few frames."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

log = structlog.get_logger(__name__)

# Above this a page had better look at everything again than at a list of ids.
MANY_CONVERSATIONS = 200


class UnreadableError(ValueError):
    """Something on the bus is no nudge."""


@dataclass(slots=True)
class Batch:
    """Nudges of one moment: all changes of a team become one, other kinds are kept once."""

    _changes: dict[int | None, "_Change"] = field(default_factory=dict)
    _others: dict[tuple[int | None, str], None] = field(default_factory=dict)

    def add(self, raw: bytes) -> None:
        """Add a nudge as published. Raises `UnreadableError`."""
        nudge = _read(raw)
        team_id = nudge.pop("team")
        if nudge["kind"] == "changed":
            self._changes.setdefault(team_id, _Change()).add(nudge)
        else:
            self._others[team_id, _json(nudge)] = None

    def frames(self) -> list[tuple[int | None, bytes]]:
        """Return (team, frame) for each frame to write."""
        changes = [(team_id, _json(change.nudge())) for team_id, change in self._changes.items()]
        return [(team_id, frame(data)) for team_id, data in [*changes, *self._others]]


@dataclass(slots=True)
class _Change:
    events: set[str] = field(default_factory=set)
    conversations: set[int] = field(default_factory=set)

    def add(self, nudge: Mapping[str, Any]) -> None:
        self.events.update(nudge["events"])
        self.conversations.update(nudge["conversations"])

    def nudge(self) -> dict[str, object]:
        if len(self.conversations) > MANY_CONVERSATIONS:
            return {"kind": "refresh"}
        return {
            "kind": "changed",
            "events": sorted(self.events),
            "conversations": sorted(self.conversations),
        }


def frame(data: str, *, event: str = "") -> bytes:
    """Return one Server-Sent Event; `data` must not contain a line break."""
    return f"event: {event}\ndata: {data}\n\n".encode() if event else f"data: {data}\n\n".encode()


def _read(raw: bytes) -> dict[str, Any]:
    try:
        nudge = json.loads(raw)
    except ValueError as error:
        raise UnreadableError("not JSON") from error
    if not isinstance(nudge, dict) or not {"kind", "team"} <= nudge.keys():
        raise UnreadableError("without kind or team")
    if nudge["kind"] == "changed" and not {"events", "conversations"} <= nudge.keys():
        raise UnreadableError("a change without events or conversations")
    return nudge


def _json(nudge: Mapping[str, object]) -> str:
    return json.dumps(nudge, separators=(",", ":"))
