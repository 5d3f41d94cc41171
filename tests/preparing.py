"""`python -m tests.preparing ana=500 ben=0 --undo 10`: people and one brand in another desk.

Makes Ana, Ben and Chi with these capacities, the manager Mia, and @acme on Square, connected to
the desk. Runs within the desk under test, and prints what its callers need as JSON.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import django

from socialdesk.servers import hold

if TYPE_CHECKING:
    from tests.servers_and_supervisor.desk import Desk

NAMES = {"ana": "Ana Bauer", "ben": "Ben Wood", "chi": "Chi Okafor"}


def prepared(desk: "Desk", *arguments: str) -> dict[str, Any]:
    """Run this module in a desk that is up, and return what it told."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.preparing", *arguments],
        env=desk.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def prepare(capacities: dict[str, int], undo_seconds: int) -> dict[str, Any]:
    """Make them; models can be imported only after Django is set up."""
    from django.conf import settings
    from django.utils import timezone

    from apps.square import operations as square
    from tests.people import PASSWORD, SECRET, a_channel, a_team, a_user, mia

    team = a_team()
    agents = [
        a_user(NAMES[name], team=team, capacity=capacity, undo_seconds=undo_seconds)
        for name, capacity in capacities.items()
    ]
    mia(team)
    brand = square.join(handle="acme", name="Acme", is_brand=True, at=timezone.now())
    channel = a_channel(
        "@acme",
        team=team,
        account_id=brand.external_id,
        base_url=f"{settings.DESK_URL}/square",
        token=square.issue_token(person=brand),
    )
    square.subscribe(person=brand, url=f"{settings.DESK_URL}/hooks/{channel.pk}/", secret=SECRET)
    return {
        "channel": channel.pk,
        "emails": [person.email for person in agents],
        "password": PASSWORD,
        "database": os.environ["DATABASE_URL"],
    }


def main() -> None:
    """Read the capacities and make everybody."""
    parser = argparse.ArgumentParser()
    parser.add_argument("capacities", nargs="+", type=lambda word: word.split("="))
    parser.add_argument("--undo", type=int, default=10)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialdesk.settings")
    with hold():
        django.setup()
        capacities = {name: int(capacity) for name, capacity in asked.capacities}
        print(json.dumps(prepare(capacities, asked.undo)))


if __name__ == "__main__":
    main()
