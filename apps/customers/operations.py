"""Who is whose: taking identities for one person, and apart again exactly as they were.

An identity keeps the customer it was born with, its home. Whose it is now follows from the
confirmed matches alone: those that hang together are one person, known as the first of their
homes. So whatever happened in between, taking a match back leaves what would be without it.
What colleagues attach to a person hangs on an identity or on its home, and goes with it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.agents.models import User
from apps.common.errors import Conflict, DeskError
from apps.common.text import storable
from apps.customers.models import Customer, Identity, Match
from apps.ledger.recording import Entry, record

LONGEST = 300


@transaction.atomic
def merge(*, one: Identity, other: Identity, reason: str, by: User, at: datetime) -> Match:
    """Decide by hand that two identities are one person; the reason is for whoever doubts it."""
    said = _reason(reason, "Say why they are one person, so that a colleague can check it.")
    take_turns()
    left, right = sorted((one.pk, other.pk))
    if left == right:
        raise DeskError("That is the same identity. Choose another.")
    if _customer_of(left) == _customer_of(right):
        raise Conflict("They are one person already.")
    proposed = Match.objects.filter(left=left, right=right, state=Match.State.PROPOSED).first()
    match = proposed or Match(left_id=left, right_id=right)
    match.reason = said
    _decide(match, Match.State.CONFIRMED, by=by, at=at)
    return match


@transaction.atomic
def confirm(*, match: Match, by: User, at: datetime) -> None:
    """Decide that a proposed match is right."""
    take_turns()
    _decide(_still_proposed(match), Match.State.CONFIRMED, by=by, at=at)


@transaction.atomic
def reject(*, match: Match, by: User, at: datetime) -> None:
    """Decide that they are two people; it isn't proposed again."""
    take_turns()
    _decide(_still_proposed(match), Match.State.REJECTED, by=by, at=at)


@transaction.atomic
def part(*, match: Match, reason: str, by: User, at: datetime) -> None:
    """Take a decision that two were one person back: everything is as it would be without it."""
    said = _reason(reason, "Say why they are not one person, so that nobody merges them again.")
    take_turns()
    present = Match.objects.get(id=match.pk)
    if present.state != Match.State.CONFIRMED:
        raise Conflict("They were taken apart already.")
    present.state = Match.State.PARTED
    present.parted_by, present.parted_at, present.parted_because = by, at, said
    present.save()
    _regroup([present.left_id, present.right_id])
    _record("parted", present, by=by, at=at)


@transaction.atomic
def name_customer(*, customer: Customer, name: str, by: User, at: datetime) -> None:
    """Say what colleagues call somebody; without a name it is what they last called themselves."""
    chosen = storable(" ".join(name.split()))
    if len(chosen) > LONGEST:
        raise DeskError(f"Choose a shorter name: up to {LONGEST} characters.")
    present = Customer.objects.select_for_update(no_key=True).get(id=customer.pk)
    if present.name == chosen:
        return
    present.name = chosen
    present.save(update_fields=["name"])
    entry = Entry(kind="customer_named", by_id=by.pk, customer_id=present.pk)
    record([entry], at=at)


def take_turns() -> None:
    """One decision about identities at a time: each looks at all that hangs together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matches'))")


def _decide(match: Match, state: str, *, by: User, at: datetime) -> None:
    match.state = state
    match.decided_by, match.decided_at = by, at
    match.save()
    if state == Match.State.CONFIRMED:
        _regroup([match.left_id, match.right_id])
    _record(state, match, by=by, at=at)


def _still_proposed(match: Match) -> Match:
    present = Match.objects.get(id=match.pk)
    if present.state != Match.State.PROPOSED:
        raise Conflict("A colleague decided this a moment ago.")
    return present


def _regroup(identity_ids: Collection[int]) -> None:
    """Say anew whose these identities are, and all that hang or hung together with them."""
    people = {i.pk: i for i in _all_touched(identity_ids)}
    group = {pk: pk for pk in people}

    def root(pk: int) -> int:
        while group[pk] != pk:
            pk = group[pk]
        return pk

    homes: dict[int, int] = {}
    for identity in people.values():
        first = homes.setdefault(identity.home_id or identity.customer_id, identity.pk)
        group[root(identity.pk)] = root(first)
    for left, right in _confirmed(people).values_list("left", "right"):
        group[root(left)] = root(right)
    first_home: dict[int, int] = {}
    for home, pk in homes.items():
        first_home[root(pk)] = min(home, first_home.get(root(pk), home))
    for identity in people.values():
        home = identity.home_id or identity.customer_id
        customer = first_home[root(identity.pk)]
        Identity.objects.filter(id=identity.pk).update(
            customer=customer, home=None if customer == home else home
        )


def _all_touched(identity_ids: Collection[int]) -> list[Identity]:
    """Whoever shares a customer, a home or a confirmed match with one of these, and so on."""
    found: set[int] = set()
    more = set(identity_ids)
    while more - found:
        found |= more
        rows = Identity.objects.filter(id__in=found).values_list("customer", "home")
        customers = {pk for row in rows for pk in row if pk is not None}
        near = Q(customer__in=customers) | Q(home__in=customers)
        more = set(Identity.objects.filter(near).values_list("id", flat=True))
        for pair in _confirmed(found | more).values_list("left", "right"):
            more |= set(pair)
    ordered = Identity.objects.filter(id__in=found).order_by("id")
    return list(ordered.select_for_update(no_key=True))


def _confirmed(identity_ids: Iterable[int]) -> QuerySet[Match]:
    ids = list(identity_ids)
    either = Q(left__in=ids) | Q(right__in=ids)
    return Match.objects.filter(either, state=Match.State.CONFIRMED)


def _customer_of(identity_id: int) -> int:
    return Identity.objects.get(id=identity_id).customer_id


def _reason(reason: str, advice: str) -> str:
    said = storable(" ".join(reason.split()))
    if not said:
        raise DeskError(advice)
    if len(said) > LONGEST:
        raise DeskError(f"Say it in up to {LONGEST} characters.")
    return said


def _record(state: str, match: Match, *, by: User, at: datetime) -> None:
    ids = sorted({_customer_of(match.left_id), _customer_of(match.right_id)})
    entries = [
        Entry(kind=f"match_{state}", by_id=by.pk, customer_id=pk, data={"match": match.pk})
        for pk in ids
    ]
    record(entries, at=at)
