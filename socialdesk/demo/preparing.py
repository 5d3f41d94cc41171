"""Filling an empty database with the demo desk, and telling how to sign in to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from apps.agents.models import Membership, Shift, Team, User
from apps.channels.models import Channel
from apps.common.errors import DeskError
from socialdesk.demo import history, programme, replaying, scene, square
from socialdesk.demo.cast import CARE, COLLEAGUES, MIA, ON_SHIFT_SINCE, PASSWORD, SHOP, SIGN_INS
from socialdesk.demo.casting import Casting
from socialdesk.demo.crowd import Customer, gather
from socialdesk.demo.floor import Floor
from socialdesk.demo.happenings import Account, Said, known_at
from socialdesk.demo.play import Play
from socialdesk.demo.script import read_all

SEED = 20

Tell = Callable[[str], None]


@transaction.atomic
def prepare(*, at: datetime, tell: Tell, seed: int = SEED) -> None:
    """Hire, connect and play ninety days that end at `at`: all of it or nothing.

    `tell` hears what is being done. DeskError if somebody works here already.
    """
    if User.objects.exists():
        raise DeskError(
            "The demo desk fills an empty database only, and people work in this one."
            " To begin anew, delete everything first: make reset"
        )
    begins = at - timedelta(days=programme.DAYS)
    tell("hiring colleagues and connecting three brands")
    teams = {name: Team.objects.create(name=name) for name in (CARE, SHOP)}
    people = _hire(teams, at=begins - ON_SHIFT_SINCE)
    accounts = square.open_accounts(teams, at=begins - square.JOINED_BEFORE)
    tell("inviting two hundred customers to Square")
    customers = gather(Casting.chance_of(seed, "customers"))
    square.let_join(customers, at=begins - square.JOINED_BEFORE)
    tell("playing ninety days of talks")
    play = _play(people, accounts, customers, begins=begins, ends=at, seed=seed)
    said = [happening for happening in play.happenings if isinstance(happening, Said)]
    square.publish(said)
    tell("writing their history")
    now_begins = at - scene.LENGTH
    history.write([h for h in play.happenings if known_at(h) <= now_begins])
    tell("letting the last hour happen")
    replaying.replay([h for h in play.happenings if known_at(h) > now_begins])
    for account in accounts.values():
        heard = max(one.heard_at for one in said if one.account is account)
        Channel.objects.filter(id=account.channel.pk).update(last_delivery_at=heard)


def sign_ins() -> list[tuple[str, str, str, str]]:
    """Return name, role, e-mail and password of the demo's people while these still hold."""
    users = {
        user.email: user
        for user in User.objects.filter(email__in=[who.email for who, _ in SIGN_INS])
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


def _hire(teams: dict[str, Team], *, at: datetime) -> dict[str, User]:
    """Everybody is on shift from long ago without end, and signs in with the same password."""
    encoded = make_password(PASSWORD)
    people = {}
    for colleague in COLLEAGUES:
        user = User.objects.create(
            email=colleague.email,
            name=colleague.name,
            role=colleague.role,
            initials=colleague.initials,
            capacity=colleague.capacity,
            password=encoded,
        )
        Shift.objects.create(user=user, starts_at=at)
        for team in colleague.teams:
            Membership.objects.create(user=user, team=teams[team])
        people[colleague.name] = user
    return people


def _play(
    people: dict[str, User],
    accounts: dict[str, Account],
    customers: list[Customer],
    *,
    begins: datetime,
    ends: datetime,
    seed: int,
) -> Play:
    agents = [who for who in COLLEAGUES if who.role == User.Role.AGENT]
    floor = Floor(
        {
            account.channel.team_id: [
                people[who.name] for who in agents if account.channel.team.name in who.teams
            ]
            for account in accounts.values()
        }
    )
    play = Play(
        floor,
        begins=begins,
        ends=ends,
        tongues={people[who.name]: who.languages for who in agents},
        paces={people[who.name]: who.pace for who in agents},
        mia=people[MIA.name],
    )
    casting = Casting(play, seed=seed, customers=customers, accounts=accounts, scripts=read_all())
    now_begins = ends - scene.LENGTH
    programme.everyday(casting, start=begins, end=now_begins - timedelta(minutes=40))
    programme.outage(casting, now=ends)
    programme.brand_posts(casting, start=begins, end=now_begins)
    scene.lingering(casting, now=ends)
    play.run(until=now_begins)
    play.forget_the_rest()
    scene.last_hour(casting, now=ends)
    play.run(until=ends)
    return play
