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


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears a nudge: one person, else a team, else everybody."""

    team_id: int | None
    user_id: int | None = None


@dataclass(slots=True)
class Batch:
    """Nudges of one moment: all changes of a team become one, other kinds are kept once."""

    _changes: dict[Audience, "_Change"] = field(default_factory=dict)
    _others: dict[tuple[Audience, str], None] = field(default_factory=dict)

    def add(self, raw: bytes) -> None:
        """Add a nudge as published. Raises `UnreadableError`."""
        nudge = _read(raw)
        audience = Audience(nudge.pop("team"), nudge.pop("to", None))
        if nudge["kind"] == "changed":
            self._changes.setdefault(audience, _Change()).add(nudge)
        else:
            self._others[audience, _json(nudge)] = None

    def frames(self) -> list[tuple[Audience, bytes]]:
        """Return each frame to write, and for whom."""
        changes = [(audience, _json(change.nudge())) for audience, change in self._changes.items()]
        return [(audience, frame(data)) for audience, data in [*changes, *self._others]]


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
