"""`manage.py create_agent`: somebody who answers."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.utils import timezone

from apps.agents.models import Team, User
from apps.agents.operations import add_user
from apps.common.errors import DeskError
from socialdesk.management.asking import new_password
from socialdesk.management.deciding import DecidingCommand


class Command(DecidingCommand):
    """Makes an agent of one team, on shift from now until further notice."""

    help = "Make an agent; the password is asked for, or taken from NEW_PASSWORD."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who it is and where they work."""
        parser.add_argument("--email", required=True, help="the sign-in address")
        parser.add_argument("--name", required=True, help="as colleagues and customers read it")
        parser.add_argument("--team", required=True, help="whose channels they answer")

    def handle(self, *_args: object, email: str, name: str, team: str, **_options: object) -> None:
        """Make them, or say what to correct."""
        found = Team.objects.filter(name=team).first()
        if found is None:
            known = ", ".join(Team.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(
                f"There is no team {team} (there is {known}): name one, or make it with its first "
                "channel by manage.py add_channel."
            )
        try:
            user = add_user(
                email=email,
                name=name,
                password=new_password(),
                role=User.Role.AGENT,
                teams=[found],
                by=None,
                at=timezone.now(),
            )
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.name} answers for {team} and signs in as {user.email}.")
