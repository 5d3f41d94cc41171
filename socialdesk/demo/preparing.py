"""Filling an empty database with the demo desk, and telling how to sign in to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction

from apps.agents.models import Team, User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from socialdesk.demo import history, legs, programme, promises, replaying, scene, square
from socialdesk.demo.cast import COLLEAGUES, PASSWORD, SIGN_INS
from socialdesk.demo.casting import Casting
from socialdesk.demo.happenings import Said, known_at
from socialdesk.demo.stage import HIRED_BEFORE, set_stage

SEED = 20
AFFINITY_MINUTES = 15


@transaction.atomic
def prepare(*, at: datetime, tell: Callable[[str], None], seed: int = SEED) -> None:
    """Hire, connect and play ninety days that end at `at`: all of it or nothing.

    `tell` hears what is being done. DeskError if somebody works here already.
    """
    if User.objects.exists():
        raise DeskError(
            "The demo desk fills an empty database only, and people work in this one."
            " To begin anew, delete everything first: make reset"
        )
    begins = at - timedelta(days=programme.DAYS)
    tell("hiring colleagues, inviting customers")
    casting = set_stage(begins=begins, ends=at, seed=seed)
    promises.promise(at=begins - HIRED_BEFORE)
    tell("playing ninety days of talks")
    perform(casting, begins=begins, ends=at)
    tell("publishing them on Square")
    happenings = casting.play.happenings
    said = [happening for happening in happenings if isinstance(happening, Said)]
    square.publish(said)
    tell("writing their history")
    now_begins = at - scene.LENGTH
    history.write([h for h in happenings if known_at(h) <= now_begins])
    tell("letting the last hour happen")
    replaying.replay([h for h in happenings if known_at(h) > now_begins])
    promises.label(at=at)
    legs.spread()
    let_the_router_know()
    for account in casting.accounts.values():
        heard = max(one.heard_at for one in said if one.account is account)
        Channel.objects.filter(id=account.channel.pk).update(last_delivery_at=heard)


def let_the_router_know() -> None:
    """From now on who helped a customer before, and who writes their language, comes first."""
    Team.objects.update(affinity_minutes=AFFINITY_MINUTES)
    for colleague in COLLEAGUES:
        User.objects.filter(email=colleague.email).update(languages=list(colleague.languages))


def perform(casting: Casting, *, begins: datetime, ends: datetime) -> None:
    """Play the whole programme, and then the scene that is on now."""
    now_begins = ends - scene.LENGTH
    programme.everyday(casting, start=begins, end=now_begins - timedelta(minutes=40))
    programme.outage(casting, now=ends)
    programme.brand_posts(casting, start=begins, end=now_begins)
    scene.before(casting, now=ends)
    casting.play.run(until=now_begins)
    casting.play.forget_the_rest()
    scene.last_hour(casting, now=ends)
    casting.play.run(until=ends)


def sign_ins() -> list[tuple[str, str, str, str]]:
    """Return name, role, e-mail and password of the demo's people while these still hold."""
    users = {
        user.email: user
        for user in User.objects.filter(
            email__in=[who.email for who, _ in SIGN_INS], is_active=True
        )
    }
    # They share one hash, so one slow look is enough while nobody changed their password.
    holds = {
        encoded: check_password(PASSWORD, encoded)
        for encoded in {user.password for user in users.values()}
    }
    return [
        (who.name, role, who.email, PASSWORD)
        for who, role in SIGN_INS
        if who.email in users and holds[users[who.email].password]
    ]
