"""What the desk promises is decided: policies are saved, moved in their order, and retired."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.agents.models import User
from apps.common import sets
from apps.common.errors import Conflict, DeskError, sentence
from apps.ledger.recording import Entry, record
from apps.sla.models import Policy, PolicyVersion
from apps.sla.operations.placing import in_order, place_for
from apps.sla.queries import newest_version, present_policies

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
    *,
    said: PolicyVersion,
    policy: Policy | None = None,
    rank: int | None = None,
    seen: int | None = None,
    by: User | None,
    at: datetime,
) -> PolicyVersion:
    """Save what `said` says as the next version of a policy, or as a new one.

    `said` isn't stored itself. `rank` is where it shall stand in the list, 1 the first; without
    one a policy stays where it is, and a new one comes last. `seen` is the newest version of all
    that the person had before them: who would decide unseen of a colleague's saving gets a
    Conflict. Nothing is saved where nothing differs from the version before. DeskError says what
    to correct, or who may decide.
    """
    present = _locked(seen)
    before = None if policy is None else _of(policy, present)
    if by and not all(one.may_be_decided_by(by) for one in (said, before) if one):
        raise DeskError(
            "Managers decide about their own teams' promises: choose one of your teams or"
            " channels, or ask an admin."
        )
    _refuse_retired(said, before)
    place, moved = place_for(before, rank, present)
    changes = {name: getattr(said, name) for name in SAID} | {"place": place}
    if before and all(getattr(before, name) == value for name, value in changes.items()):
        return before
    entries = _make_room(moved, by=by, at=at)
    if before:
        saved = _next(before, by=by, at=at, **changes)
    else:
        saved = PolicyVersion(
            policy=Policy.objects.create(), version=1, saved_by=by, saved_at=at, **changes
        )
        _store(saved)
    record([_entry("policy_saved", saved), *entries], at=at)
    return saved


@transaction.atomic
def move_policy(
    *, policy: Policy, rank: int, seen: int | None = None, by: User, at: datetime
) -> None:
    """Let a policy stand elsewhere in the list, 1 the first; at an end it stays there."""
    present = _locked(seen)
    before = _of(policy, present)
    _check_may_decide(before, by)
    place, moved = place_for(before, rank, present)
    if place == before.place:
        return
    entries = _make_room(moved, by=by, at=at)
    record([_entry("policy_moved", _next(before, by=by, at=at, place=place)), *entries], at=at)


@transaction.atomic
def retire_policy(*, policy: Policy, seen: int | None = None, by: User, at: datetime) -> None:
    """Promise this no more: waits that open from now on go by the other policies."""
    present = _of(policy, _locked(seen))
    _check_may_decide(present, by)
    record([_entry("policy_retired", _next(present, by=by, at=at, is_retired=True))], at=at)


def as_it_would_be(
    said: PolicyVersion, policy: Policy | None, *, rank: int | None
) -> list[PolicyVersion]:
    """Return the list in its order as saving would leave it; nothing is stored."""
    present = present_policies()
    before = None if policy is None else _of(policy, present)
    others = [one for one in present if one != before]
    return in_order(said, others, rank or (present.index(before) + 1 if before else None))


def _locked(seen: int | None) -> list[PolicyVersion]:
    """Return the list as it is; nobody else changes it until this transaction ends."""
    sets.execute("LOCK TABLE sla_policy IN SHARE ROW EXCLUSIVE MODE")
    newest = newest_version()
    if seen is not None and newest is not None and newest.pk > seen:
        who = newest.saved_by.name if newest.saved_by else "Somebody"
        what = "retired" if newest.is_retired else "saved"
        raise Conflict(
            f"{who} {what} {newest.name} while you were at it. The list is shown as it is now:"
            " look at it, then decide again."
        )
    return present_policies()


def _of(policy: Policy, present: Sequence[PolicyVersion]) -> PolicyVersion:
    found = next((one for one in present if one.policy_id == policy.pk), None)
    if found is None:
        raise Conflict(GONE)
    return found


def _check_may_decide(version: PolicyVersion, user: User) -> None:
    if not version.may_be_decided_by(user):
        raise DeskError(f"{version.name} is not only your teams' promise: ask an admin.")


def _refuse_retired(said: PolicyVersion, before: PolicyVersion | None) -> None:
    for label, earlier in ((said.tag, before and before.tag), (said.flag, before and before.flag)):
        if label and label.is_retired and label != earlier:
            raise DeskError(f"{label.name} is retired: choose another {label.NOUN}.")


def _make_room(moved: Mapping[PolicyVersion, int], *, by: User | None, at: datetime) -> list[Entry]:
    return [
        _entry("policy_moved", _next(one, by=by, at=at, place=place))
        for one, place in moved.items()
    ]


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
