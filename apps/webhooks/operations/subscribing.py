"""What admins decide about who is told: every deed an event."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from apps.agents.models import Team, User
from apps.agents.notifications import NotificationKind
from apps.common import sets
from apps.common.doorbell import ring_after_commit
from apps.common.errors import DeskError, sentence
from apps.common.guard import GuardError
from apps.conversations.operations.notifying import Telling, note_gone, tell
from apps.ledger.recording import OUTBOX_TASK, Entry, record
from apps.webhooks.catalogue import KINDS, TESTED
from apps.webhooks.guard import guard
from apps.webhooks.models import Dispatch, Subscription
from apps.webhooks.signing import new_secret

ROTATION = timedelta(hours=24)
CHOSEN = {"name", "url", "kinds"}


@transaction.atomic
def subscribe(
    *, name: str, url: str, kinds: Collection[str], teams: Collection[Team], by: User, at: datetime
) -> Subscription:
    """Have an endpoint told from now on; without teams, of all of them. DeskError says why not."""
    _must_be_admin(by)
    subscription = Subscription(
        name=name,
        url=url,
        kinds=sorted(kinds),
        secret=new_secret(),
        created_at=at,
        created_by=by,
    )
    _check(subscription)
    subscription.save()
    subscription.teams.set(teams)
    _tell_the_ledger()
    _record("webhook_added", subscription, by=by, at=at)
    return subscription


@transaction.atomic
def change(
    *,
    subscription: Subscription,
    name: str,
    url: str,
    kinds: Collection[str],
    teams: Collection[Team],
    by: User,
    at: datetime,
) -> None:
    """Have it told otherwise from now on; what waits goes to the new address."""
    present = _locked(subscription, by=by)
    wanted = {"name": name, "url": url, "kinds": sorted(kinds)}
    changed = [field for field, value in wanted.items() if getattr(present, field) != value]
    for field in changed:
        setattr(present, field, wanted[field])
    _check(present)
    present.save(update_fields=changed)
    if {team.pk for team in teams} != {team.pk for team in present.teams.all()}:
        present.teams.set(teams)
        changed.append("teams")
    if changed:
        _tell_the_ledger()
        _record("webhook_changed", present, by=by, at=at, changed=changed)


@transaction.atomic
def show_secret(*, subscription: Subscription, by: User, at: datetime) -> Subscription:
    """Return it with the secrets that sign; that somebody saw them is an event."""
    present = _locked(subscription, by=by)
    _record("webhook_secret_shown", present, by=by, at=at)
    return present


@transaction.atomic
def rotate(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Sign with a new secret, and for a day with the present one as well."""
    present = _locked(subscription, by=by)
    present.previous_secret, present.previous_until = present.secret, at + ROTATION
    present.secret = new_secret()
    present.save(update_fields=["secret", "previous_secret", "previous_until"])
    _record("webhook_secret_rotated", present, by=by, at=at)


@transaction.atomic
def end_rotation(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Sign with the new secret alone."""
    present = _locked(subscription, by=by)
    if present.previous_secret:
        present.previous_secret, present.previous_until = "", None
        present.save(update_fields=["previous_secret", "previous_until"])
        _record("webhook_old_secret_dropped", present, by=by, at=at)


@transaction.atomic
def switch_on(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Tell it again, first of what had waited; what happened meanwhile it was never to hear."""
    present = _locked(subscription, by=by)
    if present.is_on:
        return
    present.is_on, present.is_failed, present.off_because = True, False, ""
    present.rests_until = None
    present.save(update_fields=["is_on", "is_failed", "off_because", "rests_until"])
    waiting = present.dispatches.filter(state=Dispatch.State.WAITING)
    waiting.update(next_at=at)
    _tell_the_ledger()
    _record("webhook_switched_on", present, by=by, at=at)
    ring_after_commit(OUTBOX_TASK)


@transaction.atomic
def switch_off(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Tell it nothing until it is switched on again; what waits is kept."""
    _must_be_admin(by)
    turn_off(subscription=subscription, because=f"{by.name} switched it off.", by=by, at=at)


def turn_off(*, subscription: Subscription, because: str, by: User | None, at: datetime) -> bool:
    """Switch it off and say why; False if it was off already.

    Where the desk does so itself, every admin is notified, and their open pages are told.
    """
    present = Subscription.objects.select_for_update(no_key=True).get(id=subscription.pk)
    if not present.is_on:
        return False
    present.is_on, present.is_failed, present.off_because = False, by is None, because
    present.save(update_fields=["is_on", "is_failed", "off_because"])
    _tell_the_ledger()
    _record("webhook_switched_off", present, by=by, at=at, because=because)
    if by is None:
        _tell_admins(present, at=at)
    return True


def _tell_admins(subscription: Subscription, *, at: datetime) -> None:
    admins = User.objects.filter(role=User.Role.ADMIN, is_active=True).order_by("id")
    tell(
        [
            Telling(
                recipient_id=admin_id,
                kind=NotificationKind.WEBHOOK,
                about_id=subscription.pk,
                about=subscription.name,
                why=subscription.off_because,
            )
            for admin_id in admins.values_list("id", flat=True)
        ],
        at=at,
    )


@transaction.atomic
def remove(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Forget the endpoint with its log and whatever waits."""
    present = _locked(subscription, by=by)
    waiting = present.dispatches.filter(state=Dispatch.State.WAITING).count()
    _record("webhook_removed", present, by=by, at=at, waiting=waiting)
    note_gone(kind=NotificationKind.WEBHOOK, about_id=present.pk)
    present.delete()
    _tell_the_ledger()


@transaction.atomic
def test(*, subscription: Subscription, by: User, at: datetime) -> None:
    """Have it told of a test, whatever it listens to; its log says how that went."""
    present = _locked(subscription, by=by)
    _must_be_on(present)
    _record(TESTED, present, by=by, at=at)


@transaction.atomic
def redeliver(*, dispatch: Dispatch, by: User, at: datetime) -> None:
    """Tell it once more, now, with all attempts ahead again; the id stays the same."""
    subscription = _locked(dispatch.subscription, by=by)
    _must_be_on(subscription)
    present = Dispatch.objects.select_for_update(no_key=True).get(id=dispatch.pk)
    present.state, present.attempts = Dispatch.State.WAITING, 0
    present.next_at, present.settled_at = at, None
    present.save(update_fields=["state", "attempts", "next_at", "settled_at"])
    Subscription.objects.filter(id=subscription.pk).update(rests_until=None)
    _record("webhook_redelivered", subscription, by=by, at=at, event=present.event_id)
    ring_after_commit(OUTBOX_TASK)


def _locked(subscription: Subscription, *, by: User) -> Subscription:
    _must_be_admin(by)
    return Subscription.objects.select_for_update(no_key=True).get(id=subscription.pk)


def _must_be_admin(by: User) -> None:
    if not by.is_admin:
        raise DeskError("Only admins decide which programs are told what happens here.")


def _must_be_on(subscription: Subscription) -> None:
    if not subscription.is_on:
        raise DeskError("This webhook is off: switch it on first.")


def _check(subscription: Subscription) -> None:
    if unknown := sorted(set(subscription.kinds) - set(KINDS)):
        raise DeskError(f"There are no events named {unknown[0]}.")
    if not subscription.kinds:
        raise DeskError("Choose at least one kind of event.")
    try:
        guard().read(subscription.url)
    except GuardError as error:
        raise DeskError(str(error)) from error
    try:
        subscription.clean_fields(exclude=_fields_but(CHOSEN))
    except ValidationError as error:
        raise DeskError(sentence(error)) from error


def _fields_but(names: set[str]) -> set[str]:
    return {field.name for field in Subscription._meta.fields} - names


def _tell_the_ledger() -> None:
    """Bring up to date what the ledger puts into the outbox; one admin at a time."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE ledger_interest IN SHARE ROW EXCLUSIVE MODE")
    sets.execute(
        """
        WITH wanted AS (
            SELECT DISTINCT listed.kind, chosen.team_id
            FROM webhooks_subscription subscription
            CROSS JOIN unnest(subscription.kinds) AS listed (kind)
            LEFT JOIN webhooks_subscription_teams chosen
                ON chosen.subscription_id = subscription.id
            WHERE subscription.is_on
            UNION SELECT %b::text, NULL FROM webhooks_subscription WHERE is_on
        ), unwanted AS (
            DELETE FROM ledger_interest interest
            WHERE NOT EXISTS (
                SELECT FROM wanted
                WHERE wanted.kind = interest.kind
                  AND wanted.team_id IS NOT DISTINCT FROM interest.team_id
            )
        )
        INSERT INTO ledger_interest (kind, team_id) SELECT kind, team_id FROM wanted
        ON CONFLICT DO NOTHING
        """,
        TESTED,
    )


def _record(
    kind: str, subscription: Subscription, *, by: User | None, at: datetime, **data: object
) -> None:
    entry = Entry(
        kind=kind,
        by_id=by.pk if by else None,
        data={"webhook": subscription.pk, "name": subscription.name, **data},
        quiet=by is not None and kind != TESTED,
    )
    record([entry], at=at)
