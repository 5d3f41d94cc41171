"""Setting the stage: colleagues are hired, brands connected, customers join Square."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from apps.agents.models import Membership, Presence, Shift, Team, User
from socialdesk.demo import square
from socialdesk.demo.cast import BRANDS, CARE, COLLEAGUES, MIA, PASSWORD, SHOP
from socialdesk.demo.casting import Casting, chance_of
from socialdesk.demo.crowd import gather
from socialdesk.demo.floor import Floor
from socialdesk.demo.play import Play
from socialdesk.demo.script import read_all

HIRED_BEFORE = timedelta(days=400)
JOINED_BEFORE = timedelta(days=30)


def set_stage(*, begins: datetime, ends: datetime, seed: int) -> Casting:
    """Store everybody and every account; nothing has been said yet."""
    teams = {
        name: Team.objects.create(
            name=name, away_minutes=None, return_minutes=None, affinity_minutes=None
        )
        for name in (CARE, SHOP)
    }
    people = _hire(teams, at=begins - HIRED_BEFORE)
    joined_at = begins - JOINED_BEFORE
    accounts = {
        brand.handle: square.connect(brand, teams[brand.team], at=joined_at) for brand in BRANDS
    }
    customers = gather(chance_of(seed, "customers"))
    square.let_join(customers, at=joined_at)
    return Casting(
        _play(teams, people, begins=begins, ends=ends),
        seed=seed,
        customers=customers,
        accounts=accounts,
        scripts=read_all(),
    )


def _hire(teams: dict[str, Team], *, at: datetime) -> dict[str, User]:
    """Everybody is on shift and there from long ago without end, and signs in with the same
    password. Nobody sits at their colleagues' consoles, so silence makes none of them away.
    """
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
        Presence.objects.create(user=user, chosen_at=at, seen_at=at)
        for team in colleague.teams:
            Membership.objects.create(user=user, team=teams[team])
        people[colleague.name] = user
    return people


def _play(
    teams: dict[str, Team], people: dict[str, User], *, begins: datetime, ends: datetime
) -> Play:
    agents = [who for who in COLLEAGUES if who.role == User.Role.AGENT]
    return Play(
        Floor(
            {
                team.pk: [people[who.name] for who in agents if name in who.teams]
                for name, team in teams.items()
            }
        ),
        begins=begins,
        ends=ends,
        tongues={people[who.name]: who.languages for who in agents},
        paces={people[who.name]: who.pace for who in agents},
        mia=people[MIA.name],
    )
