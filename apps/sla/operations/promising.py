"""What the desk promises is decided: policies are saved, moved in their order, and retired."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import User
from apps.common import sets
from apps.common.errors import Conflict, DeskError, sentence
from apps.ledger.recording import Entry, record
from apps.sla.models import Policy, PolicyVersion
from apps.sla.queries import present_policies

SAID = (
    "name",
    "channel",
    "team",
    "surface",
    "priority",
    "tag",
    "flag",
    "first_response_minutes",
    "next_response_minutes",
    "resolution_minutes",
    "business_hours",
    "warn_percent",
)
GONE = "Somebody retired this policy meanwhile: look at the list again."


@transaction.atomic
def save_policy(
    *, said: PolicyVersion, policy: Policy | None = None, by: User | None, at: datetime
) -> PolicyVersion:
    """Save what `said` says as the next version of a policy, or as a new one at the list's end.

    `said` isn't stored itself. Nothing is saved where nothing differs from the version before.
    DeskError says what to correct, or who may decide.
    """
    present = _locked()
    before = None if policy is None else _of(policy, present)
    if by and not all(one.may_be_decided_by(by) for one in (said, before) if one):
        raise DeskError(
            "Managers decide about their own teams' promises: choose one of your teams or"
            " channels, or ask an admin."
        )
    if before and all(getattr(before, name) == getattr(said, name) for name in SAID):
        return before
    changes = {name: getattr(said, name) for name in SAID}
    if before:
        saved = _next(before, by=by, at=at, **changes)
    else:
        place = max((one.place for one in present), default=0) + 1
        saved = PolicyVersion(
            policy=Policy.objects.create(),
            version=1,
            place=place,
            saved_by=by,
            saved_at=at,
            **changes,
        )
        _store(saved)
    record([_entry("policy_saved", saved)], at=at)
    return saved


@transaction.atomic
def move_policy(*, policy: Policy, up: bool, by: User, at: datetime) -> None:
    """Let a policy change places with the one above or below it; at the end it stays."""
    present = _locked()
    moved = _of(policy, present)
    _check_may_decide(moved, by)
    index = present.index(moved) + (-1 if up else 1)
    if not 0 <= index < len(present):
        return
    other = present[index]
    saved = [
        _next(moved, by=by, at=at, place=other.place),
        _next(other, by=by, at=at, place=moved.place),
    ]
    record([_entry("policy_moved", one) for one in saved], at=at)


@transaction.atomic
def retire_policy(*, policy: Policy, by: User, at: datetime) -> None:
    """Promise this no more: waits that open from now on go by the other policies."""
    present = _of(policy, _locked())
    _check_may_decide(present, by)
    record([_entry("policy_retired", _next(present, by=by, at=at, is_retired=True))], at=at)


def _locked() -> list[PolicyVersion]:
    """Return the list as it is; nobody else changes it until this transaction ends."""
    sets.execute("LOCK TABLE sla_policy IN SHARE ROW EXCLUSIVE MODE")
    return present_policies()


def _of(policy: Policy, present: list[PolicyVersion]) -> PolicyVersion:
    found = next((one for one in present if one.policy_id == policy.pk), None)
    if found is None:
        raise Conflict(GONE)
    return found


def _check_may_decide(version: PolicyVersion, user: User) -> None:
    if not version.may_be_decided_by(user):
        raise DeskError(f"{version.name} is not only your teams' promise: ask an admin.")


def _next(
    before: PolicyVersion, *, by: User | None, at: datetime, **changes: object
) -> PolicyVersion:
    kept: Mapping[str, object] = {name: getattr(before, name) for name in (*SAID, "place")}
    saved = PolicyVersion(
        policy_id=before.policy_id,
        version=before.version + 1,
        saved_at=at,
        saved_by=by,
        **{**kept, **changes},
    )
    _store(saved)
    return saved


def _store(version: PolicyVersion) -> None:
    try:
        version.full_clean()
    except ValidationError as error:
        raise DeskError(sentence(error)) from error
    version.save(force_insert=True)


def _entry(kind: str, version: PolicyVersion) -> Entry:
    data: dict[str, object] = {"policy": version.policy_id, "version": version.version}
    return Entry(
        kind=kind, by_id=version.saved_by_id, channel_id=version.channel_id, data=data, quiet=True
    )
