"""`manage.py add_policy`: promise how fast people are answered."""

from argparse import ArgumentParser
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.agents.models import Team
from apps.channels.models import Channel
from apps.common.errors import DeskError
from apps.sla.models import BusinessHours, PolicyVersion
from apps.sla.operations import save_policy

Row = TypeVar("Row")
TARGETS = ("first_response", "next_response", "resolution")


class Command(BaseCommand):
    """Adds a policy at the end of the ordered list; the first that fits judges a wait."""

    help = "Promise how fast people are answered, from the next wait on."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take for whom it is, the targets in minutes, and by which hours they count."""
        parser.add_argument("--name", required=True, help="what the list and clocks call it")
        for target in TARGETS:
            minutes = f"--{target.replace('_', '-')}"
            parser.add_argument(minutes, type=int, metavar="MINUTES", dest=f"{target}_minutes")
        parser.add_argument("--channel", default="", help="only this account's, by its handle")
        parser.add_argument("--team", default="", help="only this team's")
        parser.add_argument("--surface", default="", help="only mention, comment or direct")
        parser.add_argument("--hours", default="", help="by these opening hours, else 24/7")
        parser.add_argument("--warn-percent", type=int, default=80, metavar="PERCENT")

    def handle(self, *_args: object, channel: str, team: str, hours: str, **options: Any) -> None:
        """Save it, or say what to correct."""
        said = PolicyVersion(
            channel=_one_of(list(Channel.objects.filter(handle=channel)), channel, "channel"),
            team=_one_of(list(Team.objects.filter(name=team)), team, "team"),
            business_hours=_one_of(list(BusinessHours.objects.filter(name=hours)), hours, "hours"),
            name=options["name"],
            surface=options["surface"],
            warn_percent=options["warn_percent"],
            **{f"{target}_minutes": options[f"{target}_minutes"] for target in TARGETS},
        )
        try:
            saved = save_policy(said=said, by=None, at=timezone.now())
        except DeskError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{saved.name} is number {saved.place} of the list; the first that fits judges a wait."
        )


def _one_of(found: list[Row], named: str, what: str) -> Row | None:
    if named and len(found) != 1:
        many = "several" if found else "none"
        raise CommandError(f"Name one {what}: there are {many} called {named}.")
    return found[0] if named else None
