"""Proposing that two identities are one person, by what both told: called by the sweep.

The desk only says what speaks for it and where that stands; a person decides.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations, takewhile

from django.db import transaction
from django.db.models.functions import Left, Lower

from apps.conversations.models import Message, Trace, TracesRead
from apps.customers.models import Identity, Match
from apps.customers.patterns import Kind
from apps.customers.told import LONGEST, facts

NAMES_ONE = (Kind.EMAIL, Kind.PHONE, Kind.LINK, Kind.HANDLE)
MOST_WHO_SHARE = 3
"""What more identities tell than these is nobody's own: a shop's address, a hotline."""

LAG = timedelta(seconds=30)
"""Messages become readable in another order than their ids: nothing younger is looked at."""

AT_ONCE, MOST_ROUNDS = 1000, 20

Told = tuple[str, str]


def propose_matches(*, at: datetime) -> int:
    """Look through what customers wrote since the last look; return how many were proposed."""
    proposed = 0
    for _ in range(MOST_ROUNDS):
        some = _look_through_some(at=at)
        if some is None:
            break
        proposed += some
    return proposed


@transaction.atomic
def _look_through_some(*, at: datetime) -> int | None:
    TracesRead.objects.get_or_create(id=1)
    read = TracesRead.objects.select_for_update().get(id=1)
    rows = (
        Message.objects.filter(id__gt=read.message_id)
        .order_by("id")
        .values_list("id", "direction", "identity_id", "received_at", Left("text", LONGEST))
    )
    ripe = list(takewhile(lambda row: row[3] <= at - LAG, rows[:AT_ONCE]))
    if not ripe:
        return None
    read.message_id = ripe[-1][0]
    read.save(update_fields=["message_id"])
    inbound = [row for row in ripe if row[1] == Message.Direction.INBOUND and row[2]]
    traces = [
        Trace(kind=fact.kind, key=fact.key[:300], identity_id=identity_id, message_id=message_id)
        for message_id, _, identity_id, _, text in inbound
        for fact in facts(text)
        if fact.kind in NAMES_ONE
    ]
    Trace.objects.bulk_create(traces, ignore_conflicts=True)
    return _propose({(str(t.kind), t.key) for t in traces}, at=at)


def _propose(told: set[Told], *, at: datetime) -> int:
    evidence: dict[tuple[int, int], list[dict[str, object]]] = {}
    for one, other, kind, key, messages in _pairs(told):
        left, right = sorted((one.pk, other.pk))
        said: dict[str, object] = {"kind": kind, "value": key, "messages": messages}
        if one.customer_id != other.customer_id:
            evidence.setdefault((left, right), []).append(said)
    known = set(
        Match.objects.filter(left__in=[left for left, _ in evidence]).values_list("left", "right")
    )
    new = [
        Match(
            left_id=left,
            right_id=right,
            state=Match.State.PROPOSED,
            evidence=evidence[left, right],
            proposed_at=at,
        )
        for left, right in sorted(evidence.keys() - known)
    ]
    Match.objects.bulk_create(new)
    return len(new)


def _pairs(told: set[Told]) -> Iterable[tuple[Identity, Identity, str, str, list[int]]]:
    shared: dict[Told, list[Trace]] = {}
    keys = [key for _, key in told]
    for trace in Trace.objects.filter(key__in=keys).select_related("identity").order_by("identity"):
        if (trace.kind, trace.key) in told:
            shared.setdefault((trace.kind, trace.key), []).append(trace)
    handles = _with_handles(key for kind, key in told if kind == Kind.HANDLE)
    for (kind, key), traces in shared.items():
        if len(traces) <= MOST_WHO_SHARE:
            for one, other in combinations(traces, 2):
                pair = [one.message_id, other.message_id]
                yield one.identity, other.identity, kind, key, pair
        for named in handles.get(key, []) if kind == Kind.HANDLE else []:
            for trace in traces:
                if trace.identity_id != named.pk and trace.identity.network != named.network:
                    yield trace.identity, named, kind, key, [trace.message_id]


def _with_handles(keys: Iterable[str]) -> dict[str, list[Identity]]:
    found: dict[str, list[Identity]] = {}
    wanted = list(keys)
    if not wanted:
        return found
    for identity in Identity.objects.alias(plain=Lower("handle")).filter(plain__in=wanted):
        found.setdefault(identity.handle.casefold(), []).append(identity)
    return {key: people for key, people in found.items() if len(people) <= MOST_WHO_SHARE}
